"""The events that joined source records into customers."""

import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MatchEvent(models.Model):
    """Why a source record belongs to a customer. Insert-only: taking apart is another event."""

    class Kind(models.TextChoices):
        NEW = "new", _("New customer")
        RECOGNISED = "recognised", _("Recognised")

    source_record = models.ForeignKey("customers.SourceRecord", models.PROTECT, related_name="match_events")
    customer_key = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    evidence = models.CharField(max_length=32, blank=True)
    rule_version = models.CharField(max_length=16)
    actor = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.source_record_id} {self.kind}"
