"""How much there is, and the ledger that says why."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.core.ledger.models import LedgerRow, once_per_cause
from apps.core.money import QuantityField
from apps.inventory.models.conditions import Condition
from apps.inventory.models.news import NOTED
from apps.inventory.models.places import Place
from apps.inventory.querysets import StockLevelQuerySet, StockMovementQuerySet
from apps.network.models import LegalEntity, Location


class StockLevel(models.Model):
    """The running figure of one variant, at one location, in one condition, of one owner.

    `on_hand` is what is in the building, `reserved` what is promised of it, `oversold` what facts (a till sale, a count)
    took away under promises already made. What is kept for whoever walks in follows from the rules (`SafetyRule`):
    `safety_collect` is never promised to who comes to collect, `safety_delivery` never sent.
    The constraint is the last guard against promising twice; only facts may raise `oversold`.
    """

    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="levels", db_index=False, verbose_name=_("variant")
    )
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="levels", db_index=False, verbose_name=_("location")
    )
    condition = models.CharField(_("condition"), max_length=10, choices=Condition.choices, default=Condition.SALEABLE)
    owner = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+", verbose_name=_("owner"))
    on_hand = QuantityField(_("on hand"), default=0)
    reserved = QuantityField(_("reserved"), default=0)
    oversold = QuantityField(_("oversold"), default=0)
    safety_collect = QuantityField(_("safety stock, collect"), default=0)
    safety_delivery = QuantityField(_("safety stock, delivery"), default=0)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = StockLevelQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        constraints = [
            models.UniqueConstraint(fields=["variant", "location", "condition", "owner"], name="one_stock_level"),
            models.CheckConstraint(
                name="promised_at_most_once",
                condition=Q(reserved__gte=0)
                & Q(oversold__gte=0)
                & Q(reserved__lte=Greatest(F("on_hand"), Value(0)) + F("oversold")),
            ),
        ]
        indexes = [models.Index(fields=["location", "variant"], name="stock_of_location")]
        triggers = NOTED

    def __str__(self) -> str:
        return f"{self.variant} @ {self.location}: {self.on_hand}"


class StockMovement(LedgerRow):
    """So many of a variant moved, because of a document.

    An empty `from_` side is the outside world (a supplier, a customer, a find), an empty `to_` side too (a sale, a loss).
    `quantity` is always positive. `from_place` and `to_place` say where in the location it lay and lies; empty is "place not
    known", as of what a till sells. Goods that only go from one place to another leave their stock level as it is.
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Receipt")
        SALE = "sale", _("Sale")
        COLLECT = "collect", _("Collected")
        SHIP = "ship", _("Shipped")
        SEND = "send", _("Sent to another location")
        ARRIVE = "arrive", _("Came from another location")
        RETURN = "return", _("Return")
        COUNT = "count", _("Count")
        LOSS = "loss", _("Loss")
        FOUND = "found", _("Found")
        CONDITION = "condition", _("Other condition")
        OWNER = "owner", _("Other owner")
        PLACE = "place", _("Other place")
        SEEN = "seen", _("Seen on a place")
        BY_RULE = "by_rule", _("Taken from a place, by the rule")

    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="movements", db_index=False, verbose_name=_("variant")
    )
    quantity = QuantityField(_("quantity"))
    from_location = models.ForeignKey(Location, models.PROTECT, null=True, related_name="+")
    from_condition = models.CharField(max_length=10, blank=True)
    from_owner = models.ForeignKey(LegalEntity, models.PROTECT, null=True, related_name="+")
    to_location = models.ForeignKey(Location, models.PROTECT, null=True, related_name="+")
    to_condition = models.CharField(max_length=10, blank=True)
    to_owner = models.ForeignKey(LegalEntity, models.PROTECT, null=True, related_name="+")
    # No index: the places of a variant are read by `movement_of_variant`, and every row would pay for it.
    from_place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+", db_index=False)
    to_place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+", db_index=False)

    objects = StockMovementQuerySet.as_manager()

    class Meta(LedgerRow.Meta):
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        constraints = [
            once_per_cause("stock_moved_once"),
            models.CheckConstraint(name="stock_moved_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="stock_moved_somewhere",
                condition=Q(from_location__isnull=False) | Q(to_location__isnull=False),
            ),
            models.CheckConstraint(
                name="place_within_location",
                condition=(Q(from_place=None) | Q(from_location__isnull=False))
                & (Q(to_place=None) | Q(to_location__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["variant", "recorded_at"], name="movement_of_variant")]

    @property
    def kind_label(self) -> str:
        return str(dict(self.Kind.choices).get(self.kind, self.kind))
