"""Who may be used for nothing: the gate that consent, segments and matching ask. Who restricts is in `rights/protecting.py`."""

from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from apps.core.statements import KeptQuery
from apps.customers.models import Protection, SourceRecord


def _restricted() -> QuerySet[Protection]:
    rows: QuerySet[Protection] = Protection.objects.in_force().filter(kind=Protection.Kind.RESTRICTED)
    return rows


def is_restricted(source_record_ids: Iterable[int]) -> bool:
    """Whether the use of somebody's data is restricted."""
    return bool(_restricting.read(records=list(source_record_ids)))


_restricting = KeptQuery(
    lambda asked: _restricted().filter(source_record__in=asked["records"]).order_by().values_list("pk")[:1]
)


def restricted_customers() -> QuerySet[SourceRecord, int]:
    """The ids of all customers whose use is restricted, as a queryset of one column."""
    return SourceRecord.objects.filter(protections__in=_restricted()).values_list("customer", flat=True).distinct()


def restricted_records() -> set[int]:
    """The ids of all records of customers whose use is restricted: there are few."""
    return set(SourceRecord.objects.filter(customer__in=restricted_customers()).values_list("pk", flat=True))


def restricted_among(customer_ids: Collection[int]) -> set[int]:
    """Those of many customers whose use is restricted."""
    return set(restricted_customers().filter(customer__in=list(customer_ids)))
