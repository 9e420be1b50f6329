"""Goods that came back join the stock of whoever owned the place that day."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from apps.core.days import business_date
from apps.core.errors import InvalidInput
from apps.inventory.models import StockMovement
from apps.inventory.services.types import Cause, Move, Spot
from apps.network.models import Location, Ownership
from apps.returns.models import Return, ReturnLine


class Owners:
    """Who owned some places when, read once for any number of days."""

    def __init__(self, location_ids: Iterable[int]) -> None:
        self._periods: dict[int, list[tuple[dt.date, dt.date, int]]] = defaultdict(list)
        rows = Ownership.objects.filter(location__in=list(location_ids))
        for location_id, valid, entity_id in rows.values_list("location_id", "valid", "legal_entity_id"):
            self._periods[location_id].append((valid.lower or dt.date.min, valid.upper or dt.date.max, entity_id))

    def on(self, place: Location, day: dt.date) -> int:
        """The legal entity whose stock stands at `place` that day."""
        for start, end, entity_id in self._periods[place.pk]:
            if start <= day < end:
                return entity_id
        raise InvalidInput(f"location {place.code} has no owner on {day}", code="no_owner")


def into_stock(
    rma: Return, lines: Sequence[ReturnLine], *, place: Location, owners: Owners, occurred_at: dt.datetime, actor: str
) -> list[Move]:
    """The moves of graded lines into the stock of `place`; charges move nothing."""
    day = business_date(occurred_at, place.time_zone)
    spots = {line.grade: Spot(place.pk, owners.on(place, day), line.grade) for line in lines if line.variant_id}
    cause = Cause("return", rma.number, rma.recorded_at.date(), occurred_at, day, actor)
    return [
        Move(cause, line.line, StockMovement.Kind.RETURN, line.variant_id, line.quantity, target=spots[line.grade])
        for line in lines
        if line.variant_id is not None
    ]
