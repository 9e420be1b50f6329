"""Which jobs a principal may see, and which are somebody's concern."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class JobQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Any) -> Self:
        """One's own: a job's result can hold what only its owner may see."""
        if not getattr(principal, "is_active", False) or getattr(principal, "is_api_client", False):
            return self.none()
        return self.filter(owner=principal)

    def active(self) -> Self:
        """Waiting or at work."""
        return self.filter(state__in=["queued", "running"])

    def unseen(self) -> Self:
        """Active, or ended since its owner last looked."""
        return self.filter(seen_at=None)

    def takeable(self) -> Self:
        """Waiting for a runner, or left behind by one that stopped giving signs of life."""
        return self.filter(Q(state="queued") | Q(state="running", lease_until__lt=Now()))
