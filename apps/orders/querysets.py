"""Which orders a principal may see."""

import datetime as dt
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Sum

from apps.core.events.models import Event
from apps.core.reach import reach_of


def _lines() -> models.QuerySet[Any]:
    return apps.get_model("orders", "OrderLine")._default_manager.order_by()


class OrderQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Stores: orders collected or sold there. API clients: their channel's, and with store scope their stores' too.

        Whoever was given an identifier by the customer also sees that customer's (or that one) order.
        """
        reach = reach_of(principal)
        if not reach.may("orders.view"):
            return self.none()
        if getattr(principal, "is_api_client", False):
            if reach.may("orders.fulfil") and reach.every_location:
                return self
            own = Q(channel=reach.channel_id)
            if reach.may("orders.fulfil"):
                own |= reach.q("location")
        elif reach.every_location:
            return self
        else:
            own = reach.q("location")
        orders, customers = reach.granted("order"), reach.granted("customer")
        if orders:
            own |= Q(number__in=list(orders))
        if customers:
            own |= Q(source_record__customer__key__in=list(customers))
        return self.filter(own)

    def with_cancelled(self) -> Self:
        """With `cancelled`, what the cancelled lines of each order come to; None for none."""
        lines = _lines().filter(order=OuterRef("pk"), status="cancelled")
        sums = lines.values("order").annotate(sum=Sum("amount")).values("sum")
        return self.annotate(cancelled=Subquery(sums))

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
