"""The communication policy: versions, the rules and tags they hold, and which version stood before somebody."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from apps.core.ledger.models import INSERT_ONLY
from apps.core.publishing import Publishable, stands_with
from apps.portal.discretion import Tag
from apps.service.guidance.querysets import PolicyQuerySet

_DAYS = [MinValueValidator(1), MaxValueValidator(3650)]


class Policy(Publishable):
    """A version of what staff may say. The highest number whose `valid_from` has come is in force.

    The days say what new, lapsed and an open complaint mean (apps.service.guidance.states), so that an old version reads as it
    worked. Rules and tags stand still with it once it is published.
    """

    number = models.PositiveIntegerField(_("version"), unique=True)
    note = models.CharField(_("what changes"), max_length=400, blank=True)
    valid_from = models.DateField(_("valid from"))
    new_days = models.PositiveSmallIntegerField(_("new until so many days after"), default=30, validators=_DAYS)
    lapsed_days = models.PositiveSmallIntegerField(_("lapsed after so many days"), default=365, validators=_DAYS)
    complaint_days = models.PositiveSmallIntegerField(_("complaint open for days"), default=60, validators=_DAYS)
    created_at = models.DateTimeField(default=timezone.now)

    objects = PolicyQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("communication policy")
        verbose_name_plural = _("communication policies")
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(name="policy_lapses_after_new", condition=Q(lapsed_days__gt=models.F("new_days")))
        ]

    def __str__(self) -> str:
        return str(_("Version %(number)s") % {"number": self.number})

    def get_absolute_url(self) -> str:
        return reverse("guidance:policy", kwargs={"number": self.number})


PARTS = ("say", "ask", "skip")
"""What guidance is made of, in the order in which a conversation goes."""


class GuidanceRule(models.Model):
    """When a rule holds, and what it says: texts by language, a line for each thing. An empty condition is always true.

    `state` is the name of one state of the customer (apps.service.guidance.states); a topic stands for its parts too.
    """

    policy = models.ForeignKey(
        Policy, models.CASCADE, related_name="rules", db_index=False, verbose_name=_("communication policy")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=80)
    state = models.CharField(_("customer"), max_length=24, blank=True)
    channels = ArrayField(models.CharField(max_length=8), default=list, blank=True, verbose_name=_("channels"))
    topic = models.ForeignKey(
        "service.Topic",
        models.PROTECT,
        to_field="code",
        db_column="topic",
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("topic"),
    )
    say = models.JSONField(_("say"), default=dict)
    ask = models.JSONField(_("ask"), default=dict)
    skip = models.JSONField(_("leave out"), default=dict)

    class Meta:
        verbose_name = _("rule for conversations")
        verbose_name_plural = _("rules for conversations")
        ordering = ["policy_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "position"],
                name="one_guidance_at_a_position",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]
        triggers = [stands_with("service_policy", key="policy_id")]

    def __str__(self) -> str:
        return self.name

    def lines(self, part: str) -> list[str]:
        """What it says of a part in the language of the page, else in the one that was written."""
        texts: dict[str, Any] = getattr(self, part)
        language = (translation.get_language() or "").partition("-")[0]
        text = texts.get(language) or texts.get("nl") or next(iter(texts.values()), "")
        return [line.strip() for line in str(text).splitlines() if line.strip()]


class DatumRule(models.Model):
    """How much of a datum may be said, where that is other than the program proposes: for a role, for a purpose, for both."""

    policy = models.ForeignKey(
        Policy, models.CASCADE, related_name="data", db_index=False, verbose_name=_("communication policy")
    )
    datum = models.CharField(_("datum"), max_length=48)
    tag = models.CharField(_("tag"), max_length=8, choices=Tag.choices)
    role = models.CharField(_("role"), max_length=20, blank=True)
    purpose = models.CharField(_("purpose"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("tag of a datum")
        verbose_name_plural = _("tags of data")
        constraints = [
            models.UniqueConstraint(fields=["policy", "datum", "role", "purpose"], name="one_tag_for_each"),
        ]
        triggers = [stands_with("service_policy", key="policy_id")]

    def __str__(self) -> str:
        return f"{self.datum}: {self.tag}"


class CardShown(models.Model):
    """Which guidance stood before whoever wrote a contact down: the version (none while head office has published none), the
    rules by position, and what held of the customer. Insert-only."""

    contact = models.OneToOneField(
        "service.ContactMoment", models.PROTECT, related_name="card", verbose_name=_("contact moment")
    )
    policy = models.ForeignKey(
        Policy, models.PROTECT, null=True, related_name="+", verbose_name=_("communication policy")
    )
    rules = ArrayField(models.PositiveSmallIntegerField(), default=list)
    states = ArrayField(models.CharField(max_length=24), default=list)

    class Meta:
        verbose_name = _("guidance shown")
        verbose_name_plural = _("guidance shown")
        triggers = INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.policy_id}"
