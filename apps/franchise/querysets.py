"""Which revenue shares a principal may see: one's own company's, never another entrepreneur's."""

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.core.reach import reach_of
from apps.network.models import Ownership


class CreditedQuerySet(models.QuerySet):
    """Rows with the store (`location`) and the company (`legal_entity`) that online revenue is credited to."""

    def visible_to(self, principal: Any) -> Self:
        """A franchisee: what is credited to the own company, also by stores since passed on. A store: what is credited
        to it under its present owner. What came before belongs to the entrepreneur of that time.
        """
        reach = reach_of(principal)
        if not reach.may("franchise.view"):
            return self.none()
        if reach.every_location:
            return self
        now_owned = Ownership.objects.filter(
            location=OuterRef("location"), legal_entity=OuterRef("legal_entity"), valid__contains=timezone.localdate()
        )
        return self.filter(Q(legal_entity__in=reach.legal_entity_ids) | (reach.q("location") & Exists(now_owned)))


class RuleSetQuerySet(models.QuerySet):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def visible_to(self, principal: Any) -> Self:
        """Published rules are for everyone they concern; drafts for those who make them."""
        reach = reach_of(principal)
        if reach.may("franchise.rules"):
            return self
        return self.published() if reach.may("franchise.view") else self.none()
