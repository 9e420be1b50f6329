"""One loyalty programme, equal in store and online."""

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ledger.models import LedgerRow, once_per_cause
from apps.customers.models import SourceRecord
from apps.loyalty.enrolment.models import Invitation
from apps.loyalty.querysets import LoyaltyAccountQuerySet, PointsEntryQuerySet
from apps.network.models import Location

__all__ = ["EarnRule", "Invitation", "LoyaltyAccount", "PointsEntry", "PointsLot"]


class EarnRule(models.Model):
    """How many points a whole unit of currency earns, from a day on. Points count when the return period is over."""

    version = models.CharField(_("version"), max_length=16, unique=True)
    currency = models.CharField(_("currency"), max_length=3)
    points_per_unit = models.DecimalField(_("points per unit of currency"), max_digits=8, decimal_places=2)
    pending_days = models.SmallIntegerField(_("days until points count"), default=14)
    months_valid = models.SmallIntegerField(_("months valid"), default=24)
    valid_from = models.DateField(_("valid from"), default=dt.date(2000, 1, 1))

    class Meta:
        verbose_name = _("earn rule")
        verbose_name_plural = _("earn rules")

    def __str__(self) -> str:
        return self.version


class LoyaltyAccount(models.Model):
    """A card and its running balance; the points ledger is the truth. `balance` may fall below zero: a debt after a return
    of something whose points were already spent, which blocks redemption."""

    card_number = models.CharField(_("card number"), max_length=20, unique=True)
    source_record = models.OneToOneField(
        SourceRecord, models.PROTECT, related_name="loyalty_account", verbose_name=_("customer")
    )
    issued_by = models.ForeignKey(Location, models.PROTECT, null=True, related_name="+", verbose_name=_("issued by"))
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    link_series = models.SmallIntegerField(
        default=0, db_default=0, help_text=_("Links to the card of an earlier series no longer open it.")
    )
    balance = models.IntegerField(_("balance"), default=0)
    pending = models.IntegerField(_("pending"), default=0)

    objects = LoyaltyAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("loyalty account")
        verbose_name_plural = _("loyalty accounts")
        constraints = [models.CheckConstraint(name="pending_points_not_negative", condition=Q(pending__gte=0))]

    def __str__(self) -> str:
        return self.card_number


class PointsLot(models.Model):
    """Points of what was handed over of one order on one day: so many left, from and until when they count.

    Points brought along from an old programme are a lot of no order. A projection of the ledger.
    """

    account = models.ForeignKey(
        LoyaltyAccount, models.PROTECT, related_name="lots", db_index=False, verbose_name=_("account")
    )
    order_number = models.CharField(_("order"), max_length=16)
    earned = models.IntegerField(_("earned"))
    remaining = models.IntegerField(_("remaining"))
    active_from = models.DateField(_("counts from"))
    expires_on = models.DateField(_("expires"))
    is_active = models.BooleanField(_("counts"), default=False)

    class Meta:
        verbose_name = _("points lot")
        verbose_name_plural = _("points lots")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "order_number", "active_from"], name="one_lot_per_order_and_day"
            ),
            models.CheckConstraint(
                name="lot_within_earned", condition=Q(remaining__gte=0) & Q(remaining__lte=models.F("earned"))
            ),
        ]
        indexes = [models.Index(fields=["active_from"], name="lot_pending", condition=Q(is_active=False))]

    def __str__(self) -> str:
        return f"{self.remaining}/{self.earned}"


class PointsEntry(LedgerRow):
    """So many points came or went, out of one lot. `points` is signed; a debt has no lot.

    Rows with `is_pending` add up to what is pending, the others to the balance; an activation is one of each.
    """

    class Kind(models.TextChoices):
        EARNED = "earned", _("Earned")
        ACTIVATED = "activated", _("Now count")
        REVERSED = "reversed", _("Reversed")
        FORFEITED = "forfeited", _("Forfeited")
        OPENING = "opening", _("Brought along")

    account = models.ForeignKey(
        LoyaltyAccount, models.PROTECT, related_name="entries", db_index=False, verbose_name=_("account")
    )
    lot = models.ForeignKey(PointsLot, models.PROTECT, null=True, related_name="entries", verbose_name=_("lot"))
    points = models.IntegerField(_("points"))
    is_pending = models.BooleanField(_("pending"), default=False)
    order_number = models.CharField(_("order"), max_length=16)
    rule_version = models.CharField(_("rule"), max_length=16)

    objects = PointsEntryQuerySet.as_manager()

    class Meta(LedgerRow.Meta):
        verbose_name = _("points entry")
        verbose_name_plural = _("points entries")
        constraints = [once_per_cause("points_booked_once")]
        indexes = [
            models.Index(fields=["account", "-occurred_at"], name="points_of_account"),
            models.Index(fields=["order_number"], name="points_of_order"),
        ]
