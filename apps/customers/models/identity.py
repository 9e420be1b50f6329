"""What joins source records into customers: edges, the events of who belongs to whom, and the pairs that wait for a person."""

from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.privacy.triggers import RECORD
from apps.customers.models.records import Identifier, SourceRecord
from apps.customers.querysets import DoubtQuerySet

_INSERT_ONLY = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Basis(models.TextChoices):
    """What a word about two records rests on."""

    RECOGNISED = "recognised", _("Recognised by a proof")
    SCORED = "scored", _("Matched by likeness")
    BY_HAND = "by_hand", _("By hand")
    IMPORT = "import", _("Import")


def evidence_in_words(evidence: str) -> Any:
    """What two were recognised by: the kind of identifier by its name; anything else as it stands."""
    return dict(Identifier.Kind.choices).get(evidence, evidence)


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

    @property
    def evidence_in_words(self) -> Any:
        return evidence_in_words(self.evidence)


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

    @property
    def evidence_in_words(self) -> Any:
        return evidence_in_words(self.evidence)


class Doubt(models.Model):
    """Two records that may be one person, for somebody to decide. `cause` says why they were not joined.

    It is a note beside the edges: deciding writes an edge, and `outcome` keeps that it was decided.
    """

    class Outcome(models.TextChoices):
        OPEN = "", _("Open")
        JOINED = "joined", _("Joined")
        APART = "apart", _("Kept apart")
        MOOT = "moot", _("No longer a question")

    key = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    left = models.ForeignKey(SourceRecord, models.PROTECT, related_name="+")
    right = models.ForeignKey(SourceRecord, models.PROTECT, related_name="+")
    basis = models.CharField(_("basis"), max_length=12, choices=Basis.choices)
    evidence = models.CharField(_("evidence"), max_length=32, blank=True)
    cause = models.CharField(_("cause"), max_length=48)
    weight = models.FloatField(null=True)
    probability = models.FloatField(_("likeness"), null=True)
    explanation = models.JSONField(default=list)
    rule_version = models.CharField(max_length=16)
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("assigned to"),
    )
    put_off_until = models.DateTimeField(_("put off until"), null=True, blank=True)
    # Who has it in front of them, and until when it is given to nobody else.
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    held_until = models.DateTimeField(null=True)
    # Who said first that these are one, where two are to say so.
    first_yes_by = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices, blank=True)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = DoubtQuerySet.as_manager()

    class Meta:
        verbose_name = _("doubtful pair")
        verbose_name_plural = _("doubtful pairs")
        indexes = [
            models.Index(fields=["-probability", "id"], condition=Q(outcome=""), name="doubt_in_turn"),
            models.Index(fields=["decided_by", "-decided_at"], name="doubt_of_clerk"),
        ]
        constraints = [
            models.CheckConstraint(name="doubt_smaller_first", condition=Q(left__lt=F("right"))),
            models.UniqueConstraint(fields=["left", "right"], condition=Q(outcome=""), name="one_open_doubt"),
        ]

    def __str__(self) -> str:
        return str(_("Pair %(number)s") % {"number": self.pk})

    def get_absolute_url(self) -> str:
        return reverse("customers:doubt", kwargs={"key": self.key})


class DoubtAct(models.Model):
    """What a clerk did with a pair. `undoes` is the act that this one takes back; what stands is what nothing took back."""

    class Kind(models.TextChoices):
        JOINED = "joined", _("One customer")
        AGREED = "agreed", _("One customer, a second look is asked")
        APART = "apart", _("Never one customer")
        PUT_OFF = "put_off", _("Put off")
        ASSIGNED = "assigned", _("Assigned")
        UNDONE = "undone", _("Taken back")

    doubt = models.ForeignKey(Doubt, models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    actor = models.CharField(max_length=64)
    reason = models.CharField(max_length=24, blank=True)
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["actor", "-id"], name="doubt_act_of_clerk")]
        triggers = _INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.doubt_id} {self.kind}"


class Meeting(models.Model):
    """Where two transactions that bring the same new proof at the same moment meet: the second waits here for the first.

    `id` is a keyed digest of the proof. The row says nothing else; who is known by a proof stands in the identifiers.
    """

    id = models.BigIntegerField(primary_key=True)
    times = models.IntegerField(db_default=0)

    def __str__(self) -> str:
        return str(self.pk)
