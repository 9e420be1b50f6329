"""The inbox: what machines send is kept as it came, before anybody reads it."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.core.inbox.querysets import QuarantinedQuerySet

QuarantinedManager = models.Manager.from_queryset(QuarantinedQuerySet)

# The body never changes after it was received, except that personal data may be blanked out of it.
AS_IT_CAME = [
    pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
    pgtrigger.Protect(
        name="as_it_came",
        operation=pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]  # the package has no types here
            "source", "external_id", "fingerprint", "body", "received_at"
        ),
        condition=pgtrigger.Condition("current_setting('toonbank.redacting', true) IS DISTINCT FROM 'on'"),
    ),
]


class DocumentStatus(models.TextChoices):
    RECEIVED = "received", _("Received")
    BOOKED = "booked", _("Booked")
    PARTLY = "partly", _("Partly booked")
    QUARANTINED = "quarantined", _("Quarantined")


class InboxDocument(models.Model):
    """One document of one source, raw. `external_id` is the source's own key; `body` is JSON as read from the wire."""

    source = models.CharField(_("source"), max_length=48)
    external_id = models.CharField(_("document"), max_length=128)
    fingerprint = models.CharField(max_length=64)
    body = models.JSONField()
    status = models.CharField(
        _("status"), max_length=12, choices=DocumentStatus.choices, default=DocumentStatus.RECEIVED
    )
    received_at = models.DateTimeField(_("received"), default=timezone.now)

    class Meta:
        verbose_name = _("inbox document")
        verbose_name_plural = _("inbox documents")
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id", "fingerprint"], name="inbox_document_once")
        ]
        triggers = AS_IT_CAME

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"


class Quarantined(models.Model):
    """A row that could not be booked: where it stands, exactly what is wrong, and how to mend it.

    `row` is the row of a file as a spreadsheet counts them (the header is row 1), or 0 for a document as a whole. `field`
    is a column or a path (`lines.1.sku`), `raw` the row itself. `reason` and `mend` are source texts with parameters,
    translated when shown. `amount` is the money the row speaks of, so that booked + quarantined always equals what came
    in; empty when even that cannot be read. `locations` are the stores that may see it; none means head office only.
    """

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    document = models.ForeignKey(
        InboxDocument,
        models.PROTECT,
        related_name="quarantined",
        db_index=False,
        verbose_name=_("document as received"),
    )
    source = models.CharField(_("source"), max_length=48)
    external_id = models.CharField(_("document"), max_length=128)
    row = models.IntegerField(_("row"), default=0)
    field = models.CharField(_("field"), max_length=64, blank=True)
    value = models.TextField(_("value"), blank=True)
    code = models.CharField(_("code"), max_length=48)
    reason = models.TextField(_("reason"))
    mend = models.TextField(_("how to mend it"))
    params = models.JSONField(default=dict)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    raw = models.JSONField()
    locations = ArrayField(models.BigIntegerField(), default=list)
    recorded_at = models.DateTimeField(_("quarantined"), default=timezone.now)
    mended_at = models.DateTimeField(_("mended"), null=True)

    objects = QuarantinedManager()

    class Meta:
        verbose_name = _("quarantined row")
        verbose_name_plural = _("quarantined rows")
        ordering = ["-recorded_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["document", "row"], name="quarantined_once")]
        indexes = [
            models.Index(
                fields=["-recorded_at", "-id"], name="quarantined_open", condition=models.Q(mended_at__isnull=True)
            ),
            models.Index(fields=["source", "external_id"], name="quarantined_by_source"),
        ]

    def __str__(self) -> str:
        return self.external_id

    def get_absolute_url(self) -> str:
        return reverse("inbox:quarantined", kwargs={"key": self.key})

    def reason_shown(self) -> str:
        """Why, in the reader's language."""
        return self._shown(self.reason)

    def mend_shown(self) -> str:
        """What to do about it, in the reader's language."""
        return self._shown(self.mend)

    def _shown(self, text: str) -> str:
        return gettext(text) % {"field": self.field, "value": self.value, **self.params}
