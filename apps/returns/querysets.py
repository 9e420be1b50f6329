"""Which returns a principal may see."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from apps.core.reach import reach_of


class ReturnQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Stores: returns brought to them, and returns of what they sold. API clients: their channel's.

        A customer who identified themselves opens their returns wherever they were announced, one who shows an order or a
        return code those of that order or that return.
        """
        reach = reach_of(principal)
        if not reach.may("returns.view"):
            return self.none()
        if getattr(principal, "is_api_client", False):
            if reach.may("returns.accept") and reach.every_location:
                return self
            own = Q(channel=reach.channel_id)
            if reach.may("returns.accept"):
                own |= reach.q("location")
        elif reach.every_location:
            return self
        else:
            own = reach.q("location") | Q(
                pk__in=self.model._default_manager.filter(reach.q("lines__order__location")).values("pk")
            )
        returns, orders, customers = (reach.granted(kind) for kind in ("return", "order", "customer"))
        if returns:
            own |= Q(number__in=list(returns))
        if orders:
            of_orders = self.model._default_manager.filter(lines__order__number__in=list(orders))
            own |= Q(pk__in=of_orders.values("pk"))
        if customers:
            own |= Q(source_record__customer__key__in=list(customers))
        return self.filter(own)
