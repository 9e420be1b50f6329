"""Which payments a principal may see. An order's own payments are shown with the order; this is the ledger as a whole."""

from typing import Any, Self

from django.db import models

from apps.core.reach import reach_of


class PaymentEntryQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        return self if reach_of(principal).may("payments.view") else self.none()
