"""What other apps ask about people: details, home stores, the records of one customer."""

import uuid
from collections.abc import Iterable

from django.db import connection

from apps.customers.models import Customer, PersonDetails, SourceRecord


def current_details(source_record_ids: Iterable[int]) -> dict[int, PersonDetails]:
    """The newest details of each record; a record that only has a card number is left out."""
    rows = (
        PersonDetails.objects.filter(source_record__in=set(source_record_ids))
        .order_by("source_record", "-pk")
        .distinct("source_record")
    )
    return {details.source_record_id: details for details in rows}


def customer_keys(source_record_ids: Iterable[int]) -> dict[int, uuid.UUID]:
    """The customer that each record belongs to now."""
    rows = SourceRecord.objects.filter(pk__in=set(source_record_ids)).values_list("pk", "customer__key")
    return dict(rows)


def source_records_of(customer: Customer) -> list[int]:
    """Every record of a customer: what orders, contacts and points refer to."""
    return list(customer.source_records.order_by("pk").values_list("pk", flat=True))


def home_locations(source_record_ids: Iterable[int]) -> dict[int, int]:
    """The home store of each record: its own, else the newest among the other records of the same customer."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (asked.id) asked.id, other.home_location_id
              FROM customers_sourcerecord AS asked
              JOIN customers_sourcerecord AS other USING (customer_id)
             WHERE asked.id = ANY(%s) AND other.home_location_id IS NOT NULL
             ORDER BY asked.id, other.id = asked.id DESC, other.id DESC
            """,
            [list(set(source_record_ids))],
        )
        return dict(cursor.fetchall())
