"""Roll-ups that answer the dashboards, and goals with owners."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.money import AmountField, CurrencyField
from apps.kpis.querysets import GoalQuerySet
from apps.network.models import Channel, Location


class DailySales(models.Model):
    """What one channel sold on one business date, in one currency, kept by a subscriber of the event log.

    Net amounts are without VAT where VAT is known. `location` is the store that sold, or where the order is collected.
    """

    business_date = models.DateField()
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="daily_sales")
    location = models.ForeignKey(Location, models.PROTECT, null=True, related_name="daily_sales")
    currency = CurrencyField()
    orders = models.IntegerField(default=0)
    collect_orders = models.IntegerField(default=0)
    known_orders = models.IntegerField(default=0)
    gross_goods = AmountField(default=0)
    net_goods = AmountField(default=0)
    known_net_goods = AmountField(default=0)
    returned_gross = AmountField(default=0)
    returned_net = AmountField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["business_date", "channel", "location", "currency"],
                nulls_distinct=False,
                name="one_daily_sales",
            )
        ]

    def __str__(self) -> str:
        return f"{self.business_date} {self.channel}"


class Goal(models.Model):
    """A SMART goal: one measure, from a frozen baseline to a target, with an owner and a date."""

    slug = models.SlugField(unique=True)
    name = models.CharField(_("goal"), max_length=120)
    measure = models.CharField(_("measure"), max_length=32)
    currency = CurrencyField(_("currency"), blank=True)
    baseline = models.DecimalField(_("baseline"), max_digits=16, decimal_places=4)
    baseline_source = models.CharField(_("baseline from"), max_length=160)
    target = models.DecimalField(_("target"), max_digits=16, decimal_places=4)
    starts_on = models.DateField(_("starts"))
    ends_on = models.DateField(_("ends"))
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="goals", verbose_name=_("owner"))
    why = models.TextField(_("why"), blank=True)

    objects = GoalQuerySet.as_manager()

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["ends_on"]

    def __str__(self) -> str:
        return self.name


class Milestone(models.Model):
    """Where a goal should be at the end of a year."""

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="milestones", verbose_name=_("goal"))
    due_on = models.DateField(_("due"))
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=4)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["due_on"]
        constraints = [models.UniqueConstraint(fields=["goal", "due_on"], name="one_milestone_a_date")]

    def __str__(self) -> str:
        return f"{self.due_on}: {self.value}"
