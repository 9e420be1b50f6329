"""Which messages a principal may see."""

from typing import Any, Self

from django.db import models

from apps.core.reach import reach_of


class MessageQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """The outbox is for those who look after it; others see messages of customers opened to them."""
        reach = reach_of(principal)
        if reach.may("messages.view"):
            return self
        if reach.may("customers.view"):
            return self.filter(source_record__customer__key__in=list(reach.granted("customer")))
        return self.none()
