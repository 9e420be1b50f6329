"""Returns through any channel, of purchases in any channel."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.core.events.models import Origin
from apps.core.money import AmountField, CurrencyField, QuantityField, UnitPriceField, VatRateField
from apps.customers.models import SourceRecord
from apps.inventory.models import Condition
from apps.network.models import Channel, Location
from apps.orders.models import ChargeType, Order, OrderLine
from apps.payments.models import PaymentAccount
from apps.returns.querysets import ReturnQuerySet

GRADES = (Condition.SALEABLE, Condition.DAMAGED)
"""In which conditions goods that came back go into stock; what becomes of the damaged is decided there."""
GRADE_CHOICES = [(grade.value, grade.label) for grade in GRADES]


class ReturnStatus(models.TextChoices):
    ANNOUNCED = "announced", _("Announced")
    RECEIVED = "received", _("Received")
    INSPECTED = "inspected", _("Inspected")
    SETTLED = "settled", _("Settled")
    WITHDRAWN = "withdrawn", _("Withdrawn")


WAITING = (ReturnStatus.ANNOUNCED, ReturnStatus.RECEIVED)
"""Where a return is before anybody has looked at the goods."""


class Withdrawal(models.TextChoices):
    """Why announced goods do not come back this way after all."""

    ASKED = "asked", _("called off")
    TILL = "till", _("brought to a till")
    LAPSED = "lapsed", _("not brought in time")


class Reason(models.TextChoices):
    TOO_SMALL = "too_small", _("Too small")
    TOO_LARGE = "too_large", _("Too large")
    NOT_AS_EXPECTED = "not_as_expected", _("Not as expected")
    DAMAGED = "damaged", _("Damaged")
    WRONG_ITEM = "wrong_item", _("Wrong item")
    CHANGED_MIND = "changed_mind", _("Changed mind")
    UNKNOWN = "unknown", _("Unknown")


class Return(models.Model):
    """Goods coming back, from one or more orders (linked per line), to a store or a distribution centre.

    `payment_account` is set only where no order is known to pay back from. `business_date` is the day on which the money
    went back; until then, the day on which the return was announced. A withdrawn return keeps its lines as they were
    announced and gives nothing back.
    """

    number = models.CharField(_("return"), max_length=16, unique=True)
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="returns", db_index=False, verbose_name=_("channel")
    )
    external_id = models.CharField(_("external id"), max_length=128)
    fingerprint = models.CharField(max_length=64, blank=True)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.LIVE)
    source_record = models.ForeignKey(
        SourceRecord, models.PROTECT, null=True, related_name="returns", db_index=False, verbose_name=_("customer")
    )
    status = models.CharField(_("status"), max_length=10, choices=ReturnStatus.choices, default=ReturnStatus.ANNOUNCED)
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, related_name="returns", verbose_name=_("returned to")
    )
    return_code = models.CharField(_("return code"), max_length=12, null=True, unique=True)  # noqa: DJ001  unique when present
    payment_account = models.OneToOneField(
        PaymentAccount, models.PROTECT, null=True, related_name="+", verbose_name=_("payment account")
    )
    currency = CurrencyField(_("currency"))
    total = AmountField(_("refund"), default=0)
    occurred_at = models.DateTimeField(_("announced"))
    business_date = models.DateField(_("business date"))
    recorded_at = models.DateTimeField(default=timezone.now)
    received_at = models.DateTimeField(_("received"), null=True)
    settled_at = models.DateTimeField(_("settled"), null=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_because = models.CharField(_("reason"), max_length=8, choices=Withdrawal.choices, blank=True)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ["-occurred_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["channel", "external_id"], name="return_once_per_channel")]
        indexes = [
            models.Index(fields=["-occurred_at", "-id"], name="return_newest"),
            models.Index(fields=["source_record", "-occurred_at"], name="return_of_person"),
            models.Index(fields=["business_date", "channel"], name="return_of_day"),
            models.Index(fields=["occurred_at"], name="return_not_there_yet", condition=Q(status="announced")),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("returns:return", kwargs={"number": self.number})


class ReturnLine(models.Model):
    """So many pieces of one order line coming back. Amounts are positive and copied from the purchase, never recomputed.

    A line without `variant` gives back a charge. A line without `order_line` reverses a purchase that is not known.
    """

    rma = models.ForeignKey(Return, models.PROTECT, related_name="lines", db_index=False, verbose_name=_("return"))
    line = models.IntegerField(_("line"))
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="return_lines", verbose_name=_("order"))
    order_line = models.ForeignKey(
        OrderLine, models.PROTECT, null=True, related_name="return_lines", verbose_name=_("order line")
    )
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, related_name="+", verbose_name=_("variant"))
    charge_type = models.CharField(_("charge"), max_length=12, choices=ChargeType.choices, blank=True)
    sku = models.CharField(_("SKU"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    quantity = QuantityField(_("quantity"))
    unit_price = UnitPriceField(_("unit price"))
    amount = AmountField(_("refund"))
    vat_rate = VatRateField(_("VAT rate"), null=True)
    vat_amount = AmountField(_("VAT"), null=True)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices, default=Reason.UNKNOWN)
    grade = models.CharField(_("condition"), max_length=10, choices=GRADE_CHOICES, blank=True)

    class Meta:
        verbose_name = _("return line")
        verbose_name_plural = _("return lines")
        ordering = ["rma_id", "line"]
        constraints = [
            models.UniqueConstraint(fields=["rma", "line"], name="one_return_line"),
            models.CheckConstraint(name="return_line_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="return_line_of_goods_or_charge", condition=Q(variant__isnull=False) | ~Q(charge_type="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rma_id}/{self.line}"
