"""What matching by likeness keeps: the models it weighs with, what each night came to, and by what records are found."""

import pgtrigger
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.customers.querysets import MatchingRunQuerySet


class MatchingModel(models.Model):
    """How much each agreement between two records is worth. One is in force: the one that has no end.

    `engine` is the model as the matching engine writes it: chances, and how frequent values are by their digest; nobody can be
    read in it. From the probability `same_from` two records are one customer, from `clerk_from` somebody is asked. `keyed_at`
    says when all records were given the keys that it finds them by.
    """

    class Origin(models.TextChoices):
        SHIPPED = "shipped", _("Came with Toonbank")
        LEARNED = "learned", _("Learned from our own customers")

    version = models.CharField(_("version"), max_length=16, unique=True)
    origin = models.CharField(_("origin"), max_length=8, choices=Origin.choices)
    engine = models.JSONField()
    records = models.PositiveIntegerField(_("learned from records"))
    same_from = models.FloatField(_("one customer from"))
    clerk_from = models.FloatField(_("asked from"))
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    keyed_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("matching model")
        verbose_name_plural = _("matching models")
        constraints = [
            models.UniqueConstraint(fields=["ended_at"], nulls_distinct=False, name="one_model_in_force"),
        ]
        triggers = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="only_begun_and_ended",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "to_jsonb(OLD) - 'keyed_at' - 'ended_at' IS DISTINCT FROM to_jsonb(NEW) - 'keyed_at' - 'ended_at'"
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.version


class MatchingRun(models.Model):
    """One time that all records were matched, what came of it, and how good it is.

    `joined` are customers that became one, `asked` pairs that wait for a clerk since, `refused` those of them that are alike
    enough but contradict each other or somebody's word. `seen_at` is the sign of life of whoever makes it.
    """

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    model = models.ForeignKey(MatchingModel, models.PROTECT, null=True, related_name="runs", verbose_name=_("model"))
    asked_by = models.CharField(_("by"), max_length=64)
    learns = models.BooleanField(default=False)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    records = models.PositiveIntegerField(_("records"), default=0)
    compared = models.PositiveBigIntegerField(_("pairs compared"), default=0)
    joined = models.PositiveIntegerField(_("joined"), default=0)
    asked = models.PositiveIntegerField(_("for a clerk"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    moot = models.PositiveIntegerField(_("no longer a question"), default=0)
    customers = models.PositiveIntegerField(_("customers"), default=0)
    largest = models.PositiveIntegerField(_("largest customer"), default=0)
    birth_dates = models.PositiveIntegerField(_("customers with several dates of birth"), default=0)

    objects = MatchingRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("matching run")
        verbose_name_plural = _("matching runs")
        indexes = [models.Index(fields=["-started_at", "-id"], name="matching_run_newest")]

    def __str__(self) -> str:
        return str(self.key)

    def get_absolute_url(self) -> str:
        return reverse("customers:matching-run", kwargs={"key": self.key})


class BlockKey(models.Model):
    """A record is found by this when somebody alike comes: a keyed digest, of which nothing can be read.

    Plain numbers: there are some twenty a record. A trigger of the details takes them away when a person is erased.
    """

    pk = models.CompositePrimaryKey("key", "record_id")
    key = models.BigIntegerField()
    record_id = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return str(self.key)


class MatchRequest(models.Model):
    """A record of which something new was told, and that is still to be held against the others. A queue.

    Triggers of the details write it, so nothing that anybody writes is passed over. `early` says that it was held against the
    others while not all of those had their keys of a new model: once more when they have. `tries` is how often it failed.
    """

    record_id = models.BigIntegerField(db_index=True)
    early = models.BooleanField(default=False, db_default=False)
    tries = models.SmallIntegerField(default=0, db_default=0)
    since = models.DateTimeField(default=timezone.now, db_default=Now())

    def __str__(self) -> str:
        return f"record {self.record_id}"


_ASK = """
    INSERT INTO customers_matchrequest (record_id) SELECT DISTINCT source_record_id FROM told;
    RETURN NULL;
"""

TOLD = [
    pgtrigger.Trigger(
        name="asks_to_match",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="told"),
        func=_ASK,
    ),
    pgtrigger.Trigger(
        name="forgets_keys",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        referencing=pgtrigger.Referencing(new="told"),
        func="DELETE FROM customers_blockkey USING told WHERE record_id = told.source_record_id;" + _ASK,
    ),
]
"""Of details: whoever told something new is matched again; of whom something is erased, no key stays behind."""
