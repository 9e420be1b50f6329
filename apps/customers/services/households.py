"""Households and organisations around a customer: how many, never who."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from apps.customers.models import ContactPerson, Organisation


@dataclass(frozen=True)
class Living:
    """Where somebody lives now: since when, and how many customers live there with them; `moved` counts earlier addresses."""

    since: dt.datetime
    customers: int
    moved: int


@dataclass(frozen=True)
class Speaking:
    """An organisation that somebody speaks for, since when, and how many customers speak for it."""

    organisation: Organisation
    since: dt.datetime
    customers: int


_LIVING = """
    WITH own AS (
        SELECT residence.household_id, residence.since, residence.id,
               row_number() OVER (PARTITION BY source_record_id ORDER BY id DESC) AS age
          FROM customers_residence AS residence WHERE source_record_id = ANY(%(records)s::bigint[])
    ), here AS (
        SELECT household_id FROM own WHERE age = 1 AND household_id IS NOT NULL ORDER BY id DESC LIMIT 1
    )
    SELECT (SELECT min(since) FROM own WHERE own.household_id = here.household_id),
           (SELECT count(DISTINCT record.customer_id)
              FROM customers_residence AS residence
              JOIN customers_sourcerecord AS record ON record.id = residence.source_record_id
             WHERE residence.household_id = here.household_id
               AND NOT EXISTS (SELECT FROM customers_residence AS later
                                WHERE later.source_record_id = residence.source_record_id AND later.id > residence.id)),
           (SELECT count(DISTINCT household_id) FROM own WHERE household_id <> here.household_id)
      FROM here
"""


def living_of(source_record_ids: Collection[int]) -> Living | None:
    """Where the person behind some records lives, by what was told last; None where no address is known."""
    with connection.cursor() as cursor:
        cursor.execute(_LIVING, {"records": list(source_record_ids)})
        row = cursor.fetchone()
    return Living(*row) if row else None


def speaking_of(source_record_ids: Collection[int]) -> list[Speaking]:
    """The organisations that the person behind some records speaks for now."""
    newest = (
        ContactPerson.objects.filter(source_record__in=source_record_ids)
        .order_by("source_record", "-pk")
        .distinct("source_record")
        .select_related("organisation")
    )
    found: dict[object, Speaking] = {}
    for row in newest:
        if row.organisation is not None and row.organisation.pk not in found:
            found[row.organisation.pk] = Speaking(row.organisation, row.since, _contact_persons(row.organisation))
    return list(found.values())


def _contact_persons(organisation: Organisation) -> int:
    newest = ContactPerson.objects.order_by("source_record", "-pk").distinct("source_record").values("pk")
    those = organisation.contact_persons.filter(
        pk__in=newest.filter(source_record__in=organisation.contact_persons.values("source_record"))
    )
    return those.values("source_record__customer").distinct().count()
