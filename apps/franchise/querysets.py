"""Which revenue shares a principal may see: one's own stores', never another entrepreneur's."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from apps.core.reach import reach_of


class RevenueShareQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        reach = reach_of(principal)
        if not reach.may("franchise.view"):
            return self.none()
        if reach.every_location:
            return self
        return self.filter(Q(location__isnull=False) & reach.q("location"))


class RuleSetQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Published rules are for everyone they concern; drafts for those who make them."""
        reach = reach_of(principal)
        if reach.may("franchise.rules"):
            return self
        return self.filter(published_at__isnull=False) if reach.may("franchise.view") else self.none()
