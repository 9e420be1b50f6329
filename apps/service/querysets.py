"""Which contact moments a principal may see."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from apps.core.actors import actor_of
from apps.core.reach import reach_of


class ContactMomentQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """All for the desk and head office; in a store its own, and those of customers who identified themselves."""
        reach = reach_of(principal)
        if not reach.may("service.view"):
            return self.none()
        if reach.every_location and not getattr(principal, "is_api_client", False):
            return self
        if getattr(principal, "is_api_client", False):
            return self.filter(actor=actor_of(principal))
        opened = Q(source_record__customer__key__in=list(reach.granted("customer")))
        return self.filter(opened | reach.q("location"))
