"""Customers who came no more: after the term they are forgotten, as if they had asked."""

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import Conflict
from apps.customers.models import Consent, Customer, Erasure, PrivacyRequest, SourceRecord
from apps.customers.rights.erasing import erase
from apps.customers.rights.retention.letting_go import let_go_of
from apps.customers.rights.retention.rules import RetentionRule, keeps_customers, retention, still_come

log = logging.getLogger(__name__)


class LapsedCustomers:
    """Customers of whom nothing happened since the term began, and who have nothing left with us.

    Who has something that is not finished waits, as does one who could not be reached just then.
    """

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
            except (Conflict, DatabaseError) as refusal:
                log.info("customer %s waits: %s", key, type(refusal).__name__)
                waiting += 1
        return done, waiting

    @transaction.atomic
    def _forget(self, key: int, before: dt.datetime) -> bool:
        list(Customer.objects.select_for_update().filter(pk=key).values_list("pk"))
        customer = let_go_of(self, before, among=[key]).first()
        if customer is None:
            return False
        erase(customer=customer, principal=None)
        return True

    def sample(self, rows: QuerySet[Any], number: int) -> list[tuple[dt.datetime, str]]:
        oldest = rows.order_by("since", "pk").values_list("since", flat=True)[:number]
        return [(since, _("customer since %(year)s") % {"year": since.year}) for since in oldest]


@keeps_customers
def told_of(since: dt.datetime) -> QuerySet[Any]:
    """Whoever a system first told of since then."""
    return SourceRecord.objects.filter(recorded_at__gte=since).values("pk")


@keeps_customers
def asked(since: dt.datetime) -> QuerySet[Any]:
    """Whoever asked something about their data since then."""
    return PrivacyRequest.objects.filter(received_on__gte=since.date()).values("source_record")


@keeps_customers
def allowed(since: dt.datetime) -> QuerySet[Any]:
    """Whoever said yes to something since then."""
    return Consent.objects.filter(given=True, occurred_at__gte=since).values("source_record")


retention(
    RetentionRule(
        code="customers",
        name=gettext_lazy("Customers who came no more"),
        purpose=gettext_lazy("Knowing our customers, and serving them with their history"),
        since=gettext_lazy(
            "after the last purchase, return, conversation, request or consent; not while they have points, or something is "
            "not finished"
        ),
        ends=gettext_lazy("They are forgotten, as if they had asked. Orders and amounts stay and name nobody."),
        why=gettext_lazy("Four years is what the trade association of data-driven marketing gives as its example."),
        months=48,
        least=12,
        parts=(LapsedCustomers(),),
    )
)
