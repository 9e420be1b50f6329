"""How a conversation goes: the events out of which its handling time is worked out."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.customers.models import SourceRecord


class ContactEvent(models.Model):
    """One step of a conversation that somebody is in. Insert-only: times are read from these rows and never typed.

    `source_record` is who it turned out to be with, on the steps that say so.
    """

    class Kind(models.TextChoices):
        START = "start", _("Began")
        KNOWN = "known", _("Knows who it is")
        HOLD = "hold", _("On hold")
        RESUME = "resume", _("Went on")
        AFTER_WORK = "after_work", _("Hung up; finishing it")
        END = "end", _("Written down")
        DROPPED = "dropped", _("Ended without a contact moment")

    CLOSING = (Kind.END, Kind.DROPPED)

    conversation = models.UUIDField()
    kind = models.CharField(_("step"), max_length=10, choices=Kind.choices)
    actor = models.CharField(max_length=64)
    channel = models.CharField(max_length=8, blank=True)
    source_record = models.ForeignKey(SourceRecord, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("step of a conversation")
        verbose_name_plural = _("steps of conversations")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], name="conversation_begins_once", condition=Q(kind="start")
            ),
            models.UniqueConstraint(
                fields=["conversation"], name="conversation_ends_once", condition=Q(kind__in=["end", "dropped"])
            ),
        ]
        indexes = [
            models.Index(fields=["actor", "-id"], name="conversation_of_actor"),
            models.Index(fields=["conversation", "id"], name="conversation_steps"),
        ]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M:%S}"
