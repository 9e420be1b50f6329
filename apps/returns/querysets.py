"""Which returns a principal may see."""

from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from apps.core.reach import reach_of
from apps.customers.querysets import opened


class ReturnQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Stores: returns brought to them, and returns of what they sold. API clients: their channel's.

        A customer who identified themselves opens their returns wherever they were announced, one who shows an order or a
        return code those of that order or that return.
        """
        reach = reach_of(principal)
        if not reach.may("returns.view"):
            return self.none()
        sold = Q()
        if getattr(principal, "is_api_client", False):
            if reach.may("returns.accept") and reach.every_location:
                return self
            own = Q(channel=reach.channel_id)
            if reach.may("returns.accept"):
                own |= reach.q("location")
        elif reach.every_location:
            return self
        else:
            own = reach.q("location")
            sold = self._of(reach.q("order__location"))
        if orders := reach.granted("order"):
            own |= self._of(Q(order__number__in=list(orders)))
        # What a store sold is read last: where one of the others holds, it is not read at all.
        return self.filter(own | Q(number__in=list(reach.granted("return"))) | opened(reach) | sold)

    def _of(self, orders: Q) -> Q:
        """A condition: something of these orders came back, or will."""
        lines = apps.get_model("returns", "ReturnLine")._default_manager
        return Q(Exists(lines.filter(orders, rma=OuterRef("pk"))))
