"""Which returns a principal may see."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from apps.core.reach import reach_of


class ReturnQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Stores: returns brought to them, and returns of what they sold. API clients: their channel's.

        A customer who identified themselves, or shows a return code, opens their returns wherever they were announced.
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
                pk__in=self.model.objects.filter(reach.q("lines__order__location")).values("pk")
            )
        returns, customers = reach.granted("return"), reach.granted("customer")
        if returns:
            own |= Q(number__in=list(returns))
        if customers:
            own |= Q(source_record__customer__key__in=list(customers))
        return self.filter(own)
