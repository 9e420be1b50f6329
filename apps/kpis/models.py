"""Roll-ups that answer the dashboards, and goals with owners."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.audit.triggers import audited
from apps.core.money import AmountField, CurrencyField
from apps.customers.models import SourceRecord
from apps.kpis.querysets import KpiQuerySet
from apps.network.models import Channel, Location


class DailySales(models.Model):
    """What one channel sold on one business date, in one currency, kept by a subscriber of the event log.

    Sales count on the business date of their order, for as far as the goods were handed over; returns on the business
    date of the return, in the channel and store that had sold them. Net amounts are without VAT where VAT is known.
    `location` is the store that sold, or where the order is collected. Charges are not counted. `orders` are those of
    which something was handed over; `collect_orders` and `known_orders` are those of them that are collected, and whose
    customer is known.
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

    objects = KpiQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["currency", "business_date"], name="daily_sales_of_currency")]
        constraints = [
            models.UniqueConstraint(
                fields=["business_date", "channel", "location", "currency"],
                nulls_distinct=False,
                name="one_daily_sales",
            )
        ]

    def __str__(self) -> str:
        return f"{self.business_date} {self.channel}"


class MonthlySpend(models.Model):
    """What one person, as one system knows them, spent in a month in one kind of channel: net, less what came back.

    It belongs to the source record, so that joining customers and taking them apart again rewrites nothing.
    """

    source_record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="+")
    month = models.DateField()
    channel_kind = models.CharField(max_length=12, choices=Channel.Kind.choices)
    currency = CurrencyField()
    orders = models.IntegerField(default=0)
    net = AmountField(default=0)

    objects = KpiQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "currency", "source_record", "channel_kind"], name="one_spend_a_month"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_record_id} {self.month}"


class Measure(models.TextChoices):
    """What the dashboard and goals measure."""

    ONLINE_SALES = "online_sales", _("Online net sales")
    STORE_SALES = "store_sales", _("Store net sales")
    TOTAL_SALES = "total_sales", _("Total net sales")
    COLLECT_SHARE = "collect_share", _("Orders collected in store")
    RETURN_RATE = "return_rate", _("Return rate")
    KNOWN_SHARE = "known_share", _("Sales with a known customer")

    @property
    def is_amount(self) -> bool:
        """Whether it is an amount of money per year; the others are shares."""
        return self in {self.ONLINE_SALES, self.STORE_SALES, self.TOTAL_SALES}


class Goal(models.Model):
    """A SMART goal: one measure, from a frozen baseline to a target, with an owner and a date.

    Amounts are per year, in `currency`; shares are fractions (0.25 is 25 %).
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(_("goal"), max_length=120)
    measure = models.CharField(_("measure"), max_length=32, choices=Measure.choices)
    currency = CurrencyField(_("currency"), blank=True)
    baseline = models.DecimalField(_("baseline"), max_digits=16, decimal_places=4)
    baseline_source = models.CharField(_("baseline from"), max_length=160)
    target = models.DecimalField(_("target"), max_digits=16, decimal_places=4)
    starts_on = models.DateField(_("starts"))
    ends_on = models.DateField(_("ends"))
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="goals", verbose_name=_("owner"))
    why = models.TextField(_("why"), blank=True)

    objects = KpiQuerySet.as_manager()

    class Meta:
        triggers = [audited("goal", key="row.slug", table="kpis_goal")]
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["ends_on"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("kpis:goal", kwargs={"slug": self.slug})


class Milestone(models.Model):
    """Where a goal should be at the end of a year."""

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="milestones", db_index=False, verbose_name=_("goal"))
    due_on = models.DateField(_("due"))
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=4)

    class Meta:
        triggers = [audited("goal", key="SELECT slug FROM kpis_goal WHERE id = row.goal_id", table="kpis_milestone")]
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["due_on"]
        constraints = [models.UniqueConstraint(fields=["goal", "due_on"], name="one_milestone_a_date")]

    def __str__(self) -> str:
        return f"{self.due_on}: {self.value}"
