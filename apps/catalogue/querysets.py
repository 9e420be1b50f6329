"""Reading the catalogue. Everybody who may see it sees all of it; what is sellable differs per channel."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Q

from apps.core.reach import reach_of


class CategoryQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        return self if reach_of(principal).may("catalogue.view") else self.none()


class ProductQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        return self if reach_of(principal).may("catalogue.view") else self.none()


class VariantQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        return self if reach_of(principal).may("catalogue.view") else self.none()

    def active_on(self, day: dt.date) -> Self:
        """Variants on sale that day, their product included."""
        return self.filter(
            Q(active_until=None) | Q(active_until__gte=day),
            Q(product__active_until=None) | Q(product__active_until__gte=day),
            active_from__lte=day,
            product__active_from__lte=day,
        )
