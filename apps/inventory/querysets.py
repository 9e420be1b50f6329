"""Which stock a principal may see."""

import datetime as dt
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Least

from apps.core.events.models import Event
from apps.core.reach import reach_of

LEAST_KEPT = Least(F("safety_collect"), F("safety_delivery"))
"""What a level keeps from every customer who is not in the building, however they get it."""


class StockLevelQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Own locations; every location for whoever must be able to send a customer to the right one."""
        reach = reach_of(principal)
        if not reach.may("inventory.view"):
            return self.none()
        return self if reach.may("inventory.view_everywhere") else self.filter(reach.q("location"))

    def saleable(self) -> Self:
        return self.filter(condition="saleable")

    def with_available(self) -> Self:
        """Adds `kept`, and `available`: what can still be promised, in one way or another, to who is not in the building."""
        free = When(Q(condition="saleable"), then=F("on_hand") - F("reserved") - LEAST_KEPT)
        return self.annotate(kept=LEAST_KEPT, available=Case(free, default=Value(Decimal(0))))


class StockMovementQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        reach = reach_of(principal)
        if not reach.may("inventory.view"):
            return self.none()
        if reach.every_location:
            return self
        return self.filter(Q(reach.q("from_location")) | Q(reach.q("to_location")))


class PlaceQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Those of the principal's own locations."""
        reach = reach_of(principal)
        return self.filter(reach.q("location")) if reach.may("inventory.view") else self.none()


class PlaceLevelQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """What lies in the principal's own locations."""
        reach = reach_of(principal)
        return self.filter(reach.q("location")) if reach.may("inventory.view") else self.none()

    def for_sale(self) -> Self:
        """What people may go and get: saleable, and neither picked for somebody nor set apart."""
        return self.filter(condition="saleable", place__kind__in=["shelf", "bin", "stockroom"])


class StockDocumentQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        reach = reach_of(principal)
        return self.filter(reach.q("location")) if reach.may("inventory.view") else self.none()


class TransferQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Those of the sending and of the receiving location; a store's app may move goods without seeing other stock."""
        reach = reach_of(principal)
        if not (reach.may("inventory.view") or reach.may("inventory.transfer")):
            return self.none()
        if reach.every_location:
            return self
        return self.filter(Q(reach.q("sender")) | Q(reach.q("receiver")))

    def sent_by(self, principal: Any) -> Self:
        """Those that the principal's own locations send."""
        return self.filter(reach_of(principal).q("sender"))

    def agreed_to_by(self, principal: Any) -> Self:
        """Those that the principal may agree to send: head office, which reaches everything, is nobody's own."""
        reach = reach_of(principal)
        return self.none() if reach.every_location else self.filter(sender__in=reach.location_ids)

    def received_by(self, principal: Any) -> Self:
        """Those that come to the principal's own locations."""
        return self.filter(reach_of(principal).q("receiver"))

    def to_agree(self) -> Self:
        """Those that the sender is to say yes or no to."""
        return self.filter(status="asked")

    def changed_since(self, position: int) -> Self:
        """Those that something happened to after a position of the event log."""
        events = Event.objects.filter(position__gt=position, object_type="transfer")
        return self.filter(number__in=events.values("object_key"))

    def touched_since(self, moment: dt.datetime) -> Self:
        """Those that something happened to since a moment, by the clock: at least once."""
        events = Event.objects.filter(recorded_at__gte=moment, object_type="transfer")
        return self.filter(number__in=events.values("object_key"))

    def to_send(self) -> Self:
        return self.filter(status__in=("to_send", "partly"))

    def on_their_way(self) -> Self:
        return self.filter(is_on_the_way=True)


class StoreTaskQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        reach = reach_of(principal)
        return self.filter(reach.q("location")) if reach.may("inventory.view") else self.none()

    def open(self) -> Self:
        return self.filter(done_at=None)


class SourcingProfileQuerySet(models.QuerySet):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def visible_to(self, principal: Any) -> Self:
        """How orders are divided is open to whoever may see stock; drafts are for those who make them."""
        reach = reach_of(principal)
        if reach.may("inventory.sourcing"):
            return self
        return self.published() if reach.may("inventory.view") else self.none()


class CountQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        reach = reach_of(principal)
        return self.filter(reach.q("location")) if reach.may("inventory.count") else self.none()

    def to_count(self) -> Self:
        return self.filter(status__in=["draft", "counting"])

    def under_way(self) -> Self:
        """To be counted, or to be approved."""
        return self.filter(status__in=["draft", "counting", "submitted"])


class KeepingQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """What is kept back is no secret to whoever sees stock."""
        return self if reach_of(principal).may("inventory.view") else self.none()


class ConsignmentQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Those of the principal's own locations, and those that hold everywhere."""
        reach = reach_of(principal)
        if not reach.may("inventory.view"):
            return self.none()
        return self if reach.every_location else self.filter(Q(location=None) | reach.q("location"))

    def on(self, day: dt.date) -> Self:
        return self.filter(valid__contains=day)


class PurchaseNoticeQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Those of the principal's own locations; a store's app may receive without seeing other stock."""
        reach = reach_of(principal)
        may_see = reach.may("inventory.view") or reach.may("inventory.receive")
        return self.filter(reach.q("location")) if may_see else self.none()

    def to_come(self) -> Self:
        """Those of which anything is still expected."""
        return self.filter(status__in=["expected", "partly"])


class RecallQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Whoever sees stock or orders must know what may not be sold."""
        reach = reach_of(principal)
        return self if reach.may("inventory.view") or reach.may("orders.view") else self.none()

    def in_force(self) -> Self:
        return self.filter(lifted_at=None)


class ImbalanceQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """The stock of all stores beside each other is for those who look after the chain."""
        reach = reach_of(principal)
        return self if reach.may("inventory.balance") and reach.every_location else self.none()


class ReservationQuerySet(models.QuerySet):
    def of_baskets(self) -> Self:
        """Those that no order has taken over. An order's may hold demands without a line too: what it let go of, or misses."""
        return self.exclude(demands__order_line__isnull=False)
