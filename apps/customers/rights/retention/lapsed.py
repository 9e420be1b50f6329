"""Customers who came no more: after the term they are forgotten, as if they had asked."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import Conflict
from apps.customers.models import Consent, Customer, Erasure, SourceRecord
from apps.customers.rights.erasing import erase
from apps.customers.rights.retention.rules import RetentionRule, keeps_customers, retention, still_come


class LapsedCustomers:
    """Customers of whom nothing happened since the term began, and who have nothing left with us."""

    model: type[Model] = Customer
    at_once = 20

    def due(self, before: dt.datetime) -> QuerySet[Any]:
        rows = Customer.objects.filter(merged_into=None, since__lt=before).exclude(
            Exists(Erasure.objects.filter(customer_key=OuterRef("key")))
        )
        for records in still_come(before):
            of_them = SourceRecord.objects.filter(pk__in=records, customer__isnull=False)
            rows = rows.exclude(pk__in=of_them.order_by().values("customer"))
        return rows.order_by("pk")

    def let_go(self, keys: Sequence[Any], before: dt.datetime) -> tuple[int, int]:
        """Forget each in a transaction of their own. Who came back meanwhile, or was forgotten by another worker, is left."""
        done = waiting = 0
        for key in keys:
            try:
                done += self._forget(key, before)
            except Conflict:
                waiting += 1
        return done, waiting

    @transaction.atomic
    def _forget(self, key: int, before: dt.datetime) -> bool:
        list(Customer.objects.select_for_update().filter(pk=key).values_list("pk"))
        customer = self.due(before).filter(pk=key).first()
        if customer is None:
            return False
        erase(customer=customer, principal=None)
        return True

    def tells(self, row: Any) -> tuple[dt.datetime | None, str]:
        return row.since, _("customer since %(year)s") % {"year": row.since.year}


@keeps_customers
def told_of(since: dt.datetime) -> QuerySet[Any]:
    """Whoever a system first told of since then."""
    return SourceRecord.objects.filter(recorded_at__gte=since).values("pk")


@keeps_customers
def allowed(since: dt.datetime) -> QuerySet[Any]:
    """Whoever said yes to something since then."""
    return Consent.objects.filter(given=True, occurred_at__gte=since).values("source_record")


retention(
    RetentionRule(
        code="customers",
        name=gettext_lazy("Customers who came no more"),
        purpose=gettext_lazy("Knowing our customers, and serving them with their history"),
        since=gettext_lazy("after the last purchase, conversation or word of consent; not while they have points left"),
        ends=gettext_lazy("They are forgotten, as if they had asked. Orders and amounts stay and name nobody."),
        why=gettext_lazy("Four years is what the trade association of data-driven marketing gives as its example."),
        months=48,
        least=12,
        parts=(LapsedCustomers(),),
    )
)
