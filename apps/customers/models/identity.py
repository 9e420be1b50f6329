"""What joins source records into customers: edges, the events of who belongs to whom, and the pairs that wait for a person."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.privacy.triggers import RECORD
from apps.customers.models.records import SourceRecord

_INSERT_ONLY = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Basis(models.TextChoices):
    """What a word about two records rests on."""

    RECOGNISED = "recognised", _("Recognised by a proof")
    SCORED = "scored", _("Matched by likeness")
    BY_HAND = "by_hand", _("By hand")
    IMPORT = "import", _("Import")


class Edge(models.Model):
    """A word about two source records: one person, never one person, or no longer said. The newest row of a pair counts.

    A customer is what hangs together by pairs whose newest word is `same`. `evidence` is the kind of identifier, `weight` the
    likeness in bits, `explanation` the bits of each field: [{"field": "email", "level": "exact", "bits": 9.1}, …].
    """

    class Kind(models.TextChoices):
        SAME = "same", _("One customer")
        NEVER = "never", _("Never one customer")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    left = models.ForeignKey(SourceRecord, models.PROTECT, related_name="+", db_index=False)
    right = models.ForeignKey(SourceRecord, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    basis = models.CharField(max_length=12, choices=Basis.choices)
    evidence = models.CharField(max_length=32, blank=True)
    weight = models.FloatField(null=True)
    probability = models.FloatField(null=True)
    explanation = models.JSONField(default=list)
    rule_version = models.CharField(max_length=16)
    actor = models.CharField(max_length=64)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("edge")
        verbose_name_plural = _("edges")
        constraints = [models.CheckConstraint(name="edge_smaller_first", condition=Q(left__lt=F("right")))]
        indexes = [models.Index(fields=["left", "right", "-id"], name="edge_of_pair")]
        triggers = RECORD

    def __str__(self) -> str:
        return f"{self.left_id}–{self.right_id} {self.kind}"


class MatchEvent(models.Model):
    """Which customer a source record belongs to from now on, and why. The first event of a customer names its founder."""

    class Kind(models.TextChoices):
        NEW = "new", _("New customer")
        RECOGNISED = "recognised", _("Recognised")
        JOINED = "joined", _("Joined")
        PARTED = "parted", _("Taken apart")

    source_record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="match_events")
    customer_key = models.UUIDField(db_index=True)
    from_key = models.UUIDField(null=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    evidence = models.CharField(max_length=32, blank=True)
    edge = models.ForeignKey(Edge, models.PROTECT, null=True, related_name="+", db_index=False)
    rule_version = models.CharField(max_length=16)
    actor = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers = _INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.source_record_id} {self.kind}"


class Doubt(models.Model):
    """Two records that may be one person, for somebody to decide. `cause` says why they were not joined.

    It is a note beside the edges: deciding writes an edge, and `outcome` keeps that it was decided.
    """

    class Outcome(models.TextChoices):
        OPEN = "", _("Open")
        JOINED = "joined", _("Joined")
        APART = "apart", _("Kept apart")
        MOOT = "moot", _("No longer a question")

    left = models.ForeignKey(SourceRecord, models.PROTECT, related_name="+", db_index=False)
    right = models.ForeignKey(SourceRecord, models.PROTECT, related_name="+")
    basis = models.CharField(max_length=12, choices=Basis.choices)
    evidence = models.CharField(max_length=32, blank=True)
    cause = models.CharField(max_length=48)
    weight = models.FloatField(null=True)
    probability = models.FloatField(null=True)
    explanation = models.JSONField(default=list)
    rule_version = models.CharField(max_length=16)
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    put_off_until = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices, blank=True)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("doubt")
        verbose_name_plural = _("doubts")
        constraints = [
            models.CheckConstraint(name="doubt_smaller_first", condition=Q(left__lt=F("right"))),
            models.UniqueConstraint(fields=["left", "right"], condition=Q(outcome=""), name="one_open_doubt"),
        ]

    def __str__(self) -> str:
        return f"{self.left_id}–{self.right_id} {self.cause}"


class Meeting(models.Model):
    """Where two transactions that bring the same new proof at the same moment meet: the second waits here for the first.

    `id` is a keyed digest of the proof. The row says nothing else; who is known by a proof stands in the identifiers.
    """

    id = models.BigIntegerField(primary_key=True)
    times = models.IntegerField(db_default=0)

    def __str__(self) -> str:
        return str(self.pk)
