"""Whose stock it is: of the company behind the location, or of the supplier who left it there in consignment."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection

from apps.core.errors import InvalidInput
from apps.network.models import Ownership

Period = tuple[dt.date | None, dt.date | None, int]  # the first day, the first day after it, the legal entity


class Owners:
    """The owners of what lies somewhere, on any day."""

    def __init__(
        self, companies: Mapping[int, Sequence[Period]], suppliers: Mapping[tuple[int | None, int], Sequence[Period]]
    ) -> None:
        self._companies, self._suppliers = companies, suppliers

    def of(self, location_id: int, variant_id: int, day: dt.date) -> int:
        """The legal entity whose goods these are at a location on a day. Raises InvalidInput where nobody owned it."""
        if self._suppliers:
            for place in (location_id, None):
                supplier = _on(day, self._suppliers.get((place, variant_id), ()))
                if supplier is not None:
                    return supplier
        company = _on(day, self._companies.get(location_id, ()))
        if company is None:
            raise InvalidInput(f"location {location_id} has no owner on {day}", code="no_owner")
        return company


def _on(day: dt.date, periods: Sequence[Period]) -> int | None:
    for since, until, owner_id in periods:
        if (since is None or since <= day) and (until is None or day < until):
            return owner_id
    return None


def owners_on(*, location_ids: Iterable[int], variant_ids: Iterable[int]) -> Owners:
    """Who owned, and owns, these variants at these locations. One query, whatever their number and the days asked about."""
    companies: dict[int, list[Period]] = {}
    suppliers: dict[tuple[int | None, int], list[Period]] = {}
    places = sorted(set(location_ids))
    with connection.cursor() as cursor:
        cursor.execute(_PERIODS, [places, sorted(set(variant_ids)), places])
        for location_id, variant_id, *period in cursor.fetchall():
            if variant_id is None:
                companies.setdefault(location_id, []).append(tuple(period))
            else:
                suppliers.setdefault((location_id, variant_id), []).append(tuple(period))
    return Owners(companies, suppliers)


_PERIODS = """
SELECT location_id, NULL::bigint, lower(valid), upper(valid), legal_entity_id
  FROM network_ownership WHERE location_id = ANY(%s)
 UNION ALL
SELECT location_id, variant_id, lower(valid), upper(valid), supplier_id
  FROM inventory_consignment WHERE variant_id = ANY(%s) AND (location_id IS NULL OR location_id = ANY(%s))"""


def companies_of(location_ids: Iterable[int], *, day: dt.date) -> dict[int, int]:
    """The company behind each location on a day, who sells there: {location id: legal entity id}."""
    return dict(
        Ownership.objects.filter(location__in=list(location_ids), valid__contains=day).values_list(
            "location_id", "legal_entity_id"
        )
    )


def company_of(location_id: int, *, day: dt.date) -> int:
    """As `companies_of`, for one location that must have one."""
    company = companies_of([location_id], day=day).get(location_id)
    if company is None:
        raise InvalidInput(f"location {location_id} has no owner on {day}", code="no_owner")
    return company
