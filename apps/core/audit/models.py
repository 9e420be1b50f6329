"""The audit trail: what a field was and is, for things that people and programs may change."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _


class Change(models.Model):
    """A row of an audited table was changed, made or removed: by whom, through what, in which request, and why.

    Triggers write it, so that no way of writing goes past it: services, bulk updates, SQL by hand. `object_type` and
    `object_key` name the thing that somebody opens a page of; the row may be a part of it (a price of a product).
    `fields` holds [before, after] by column.

    A row of kind `reason` has no table: it says why what the event log holds was done, which has no place for what people write.
    """

    class Kind(models.TextChoices):
        UPDATE = "update", _("changed")
        INSERT = "insert", _("added")
        DELETE = "delete", _("removed")
        REASON = "reason", _("explained")

    at = models.DateTimeField()
    object_type = models.CharField(max_length=32)
    object_key = models.CharField(max_length=64)
    table = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    fields = models.JSONField()
    actor = models.CharField(max_length=40)
    source = models.CharField(max_length=8)
    request_id = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["object_type", "object_key", "-id"], name="change_of_object")]
        triggers = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="only_redacted",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("current_setting('toonbank.redacting', true) IS DISTINCT FROM 'on'"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_key} {self.kind}"
