"""An order: what a customer bought in any channel."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.events.models import Origin
from apps.core.money import AmountField, CurrencyField
from apps.customers.models import SourceRecord
from apps.inventory.models import SlotDay, Speed
from apps.network.models import Channel, LegalEntity, Location
from apps.orders.querysets import OrderQuerySet
from apps.payments.models import PaymentAccount


class Method(models.TextChoices):
    COLLECT = "collect", _("Collect")
    DELIVERY = "delivery", _("Delivery")
    CARRY_OUT = "carry_out", _("Taken along")


class IfShort(models.TextChoices):
    """What the customer wants when the store where they collect cannot find it; blank: the desk asks them."""

    SEND_ON = "send_on", _("Have it sent to the store")
    DELIVER = "deliver", _("Send it home")
    CANCEL = "cancel", _("Leave it out and pay it back")


class PaymentTerms(models.TextChoices):
    PREPAID = "prepaid", _("Paid beforehand")
    ON_COLLECTION = "on_collection", _("Paid at collection")
    INVOICE = "invoice", _("On invoice")


class OrderStatus(models.TextChoices):
    """Derived from the lines: the least advanced line that is still going somewhere speaks for the order."""

    AWAITING_PAYMENT = "awaiting_payment", _("Waits for payment")
    OPEN = "open", _("Open")
    COMING = "coming", _("Comes to the store")
    SOURCED = "sourced", _("Waits for the store")
    PICKING = "picking", _("Being picked")
    READY = "ready", _("Ready to collect")
    SHIPPED = "shipped", _("On its way")
    COLLECTED = "collected", _("Collected")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")
    RETURNED = "returned", _("Returned")


class Order(models.Model):
    """One purchase. `number` is what everybody calls it; (`channel`, `external_id`) is the channel's own key, for ever.

    Amounts include VAT where the channel's basis says so. `method` is how the customer gets most of it; each line has its own.
    `location` is the store where what is collected or taken along is; what that has not got may be sent to it, if it is
    collected `from_anywhere`.
    `promised_at` is what the customer was told: from when it can be collected, or until when all of it is at the door. Where
    it is collected in part, `collect_promised_at` is from when that part can be.
    `collect_until` is the closing time of the last day on which what lies ready is kept for the customer.
    `seller` is the legal entity that sold it, as it was on the day.
    """

    number = models.CharField(_("order"), max_length=16, unique=True)
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="orders", db_index=False, verbose_name=_("channel")
    )
    external_id = models.CharField(_("external id"), max_length=128)
    fingerprint = models.CharField(max_length=64, blank=True)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.LIVE)
    source_record = models.ForeignKey(
        SourceRecord, models.PROTECT, null=True, related_name="orders", db_index=False, verbose_name=_("customer")
    )
    seller = models.ForeignKey(LegalEntity, models.PROTECT, related_name="orders", verbose_name=_("seller"))
    status = models.CharField(_("status"), max_length=16, choices=OrderStatus.choices, default=OrderStatus.OPEN)
    method = models.CharField(_("method"), max_length=10, choices=Method.choices)
    speed = models.CharField(_("speed"), max_length=8, choices=Speed.choices, blank=True, db_default="")
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, related_name="orders", db_index=False, verbose_name=_("store")
    )
    from_anywhere = models.BooleanField(default=False, db_default=False)
    if_short = models.CharField(_("if it is short"), max_length=8, choices=IfShort.choices, blank=True, db_default="")
    collect_code = models.CharField(_("collect code"), max_length=12, null=True, unique=True)  # noqa: DJ001  unique when present
    payment_terms = models.CharField(
        _("payment terms"), max_length=16, choices=PaymentTerms.choices, default=PaymentTerms.PREPAID
    )
    payment_account = models.OneToOneField(
        PaymentAccount, models.PROTECT, related_name="order", verbose_name=_("payment account")
    )
    currency = CurrencyField(_("currency"))
    goods_total = AmountField(_("goods"))
    charges_total = AmountField(_("charges"), default=0)
    total = AmountField(_("total"))
    vat_total = AmountField(_("VAT"), null=True)
    referral_location = models.ForeignKey(
        Location, models.PROTECT, null=True, related_name="+", verbose_name=_("referred by store")
    )
    referral_associate = models.CharField(_("referred by"), max_length=32, blank=True)
    referral_code = models.CharField(_("referral code"), max_length=32, blank=True)
    placed_at = models.DateTimeField(_("placed"))
    business_date = models.DateField(_("business date"))
    recorded_at = models.DateTimeField(default=timezone.now)
    promised_at = models.DateTimeField(_("promised"), null=True)
    collect_promised_at = models.DateTimeField(_("part to collect promised"), null=True)
    ready_at = models.DateTimeField(_("ready"), null=True)
    collect_until = models.DateTimeField(_("kept until"), null=True)
    collect_reminded_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="order_once_per_channel"),
            models.CheckConstraint(
                name="order_total_adds_up", condition=Q(total=models.F("goods_total") + models.F("charges_total"))
            ),
        ]
        indexes = [
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            models.Index(fields=["total", "id"], name="order_by_total"),
            models.Index(fields=["placed_at"], name="order_short", condition=Q(status="open")),
            models.Index(fields=["location", "status"], name="order_at_location"),
            models.Index(
                fields=["promised_at"],
                name="order_promised",
                condition=Q(promised_at__isnull=False, status__in=["open", "sourced", "picking"]),
            ),
            models.Index(
                fields=["collect_until"],
                name="order_lies_ready",
                condition=Q(collect_until__isnull=False, status__in=["open", "coming", "sourced", "picking", "ready"]),
            ),
            models.Index(fields=["source_record", "-placed_at"], name="order_of_person"),
            models.Index(fields=["source_record"], name="order_collected_by", condition=Q(collect_code__isnull=False)),
            models.Index(fields=["business_date", "channel"], name="order_of_day"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("orders:order", kwargs={"number": self.number})

    @property
    def slot(self) -> SlotDay | None:
        """The time at which a location brings what is sent of it, if the customer chose one."""
        booking = getattr(self, "slot_booking", None)
        return booking.slot if booking else None
