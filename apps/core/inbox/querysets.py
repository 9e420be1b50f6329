"""Which quarantined rows a principal may see."""

from typing import Any, Self

from django.db import models

from apps.core.reach import reach_of


class QuarantinedQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Any) -> Self:
        """Stores see what their own tills sent; a row whose store is not known is head office's."""
        reach = reach_of(principal)
        if not reach.may("inbox.view"):
            return self.none()
        if reach.every_location:
            return self
        return self.filter(locations__overlap=list(reach.location_ids))

    def open(self) -> Self:
        """Rows that nobody has mended yet."""
        return self.filter(mended_at=None)
