"""Fair money: which store an online sale is credited to, by rules everybody can recompute."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ledger.models import INSERT_ONLY, LedgerRow, once_per_cause
from apps.core.money import AmountField, CurrencyField, QuantityField
from apps.core.publishing import Publishable
from apps.franchise.querysets import CreditedQuerySet, RuleSetQuerySet
from apps.network.models import LegalEntity, Location


class Evidence(models.TextChoices):
    """What may tie an online sale to a store, as known when the order was placed."""

    COLLECT = "collect", _("Collected in the store")
    REFERRAL = "referral", _("Referred by the store")
    HOME = "home", _("The customer's own store")
    RESIDUAL = "residual", _("No store: head office")


class RuleSet(Publishable):
    """A waterfall: the first kind of evidence in `waterfall` that an order has takes the whole line.

    Published sets never change; an order is judged by the set in force when it was placed. What no store earned goes to
    the legal entity that sold it (head office), so the shares of a line always add up to the line.
    """

    version = models.CharField(_("version"), max_length=16, unique=True)
    name = models.CharField(_("name"), max_length=80)
    waterfall = ArrayField(models.CharField(max_length=12, choices=Evidence.choices), verbose_name=_("waterfall"))
    valid_from = models.DateField(_("valid from"))
    created_at = models.DateTimeField(default=timezone.now)

    objects = RuleSetQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("rule set")
        verbose_name_plural = _("rule sets")
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["valid_from"], condition=Q(published_at__isnull=False), name="one_rule_set_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"

    def get_absolute_url(self) -> str:
        return reverse("franchise:rule-set", kwargs={"version": self.version})

    @property
    def steps(self) -> list[str]:
        """The kinds of evidence in words, in order."""
        return [str(Evidence(kind).label) for kind in self.waterfall]


class Attribution(models.Model):
    """Which store an online order is credited to: decided once, on what was known when the order was placed.

    `candidates` holds every kind of evidence with the store it points at, so that anyone can apply the waterfall again:
    [{"kind", "location": code|None, "legal_entity": code|None, "source"}]. `location` is empty for the residual.
    `legal_entity` is who owned the store on `business_date`, the order's.
    """

    order_number = models.CharField(_("order"), max_length=16, unique=True)
    business_date = models.DateField(_("business date"))
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="attributions", verbose_name=_("rule set"))
    candidates = models.JSONField(_("candidates"))
    evidence = models.CharField(_("because"), max_length=12, choices=Evidence.choices)
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, related_name="attributions", verbose_name=_("store")
    )
    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="attributions", verbose_name=_("legal entity")
    )
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)

    objects = CreditedQuerySet.as_manager()

    class Meta:
        verbose_name = _("attribution")
        verbose_name_plural = _("attributions")
        triggers = INSERT_ONLY

    def __str__(self) -> str:
        return self.order_number


class RevenueShare(LedgerRow):
    """So much net revenue of one order line belongs to this store (or to head office), by this rule, on this evidence.

    `quantity` and `amount` (net of VAT) are signed: what a return takes back is negative. `location` is empty for the
    residual. The cause is the event that handed the goods over or settled the return.
    """

    class Kind(models.TextChoices):
        CREDIT = "credit", _("Credited")
        REVERSAL = "reversal", _("Reversed by a return")

    order_number = models.CharField(_("order"), max_length=16)
    order_line = models.IntegerField(_("line"))
    return_number = models.CharField(_("return"), max_length=16, blank=True)
    attribution = models.ForeignKey(Attribution, models.PROTECT, related_name="shares", verbose_name=_("attribution"))
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, related_name="revenue_shares", db_index=False, verbose_name=_("store")
    )
    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="revenue_shares", verbose_name=_("legal entity")
    )
    quantity = QuantityField(_("quantity"))
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    evidence = models.CharField(_("because"), max_length=12, choices=Evidence.choices)
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="shares", verbose_name=_("rule set"))

    objects = CreditedQuerySet.as_manager()

    class Meta(LedgerRow.Meta):
        verbose_name = _("revenue share")
        verbose_name_plural = _("revenue shares")
        constraints = [once_per_cause("revenue_shared_once")]
        indexes = [
            models.Index(fields=["location", "business_date"], name="share_of_store"),
            models.Index(fields=["order_number", "order_line"], name="share_of_line"),
            models.Index(fields=["-business_date", "-id"], name="share_newest"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("franchise:line", kwargs={"number": self.order_number, "line": self.order_line})


class StoreRevenue(models.Model):
    """Credited online revenue per store and day: the running figure of the revenue-share ledger.

    `reversed` is what returns took back, as a positive amount.
    """

    location = models.ForeignKey(Location, models.PROTECT, null=True, related_name="online_revenue", db_index=False)
    legal_entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="online_revenue")
    business_date = models.DateField()
    currency = CurrencyField()
    credited = AmountField(default=0)
    reversed = AmountField(default=0)

    objects = CreditedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["location", "legal_entity", "business_date", "currency"],
                nulls_distinct=False,
                name="one_store_revenue_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.location} {self.business_date}"
