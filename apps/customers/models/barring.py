"""Values that stand for nobody, and how many of a kind one person has."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.customers.models.records import Identifier
from apps.customers.querysets import BarredValueQuerySet


class BarredValue(models.Model):
    """An identifier that finds nobody and joins nobody: blocked by somebody, or set apart because too many share it.

    `value` is in normal form; with a `*` in it, it is a pattern (`kassa@*`). One that was released is not set apart again.
    """

    class State(models.TextChoices):
        BLOCKED = "blocked", _("Blocked")
        QUARANTINED = "quarantined", _("Set apart")
        RELEASED = "released", _("Released")

    kind = models.CharField(_("kind"), max_length=16, choices=Identifier.Kind.choices)
    value = models.CharField(_("value"), max_length=254)
    state = models.CharField(_("state"), max_length=12, choices=State.choices)
    people = models.PositiveIntegerField(_("people who have it"), default=0)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    actor = models.CharField(_("by"), max_length=64)
    changed_at = models.DateTimeField(_("since"), default=timezone.now)

    objects = BarredValueQuerySet.as_manager()

    class Meta:
        verbose_name = _("barred value")
        verbose_name_plural = _("barred values")
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="barred_once")]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def get_absolute_url(self) -> str:
        return reverse("customers:barred-value", kwargs={"pk": self.pk})

    @property
    def is_pattern(self) -> bool:
        return "*" in self.value


class IdentifierRule(models.Model):
    """How many of a kind of identifier one customer gets by joining, and how many people may share a value of it.

    Over `at_most` within `window_days` (ever, when blank) no edge is made. A value of more than `shared_by` people is set apart.
    """

    kind = models.CharField(_("kind"), max_length=16, choices=Identifier.Kind.choices, unique=True)
    at_most = models.PositiveSmallIntegerField(_("at most for one customer"), null=True, blank=True)
    window_days = models.PositiveSmallIntegerField(_("in so many days"), null=True, blank=True)
    shared_by = models.PositiveSmallIntegerField(_("set apart above so many people"), null=True, blank=True)

    class Meta:
        verbose_name = _("rule for an identifier")
        verbose_name_plural = _("rules for identifiers")
        constraints = [
            models.CheckConstraint(
                name="identifier_rule_sensible",
                condition=(Q(at_most=None) | Q(at_most__gte=1)) & (Q(shared_by=None) | Q(shared_by__gte=1)),
            )
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
