"""The inbox: what machines send is kept as it came, before anybody reads it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class DocumentStatus(models.TextChoices):
    RECEIVED = "received"
    BOOKED = "booked"
    QUARANTINED = "quarantined"
    PARTLY = "partly"


class InboxDocument(models.Model):
    """One document of one source, raw. `external_id` is the source's own key; `body` is JSON as read from the wire."""

    source = models.CharField(max_length=48)
    external_id = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64)
    body = models.JSONField()
    status = models.CharField(max_length=12, choices=DocumentStatus.choices, default=DocumentStatus.RECEIVED)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id", "fingerprint"], name="inbox_document_once")
        ]
        indexes = [models.Index(fields=["source", "external_id"], name="inbox_by_source")]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"


class Quarantined(models.Model):
    """A row that could not be booked: where it stands, exactly what is wrong, and how to mend it.

    `amount` is the money the row speaks of, so that booked + quarantined always equals what came in.
    """

    source = models.CharField(max_length=48)
    external_id = models.CharField(max_length=128)
    row = models.IntegerField()
    field = models.CharField(max_length=64, blank=True)
    value = models.TextField(blank=True)
    code = models.CharField(max_length=48)
    reason = models.TextField()
    mend = models.TextField()
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    raw = models.JSONField()
    locations = ArrayField(models.BigIntegerField(), default=list)
    recorded_at = models.DateTimeField(default=timezone.now)
    mended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id", "row", "code"], name="quarantined_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id} row {self.row}: {self.code}"
