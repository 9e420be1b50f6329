"""The time at which a customer chose to have an order brought."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.inventory.models import SlotDay
from apps.orders.models.order import Order


class SlotBooking(models.Model):
    """An order has a place in a time slot of a location, which brings what is sent of it. Without one nothing is agreed but a
    day; given back, the row is gone and the place is free."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="slot_booking", verbose_name=_("order"))
    slot = models.ForeignKey(SlotDay, models.PROTECT, related_name="bookings", verbose_name=_("time slot"))

    class Meta:
        verbose_name = _("place in a time slot")
        verbose_name_plural = _("places in time slots")

    def __str__(self) -> str:
        return f"{self.order_id}: {self.slot_id}"
