"""Which privacy requests a principal may see, and which protections hold."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from apps.core.reach import reach_of
from apps.core.statements import today
from apps.customers.querysets import opened


class PrivacyRequestQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """The officer sees all; whoever registers requests sees those of customers open to them."""
        reach = reach_of(principal)
        if reach.may("privacy.handle"):
            return self
        if not reach.may("privacy.register"):
            return self.none()
        return self.filter(opened(reach))


class ProtectionQuerySet(models.QuerySet):
    def in_force(self) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today()), ended_at=None)
