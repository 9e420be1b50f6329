"""How many orders locations have to bring in their time slots."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.network.models import Location


class SlotDay(models.Model):
    """A time slot of a location on a day, once an order has a place in it. `capacity` is what it was when a place was taken last:
    lowered afterwards below what is `taken`, nobody loses theirs, and nobody gets one."""

    location = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("location"), db_index=False)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    capacity = models.PositiveSmallIntegerField(_("orders"))
    taken = models.PositiveSmallIntegerField(_("taken"))

    class Meta:
        verbose_name = _("time slot of a day")
        verbose_name_plural = _("time slots of days")
        constraints = [
            models.UniqueConstraint(fields=["location", "starts_at", "ends_at"], name="one_slot_day"),
            models.CheckConstraint(name="taken_within_capacity", condition=Q(taken__lte=F("capacity"))),
        ]

    def __str__(self) -> str:
        return f"{self.location_id} {self.starts_at}: {self.taken}"
