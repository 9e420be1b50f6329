"""The event log: one row for everything that another part may want to react to."""

import pgtrigger
from django.db import models
from django.utils import timezone


class Origin(models.TextChoices):
    LIVE = "live"
    HISTORY = "history"


class Event(models.Model):
    """Something that happened to one object, written in the transaction of the change.

    `position` is empty until the sequencer stamps it on the committed row; subscribers read in order of `position`, never
    of `id`. The payload holds ids, codes and amounts, never personal data.
    """

    position = models.BigIntegerField(null=True, unique=True)
    topic = models.CharField(max_length=48)
    schema_version = models.SmallIntegerField(default=1)
    object_type = models.CharField(max_length=32)
    object_key = models.CharField(max_length=64)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.LIVE)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    payload = models.JSONField()
    actor = models.CharField(max_length=40, blank=True)  # who acted, through what, in which request: see core.acting
    source = models.CharField(max_length=8, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="event_unstamped", condition=models.Q(position=None)),
            models.Index(fields=["object_type", "object_key", "id"], name="event_of_object"),
        ]
        triggers = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="no_change", operation=pgtrigger.Update, condition=pgtrigger.AnyChange(exclude=["position"])
            ),
            pgtrigger.Protect(
                name="stamped_once", operation=pgtrigger.Update, condition=pgtrigger.Q(old__position__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.object_type} {self.object_key}"


class Subscription(models.Model):
    """How far a subscriber has read, and what it stumbles over."""

    name = models.CharField(max_length=64, unique=True)
    position = models.BigIntegerField(default=0)
    failing_event = models.BigIntegerField(null=True)
    attempts = models.SmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"


class ParkedEvent(models.Model):
    """An event that a subscriber could not take, and later ones of the same object, kept until somebody mends it."""

    subscriber = models.CharField(max_length=64)
    event = models.BigIntegerField()
    position = models.BigIntegerField()
    object_type = models.CharField(max_length=32)
    object_key = models.CharField(max_length=64)
    error = models.TextField()
    parked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscriber", "event"], name="parked_once")]
        indexes = [models.Index(fields=["subscriber", "object_type", "object_key"], name="parked_of_object")]

    def __str__(self) -> str:
        return f"{self.subscriber}: event {self.event}"
