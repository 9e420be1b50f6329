"""Which figures and goals a principal may see: they are about the whole chain, so it is all or nothing."""

from typing import Any, Self

from django.db import models

from apps.core.reach import reach_of


class KpiQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        return self if reach_of(principal).may("kpis.view") else self.none()
