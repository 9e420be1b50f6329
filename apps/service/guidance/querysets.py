"""Which versions of the communication policy a principal may see, and which one is in force."""

import datetime as dt
from typing import Any, Self

from django.db import models

from apps.core.reach import reach_of


class PolicyQuerySet(models.QuerySet):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def on(self, day: dt.date) -> Self:
        """Those that have begun by a day; the first of them is the one in force."""
        return self.published().filter(valid_from__lte=day).order_by("-number")

    def visible_to(self, principal: Any) -> Self:
        """Whoever talks to customers reads what was published, old versions too; drafts are for those who write them."""
        reach = reach_of(principal)
        if getattr(principal, "is_api_client", False):
            return self.none()
        if reach.may("service.guidance"):
            return self
        return self.published() if reach.may("service.view") else self.none()
