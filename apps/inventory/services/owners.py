"""Whose stock it is."""

import datetime as dt
from collections.abc import Iterable

from apps.core.errors import InvalidInput
from apps.network.models import Ownership


def owners_of(location_ids: Iterable[int], *, day: dt.date) -> dict[int, int]:
    """The legal entity that owned each location's stock on a day: {location id: legal entity id}."""
    return dict(
        Ownership.objects.filter(location__in=list(location_ids), valid__contains=day).values_list(
            "location_id", "legal_entity_id"
        )
    )


def owner_of(location_id: int, *, day: dt.date) -> int:
    """As `owners_of`, for one location that must have an owner."""
    owner = owners_of([location_id], day=day).get(location_id)
    if owner is None:
        raise InvalidInput(f"location {location_id} has no owner on {day}", code="no_owner")
    return owner
