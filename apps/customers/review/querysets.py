"""Which findings a principal may see."""

from typing import Any, Self

from django.db import models

from apps.core.reach import reach_of


class FindingQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        return self if reach_of(principal).may("customers.review") else self.none()
