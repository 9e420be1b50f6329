"""What an order consists of."""

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.core.money import AmountField, QuantityField, UnitPriceField, VatRateField
from apps.inventory.models import Demand
from apps.network.models import Location
from apps.orders.models.order import Method, Order
from apps.orders.querysets import OrderLineQuerySet

if TYPE_CHECKING:
    from apps.orders.models.parcels import ParcelLine


class LineStatus(models.TextChoices):
    OPEN = "open", _("Open")
    COMING = "coming", _("Comes to the store")
    SOURCED = "sourced", _("Waits for the store")
    PICKING = "picking", _("Being picked")
    READY = "ready", _("Ready")
    SHIPPED = "shipped", _("On its way")
    COLLECTED = "collected", _("Collected")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")
    RETURNED = "returned", _("Returned")


class OrderLine(models.Model):
    """So many of one variant at one price. The counters say how far each piece is; the status follows from them.

    `vat_rate` and `vat_amount` are empty where VAT is unknown (imported history). `location` is where the goods come from.
    `method` is how the customer gets it, which need not be how they get most of the order.
    `handle_by` is when it is to lie ready, or leave, there.
    What is collected comes from the order's own location; from another one it is `coming` until it is there.
    `travelled_at` is when it left for that store; once it is there, when it came.
    Amount = round half-up(unit price × quantity) − discount. What was ordered as one line and comes from several locations
    is one line for each of them: `part_of` is the number of the line that it was ordered with, and together they cost the same.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines", db_index=False, verbose_name=_("order"))
    line = models.IntegerField(_("line"))
    part_of = models.IntegerField(_("part of line"), null=True)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="order_lines", verbose_name=_("variant"))
    sku = models.CharField(_("SKU"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    quantity = QuantityField(_("quantity"))
    unit_price = UnitPriceField(_("unit price"))
    discount = AmountField(_("discount"), default=0)
    amount = AmountField(_("amount"))
    vat_rate = VatRateField(_("VAT rate"), null=True)
    vat_amount = AmountField(_("VAT"), null=True)
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("goods from")
    )
    demand = models.OneToOneField(
        Demand, models.PROTECT, null=True, related_name="order_line", verbose_name=_("demand")
    )
    method = models.CharField(_("method"), max_length=10, choices=Method.choices)
    handle_by = models.DateTimeField(_("to be done by"), null=True)
    associate = models.CharField(_("sold by"), max_length=32, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=LineStatus.choices, default=LineStatus.OPEN)
    quantity_picked = QuantityField(_("picked"), default=0)
    quantity_fulfilled = QuantityField(_("handed over or shipped"), default=0)
    quantity_cancelled = QuantityField(_("cancelled"), default=0)
    quantity_returning = QuantityField(_("announced for return"), default=0)
    quantity_returned = QuantityField(_("returned"), default=0)
    travelled_at = models.DateTimeField(_("last moved"), null=True)

    left_parts: "list[ParcelLine]"  # read in advance by `acts.left_parts`

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["order_id", "line"]
        constraints = [
            models.UniqueConstraint(fields=["order", "line"], name="one_order_line"),
            models.CheckConstraint(name="order_line_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="returned_at_most_bought",
                condition=Q(quantity_returned__gte=0)
                & Q(quantity_returning__gte=0)
                & Q(quantity_fulfilled__gte=F("quantity_returned") + F("quantity_returning"))
                & Q(quantity__gte=F("quantity_fulfilled") + F("quantity_cancelled")),
            ),
        ]
        indexes = [
            # What was promised from a location; not the many more lines that its till sold.
            models.Index(
                fields=["location", "order"], name="order_line_promised_from", condition=Q(demand__isnull=False)
            ),
            # The work that waits in a location; a line leaves it again with its goods.
            models.Index(
                fields=["location"], name="order_line_waits_at", condition=Q(status__in=["sourced", "picking", "ready"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line}"

    @property
    def net_amount(self) -> Decimal:
        """Without VAT; where VAT is unknown, as booked."""
        return self.amount - (self.vat_amount or Decimal(0))

    @property
    def standing(self) -> Decimal:
        """How many are wanted still, or have gone: what was ordered less what was called off."""
        return self.quantity - self.quantity_cancelled

    @property
    def is_on_its_way(self) -> bool:
        """Whether it has left for the store where it is collected, and is not there yet."""
        return self.status == LineStatus.COMING and self.travelled_at is not None

    @property
    def returnable(self) -> Decimal:
        """How many can still come back."""
        return self.quantity_fulfilled - self.quantity_returned - self.quantity_returning


class ChargeType(models.TextChoices):
    DELIVERY = "delivery", _("Delivery")
    SERVICE = "service", _("Service")
    WRAPPING = "wrapping", _("Wrapping")
    DISCOUNT = "discount", _("Discount")
    BANK = "bank", _("Bank charges")
    ADJUSTMENT = "adjustment", _("Adjustment")
    SAMPLE = "sample", _("Samples")
    MANUAL = "manual", _("Manual entry")
    GIFT_CARD = "gift_card", _("Gift card")


class OrderCharge(models.Model):
    """An amount on an order that is not goods: delivery, wrapping; in imported history also what was booked by hand."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="charges", db_index=False, verbose_name=_("order"))
    line = models.IntegerField(_("line"))
    type = models.CharField(_("type"), max_length=12, choices=ChargeType.choices)
    description = models.CharField(_("description"), max_length=80, blank=True)
    amount = AmountField(_("amount"))
    vat_rate = VatRateField(_("VAT rate"), null=True)
    vat_amount = AmountField(_("VAT"), null=True)

    class Meta:
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        ordering = ["order_id", "line"]
        constraints = [models.UniqueConstraint(fields=["order", "line"], name="one_order_charge")]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.amount}"
