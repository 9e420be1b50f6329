"""Which messages a principal may see."""

from typing import Any, Self

from django.db import models

from apps.core.reach import reach_of
from apps.customers.querysets import opened


class MessageQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """The outbox is for those who look after it; others see messages of customers opened to them."""
        reach = reach_of(principal)
        if reach.may("messages.view"):
            return self
        if reach.may("customers.view"):
            return self.filter(opened(reach))
        return self.none()
