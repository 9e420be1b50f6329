"""Which orders a principal may see."""

import datetime as dt
from collections.abc import Collection
from typing import Any, Self

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Round

from apps.core.arrays import one_of
from apps.core.events.models import Event
from apps.core.reach import reach_of
from apps.customers.querysets import opened


def _lines() -> models.QuerySet[Any]:
    return apps.get_model("orders", "OrderLine")._default_manager.order_by()


# A store keeps seeing what it sent. Whoever collects does so at the order's own location, so those lines add nothing.
_NOT_SENT = ("ready", "collected", "cancelled")


def goods_from(location_ids: Collection[int]) -> Q:
    """A condition on orders: something is sent from one of these locations, or was."""
    lines = _lines().filter(location__in=location_ids, demand__isnull=False).exclude(status__in=_NOT_SENT)
    return one_of("pk", lines.values("order_id"))


class OrderQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Stores: orders collected, sold or sent there. API clients: their channel's, and with store scope their stores' too.

        Whoever was given an identifier by the customer also sees that customer's (or that one) order.
        """
        return self._within_reach(principal, sending=True)

    def in_charge(self, principal: Any) -> Self:
        """Those of them that are the principal's to decide about, not just to pick and send for somebody else."""
        return self._within_reach(principal, sending=False)

    def handled_at(self, location_ids: Collection[int]) -> Self:
        """Orders collected or sold at one of these locations, or sent from there."""
        return self.filter(Q(location__in=location_ids) | goods_from(location_ids))

    def _within_reach(self, principal: Any, *, sending: bool) -> Self:
        reach = reach_of(principal)
        if not reach.may("orders.view"):
            return self.none()
        works_in_stores = True
        if getattr(principal, "is_api_client", False):
            works_in_stores = reach.may("orders.fulfil")
            if works_in_stores and reach.every_location:
                return self
            own = Q(channel=reach.channel_id)
            if works_in_stores:
                own |= reach.q("location")
        elif reach.every_location:
            return self
        else:
            own = reach.q("location")
        if sending and works_in_stores and reach.location_ids:
            own |= goods_from(reach.location_ids)
        return self.filter(own | Q(number__in=list(reach.granted("order"))) | opened(reach))

    def with_cancelled(self) -> Self:
        """With `cancelled`, what the cancelled pieces of each order come to; None for none.

        What stands of a line is rounded as where it is owed, so that both are the line to the cent.
        """
        lines = _lines().filter(order=OuterRef("pk"), quantity_cancelled__gt=0)
        stands = Round(F("amount") * (F("quantity") - F("quantity_cancelled")) / F("quantity"), 2)
        sums = lines.values("order").annotate(sum=Sum(F("amount") - stands)).values("sum")
        return self.annotate(cancelled=Subquery(sums))

    def with_ways(self) -> Self:
        """With `ways`, the methods of the lines of each order."""
        methods = _lines().filter(order=OuterRef("pk")).values("method").distinct()
        return self.annotate(ways=ArraySubquery(methods))

    def changed_since(self, position: int) -> Self:
        """Orders that something happened to after a position of the event log."""
        return self.filter(
            number__in=Event.objects.filter(position__gt=position, object_type="order").values("object_key")
        )

    def touched_since(self, moment: dt.datetime) -> Self:
        """Orders that something happened to since a moment, by the clock: at least once."""
        return self.filter(
            number__in=Event.objects.filter(recorded_at__gte=moment, object_type="order").values("object_key")
        )


class OrderLineQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Those whose goods come from where the principal works."""
        reach = reach_of(principal)
        return self.filter(reach.q("location")) if reach.may("orders.view") else self.none()

    def to_pick(self) -> Self:
        """Those that wait on the shelf; not of an order that is still to be paid."""
        return self.filter(status__in=["sourced", "picking"]).exclude(order__status="awaiting_payment")


class DryRunQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Those who make sourcing profiles."""
        return self if reach_of(principal).may("inventory.sourcing") else self.none()
