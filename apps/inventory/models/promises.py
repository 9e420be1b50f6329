"""Promises on stock: a reservation is a set of demands, each on a concrete stock level."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.core.ids import new_id
from apps.core.money import QuantityField
from apps.inventory.models.levels import StockLevel
from apps.inventory.models.news import WAITED
from apps.inventory.models.tasks import StoreTask
from apps.inventory.querysets import ReservationQuerySet
from apps.network.models import Channel, Location


class Reservation(models.Model):
    """What one basket, order or transfer holds. `expires_at` empty: held until released or consumed.

    A transfer is not sold in a channel, and its promise does not lapse.
    """

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="+", verbose_name=_("channel"))
    reference = models.CharField(_("reference"), max_length=128)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = [
            models.CheckConstraint(
                name="lapses_only_in_a_channel", condition=Q(channel__isnull=False) | Q(expires_at=None)
            )
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="reservation_expiry", condition=Q(expires_at__isnull=False))
        ]

    def __str__(self) -> str:
        return str(self.key)


class Demand(models.Model):
    """So many of a variant wanted by one line.

    `level` is the stock that is promised; empty means unsourced, which arises only from short picks, till facts and
    explicit back-orders: then `wanted_at` is the location it must come from, if it must. What is still held is
    `quantity - consumed - released`. Where a line takes goods from several locations, `part_of` is its number.
    """

    reservation = models.ForeignKey(Reservation, models.PROTECT, related_name="demands", verbose_name=_("reservation"))
    line = models.IntegerField(_("line"))
    part_of = models.IntegerField(null=True)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="demands", verbose_name=_("variant"))
    level = models.ForeignKey(
        StockLevel, models.PROTECT, null=True, related_name="demands", verbose_name=_("stock level")
    )
    wanted_at = models.ForeignKey(Location, models.PROTECT, null=True, related_name="+", db_index=False)
    quantity = QuantityField(_("quantity"))
    # What a store did not find stays held, so that nobody else is promised it, until this count is done.
    held_for = models.ForeignKey(StoreTask, models.PROTECT, null=True, related_name="holds", db_index=False)
    consumed = QuantityField(_("consumed"), default=0)
    released = QuantityField(_("released"), default=0)
    # It waits as was agreed, for what suppliers announced: nothing was promised from stock, so nothing was lost.
    is_back_order = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name = _("demand")
        verbose_name_plural = _("demands")
        triggers = WAITED
        constraints = [
            models.CheckConstraint(
                name="demand_within_quantity",
                condition=Q(consumed__gte=0) & Q(released__gte=0) & Q(quantity__gte=F("consumed") + F("released")),
            ),
        ]
        indexes = [
            models.Index(fields=["held_for"], name="demand_held_for", condition=Q(held_for__isnull=False)),
            models.Index(
                fields=["variant"],
                name="demand_waiting",
                condition=Q(level=None, quantity__gt=F("consumed") + F("released")),
            ),
            models.Index(fields=["level"], name="demand_held", condition=Q(quantity__gt=F("consumed") + F("released"))),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant}"
