"""Which till tickets a principal may see."""

from typing import Any, Self

from django.db import models

from apps.core.reach import reach_of


class TicketQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        reach = reach_of(principal)
        return self.filter(reach.q("location")) if reach.may("tills.view") else self.none()
