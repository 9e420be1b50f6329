"""Which contact moments and questions a principal may see, and the topics in their order."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Q

from apps.core.actors import actor_of
from apps.core.reach import reach_of
from apps.customers.querysets import opened


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
        return self.filter(reach.q("location") | opened(reach))


class QuestionQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """All for the desk and head office; in a store what it was asked and what it asked, and those of opened customers."""
        reach = reach_of(principal)
        if not reach.may("service.view") or getattr(principal, "is_api_client", False):
            return self.none()
        if reach.every_location:
            return self
        return self.filter(reach.q("location") | reach.q("asked_in") | opened(reach))

    def open(self) -> Self:
        return self.filter(answer__isnull=True)


class TopicQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """They say nothing of anybody: whoever sees conversations sees what they can be about."""
        return self if reach_of(principal).may("service.view") else self.none()

    def active_on(self, day: dt.date) -> Self:
        return self.filter(Q(active_until__isnull=True) | Q(active_until__gt=day), active_from__lte=day)
