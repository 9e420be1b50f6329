"""Which loyalty accounts a principal may see: those of customers opened to them."""

from typing import Any, Self

from django.db import models

from apps.core.reach import reach_of


class LoyaltyAccountQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        reach = reach_of(principal)
        if not reach.may("loyalty.view"):
            return self.none()
        return self.filter(source_record__customer__key__in=list(reach.granted("customer")))


class PointsEntryQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        reach = reach_of(principal)
        if not reach.may("loyalty.view"):
            return self.none()
        return self.filter(account__source_record__customer__key__in=list(reach.granted("customer")))
