"""What is kept back from customers who are not in the building: safety stock at locations, thresholds in channels."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Category, Variant
from apps.core.audit.triggers import audited, audited_when_added
from apps.core.ids import new_id
from apps.core.money import QuantityField
from apps.inventory.querysets import KeepingQuerySet
from apps.network.models import Channel, Location


class Method(models.TextChoices):
    """How the customer gets it; it decides which locations take part, and what these keep back."""

    COLLECT = "collect", _("Collect")
    DELIVERY = "delivery", _("Delivery")


class OfGoods(models.Model):
    """A rule about a variant, about a category and those below it, or about all goods."""

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, related_name="+", verbose_name=_("variant"))
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="+", verbose_name=_("category"))

    class Meta:
        abstract = True

    @property
    def goods(self) -> str:
        """What the rule is about, in words."""
        if self.variant is not None:
            return f"{self.variant.name} ({self.variant.sku})"
        return str(self.category or _("All goods"))


class SafetyRule(OfGoods):
    """How much of what a location keeps for whoever walks in. The most specific rule decides; rules are never added up.

    Goods weigh most (a variant, then its category or the nearest one above it, then all goods), then the place (a location,
    then all of its kind, then everywhere), then the method. What follows for each stock level is written on it.
    """

    location = models.ForeignKey(Location, models.PROTECT, null=True, related_name="+", verbose_name=_("location"))
    location_kind = models.CharField(_("kind of location"), max_length=8, choices=Location.Kind.choices, blank=True)
    method = models.CharField(_("method"), max_length=8, choices=Method.choices, blank=True)
    quantity = QuantityField(_("quantity"))

    objects = KeepingQuerySet.as_manager()

    class Meta:
        verbose_name = _("safety stock rule")
        verbose_name_plural = _("safety stock rules")
        triggers = [
            audited("safety stock", key="row.key::text", table="inventory_safetyrule"),
            audited_when_added("safety stock", key="row.key::text", table="inventory_safetyrule"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["method", "variant", "category", "location", "location_kind"],
                name="one_safety_rule",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="safety_rule_of_one_kind",
                condition=(Q(variant=None) | Q(category=None)) & (Q(location=None) | Q(location_kind="")),
            ),
            models.CheckConstraint(name="safety_rule_not_negative", condition=Q(quantity__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.goods}, {self.place}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:change-safety-rule", kwargs={"key": self.key})

    @property
    def place(self) -> str:
        """Where it holds, in words."""
        if self.location is not None:
            return str(self.location)
        everywhere = {"store": _("All stores"), "dc": _("All distribution centres")}
        return str(everywhere.get(self.location_kind, _("Everywhere")))


class ChannelThreshold(OfGoods):
    """How much of what a channel never sells of what the whole chain can send, so that it stops before the last piece.

    The most specific decides: a variant, then its category or the nearest one above it, then all goods.
    """

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+", db_index=False, verbose_name=_("channel"))
    quantity = QuantityField(_("quantity"))

    objects = KeepingQuerySet.as_manager()

    class Meta:
        verbose_name = _("threshold")
        verbose_name_plural = _("thresholds")
        triggers = [
            audited("threshold", key="row.key::text", table="inventory_channelthreshold"),
            audited_when_added("threshold", key="row.key::text", table="inventory_channelthreshold"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "variant", "category"], name="one_threshold", nulls_distinct=False
            ),
            models.CheckConstraint(name="threshold_of_one_kind", condition=Q(variant=None) | Q(category=None)),
            models.CheckConstraint(name="threshold_not_negative", condition=Q(quantity__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.goods}, {self.channel}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:change-threshold", kwargs={"key": self.key})
