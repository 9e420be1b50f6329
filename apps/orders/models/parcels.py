"""What goes to a customer's address: boxes, each with its carrier, its number and what is in it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.money import QuantityField
from apps.network.models import Location
from apps.orders.models.lines import OrderLine
from apps.orders.models.order import Order


class ParcelStatus(models.TextChoices):
    ASKED = "asked", _("Being booked")
    BOOKED = "booked", _("Packed")
    FAILED = "failed", _("Not booked")
    LEFT = "left", _("On its way")
    DELIVERED = "delivered", _("Delivered")
    UNPACKED = "unpacked", _("Unpacked")


class ParcelManager(models.Manager["Parcel"]):
    def get_queryset(self) -> models.QuerySet["Parcel"]:
        """Without labels: each is a file, and only who prints one reads it."""
        return super().get_queryset().defer("label")


class Parcel(models.Model):
    """A box with goods of one order from one location. `carrier` is the name of a carrier port; `weight` is in grams.

    `label` is what an outside carrier gave to print; the built-in one has a page of its own instead. Booking is done by a
    worker: `attempts` counts its tries, `due_at` is when the next one may begin, `failure` is what the carrier said.
    `followed_at` is when the carrier was last asked where it is.
    """

    number = models.CharField(_("parcel"), max_length=16, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="parcels", verbose_name=_("order"))
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("sent from"))
    status = models.CharField(_("status"), max_length=10, choices=ParcelStatus.choices)
    carrier = models.CharField(_("carrier"), max_length=32)
    service = models.CharField(_("sent with"), max_length=40, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)
    tracking_url = models.URLField(_("tracking link"), max_length=400, blank=True)
    weight = models.PositiveIntegerField(_("weight in grams"), null=True)
    label = models.BinaryField(null=True)
    label_type = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    failure = models.CharField(_("why not"), max_length=240, blank=True)
    packed_at = models.DateTimeField(_("packed"), default=timezone.now)
    packed_by = models.CharField(max_length=64)
    left_at = models.DateTimeField(_("left"), null=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    followed_at = models.DateTimeField(null=True)

    objects = ParcelManager()

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["due_at"], name="parcel_to_book", condition=Q(status="asked")),
            models.Index(fields=["left_at"], name="parcel_on_its_way", condition=Q(status="left")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_here(self) -> bool:
        """Whether it still stands in the location."""
        return self.status in {ParcelStatus.ASKED, ParcelStatus.BOOKED, ParcelStatus.FAILED}


class ParcelLine(models.Model):
    """So many pieces of an order line in a parcel."""

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="lines", db_index=False, verbose_name=_("parcel"))
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="parcel_lines", verbose_name=_("order line"))
    quantity = QuantityField(_("quantity"))

    class Meta:
        verbose_name = _("line of a parcel")
        verbose_name_plural = _("lines of a parcel")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["parcel", "order_line"], name="one_parcel_line"),
            models.CheckConstraint(name="parcel_line_positive", condition=Q(quantity__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.order_line_id}"
