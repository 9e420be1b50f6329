"""Looks at customers, the seals on them, and what a review makes of them."""

import pgtrigger
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.core.privacy.triggers import RECORD
from apps.customers.models.records import SourceRecord
from apps.customers.review.querysets import FindingQuerySet

_INSERT_ONLY = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Look(models.Model):
    """One attempt to find somebody, or one view of what is known of them. Insert-only, and nothing refers to it.

    What was given is kept as keyed digests: `given` of all of it, `near` of what neighbours share (the postcode, a number
    without its end), so that trying a street house by house shows without the street. `day` is the local one, by which the
    table can be partitioned. `customer_key` is the customer as they were joined then; `part` the route that was seen.
    Which case it was for stands with the grant (`grant_key`): here stand no words that an erasure would have to find.
    """

    class Act(models.TextChoices):
        LOOK_UP = "look_up", _("Looked up")
        VIEW = "view", _("Seen")

    class Outcome(models.TextChoices):
        ONE = "one", _("Found")
        NONE = "none", _("Nobody")
        AMBIGUOUS = "ambiguous", _("Several")
        THROTTLED = "throttled", _("Too many at once")
        REFUSED = "refused", _("Not open")

    act = models.CharField(_("what"), max_length=8, choices=Act.choices)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices)
    at = models.DateTimeField(_("when"), default=timezone.now)
    day = models.DateField()
    principal = models.CharField(max_length=64)
    role = models.CharField(_("role"), max_length=20, blank=True)
    location_id = models.BigIntegerField(null=True)
    source = models.CharField(_("through"), max_length=8)
    kind = models.CharField(_("given"), max_length=64, blank=True)
    given = models.CharField(max_length=32, blank=True)
    near = models.CharField(max_length=32, blank=True)
    network = models.CharField(max_length=32, blank=True)
    customer_key = models.UUIDField(null=True)
    grant_key = models.UUIDField(null=True)
    purpose = models.CharField(_("purpose"), max_length=32, blank=True)
    with_case = models.BooleanField(default=False)
    part = models.CharField(_("part"), max_length=64, blank=True)
    request_id = models.CharField(max_length=36, blank=True)

    class Meta:
        verbose_name = _("look at a customer")
        verbose_name_plural = _("looks at customers")
        indexes = [
            models.Index(fields=["day", "principal"], name="look_of_day"),
            models.Index(
                fields=["customer_key", "at"], name="look_at_customer", condition=~models.Q(customer_key=None)
            ),
        ]
        triggers = _INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.principal} {self.act} {self.outcome}"


class Seal(models.Model):
    """The digest of a day's looks together with the seal before it: what is changed or taken away afterwards shows."""

    day = models.DateField(primary_key=True)
    rows = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers = _INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.day} {self.digest[:12]}"


class Watched(models.Model):
    """Somebody whose name is well known, or a colleague's own record as customer (`user_id`). Looks at them are reviewed."""

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    source_record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="+", verbose_name=_("customer"))
    user = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("colleague")
    )
    added_by = models.CharField(max_length=64)
    added_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_record"], condition=models.Q(ended_at=None), name="watched_once")
        ]

    def __str__(self) -> str:
        return f"{self.source_record_id}"


class Finding(models.Model):
    """A reason to look at somebody's looks: of one rule, one principal and one day, about one customer or about many."""

    class Rule(models.TextChoices):
        ONESELF = "oneself", _("Looked at themselves")
        COLLEAGUE = "colleague", _("Looked at a colleague")
        WELL_KNOWN = "well_known", _("Looked at a well-known name")
        VOLUME = "volume", _("Many more than usual")
        NO_REASON = "no_reason", _("No case, order or contact near it")
        ENUMERATION = "enumeration", _("Tried one after another")
        GUESSED = "guessed", _("Opened addresses that were not open")
        OUT_OF_HOURS = "out_of_hours", _("At night")
        EXPORT = "export", _("Large file of personal data")

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    rule = models.CharField(_("why"), max_length=16, choices=Rule.choices)
    principal = models.CharField(max_length=64)
    day = models.DateField(_("day"))
    customer_key = models.UUIDField(null=True)
    user = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("who")
    )
    role = models.CharField(_("role"), max_length=20, blank=True)
    number = models.PositiveIntegerField(_("times"))
    usual = models.FloatField(null=True)
    found_at = models.DateTimeField(_("found"), default=timezone.now)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "principal", "day", "customer_key"], nulls_distinct=False, name="found_once"
            )
        ]
        indexes = [models.Index(fields=["-found_at", "-id"], name="finding_newest")]
        triggers = _INSERT_ONLY

    def __str__(self) -> str:
        return str(self.get_rule_display())

    def get_absolute_url(self) -> str:
        return reverse("customers:finding", kwargs={"key": self.key})


class Judgement(models.Model):
    """What came of a finding: in whose judgement, why, and which request it led to. The last one counts."""

    class Outcome(models.TextChoices):
        EXPLAINED = "explained", _("Explained")
        SPOKEN = "spoken", _("Spoken to")
        BREACH = "breach", _("Breach")

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="judgements")
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    reason = models.CharField(_("reason"), max_length=500)
    request_number = models.CharField(_("request"), max_length=32, blank=True)
    judged_by = models.CharField(max_length=64)
    judged_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("judgement")
        verbose_name_plural = _("judgements")
        triggers = RECORD

    def __str__(self) -> str:
        return self.outcome
