"""Which loyalty accounts a principal may see: those of customers opened to them."""

from typing import Any, Self

from django.db import models

from apps.core.reach import reach_of
from apps.customers.querysets import opened


class LoyaltyAccountQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        reach = reach_of(principal)
        if not reach.may("loyalty.view"):
            return self.none()
        return self.filter(opened(reach))


class PointsEntryQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        reach = reach_of(principal)
        if not reach.may("loyalty.view"):
            return self.none()
        return self.filter(opened(reach, "account__source_record"))
