"""When locations are open, and in which time slots they bring orders to customers near by."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from apps.core.audit.triggers import audited, audited_when_added
from apps.core.ids import new_id
from apps.network.models.chain import OF_LOCATION, Location
from apps.network.opening import LONGEST
from apps.network.querysets import DeliverySlotQuerySet, OpeningDayQuerySet

_LOCATION_OR_CHAIN = f"COALESCE(({OF_LOCATION}), '')"


class Timetable(models.Model):
    """When a location is open, and how fast it handles orders; without a location, what the chain does where a location says
    nothing of its own. Empty means: as the chain, for the chain itself: as in `opening.Hours`.

    `week` is a text for Monday to Sunday as `opening.write_spans` writes it, empty for a day on which it is closed.
    """

    location = models.OneToOneField(
        Location, models.PROTECT, null=True, related_name="timetable", verbose_name=_("location")
    )
    week = ArrayField(
        models.CharField(max_length=LONGEST, blank=True), size=7, null=True, verbose_name=_("opening hours")
    )
    closes_on_holidays = models.BooleanField(_("closed on public holidays"), null=True)
    collect_cut_off = models.TimeField(_("to be collected the same day until"), null=True)
    parcel_cut_off = models.TimeField(_("sent the same day until"), null=True)
    picking_minutes = models.PositiveSmallIntegerField(_("minutes of opening time to pick"), null=True)
    transit_days = models.PositiveSmallIntegerField(_("days that a parcel is on its way"), null=True)

    class Meta:
        triggers = [
            audited("location", key=_LOCATION_OR_CHAIN, table="network_timetable"),
            audited_when_added("location", key=_LOCATION_OR_CHAIN, table="network_timetable"),
        ]
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        constraints = [
            models.UniqueConstraint(fields=["location"], name="one_timetable", nulls_distinct=False),
            models.CheckConstraint(
                name="a_week_with_an_open_day",
                condition=models.Q(week=None) | (models.Q(week__len=7) & ~models.Q(week=[""] * 7)),
            ),
            models.CheckConstraint(
                name="picking_takes_time", condition=models.Q(picking_minutes=None) | models.Q(picking_minutes__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return str(self.location or "chain")

    def get_absolute_url(self) -> str:
        return self.location.get_absolute_url() if self.location else reverse("network:chain-hours")


class OpeningDay(models.Model):
    """A day on which a location (without one: the chain) keeps other hours than in its week, or (no `hours`) is closed."""

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, related_name="opening_days", db_index=False, verbose_name=_("location")
    )
    day = models.DateField(_("day"))
    hours = models.CharField(_("hours"), max_length=LONGEST, blank=True)
    name = models.CharField(_("why"), max_length=60, blank=True)

    objects = OpeningDayQuerySet.as_manager()

    class Meta:
        triggers = [
            audited("location", key=_LOCATION_OR_CHAIN, table="network_openingday"),
            audited_when_added("location", key=_LOCATION_OR_CHAIN, table="network_openingday"),
        ]
        verbose_name = _("day with other hours")
        verbose_name_plural = _("days with other hours")
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["location", "day"], name="one_opening_day", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.location or 'chain'} {self.day}"

    def get_absolute_url(self) -> str:
        return self.location.get_absolute_url() if self.location else reverse("network:chain-hours")


class DeliverySlot(models.Model):
    """A time of a weekday (Monday is 0) in which a location brings orders to customers near by.

    It brings at most `capacity` orders in it each week, and takes them until `cut_off_minutes` before it starts.
    """

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="delivery_slots", verbose_name=_("location"), db_index=False
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=list(WEEKDAYS.items()))
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))
    capacity = models.PositiveSmallIntegerField(_("orders"))
    cut_off_minutes = models.PositiveSmallIntegerField(_("minutes beforehand"))

    objects = DeliverySlotQuerySet.as_manager()

    class Meta:
        triggers = [
            audited("location", key=OF_LOCATION, table="network_deliveryslot"),
            audited_when_added("location", key=OF_LOCATION, table="network_deliveryslot"),
        ]
        verbose_name = _("time slot")
        verbose_name_plural = _("time slots")
        ordering = ["weekday", "starts", "ends"]
        constraints = [
            models.UniqueConstraint(fields=["location", "weekday", "starts", "ends"], name="one_delivery_slot"),
            models.CheckConstraint(name="slot_ends_after_it_starts", condition=Q(ends__gt=F("starts"))),
            models.CheckConstraint(name="slot_of_a_weekday", condition=Q(weekday__lte=6)),
        ]

    def __str__(self) -> str:
        return f"{self.location} {self.weekday} {self.starts:%H:%M}"

    def get_absolute_url(self) -> str:
        return self.location.get_absolute_url()
