"""Goods that came back join the stock of whoever owned such goods at the place that day."""

import datetime as dt
from collections.abc import Sequence

from apps.core.days import business_date
from apps.inventory.models import StockMovement
from apps.inventory.services.owners import Owners
from apps.inventory.services.types import Cause, Move, Spot
from apps.network.models import Location
from apps.returns.models import Return, ReturnLine


def into_stock(
    rma: Return, lines: Sequence[ReturnLine], *, place: Location, owners: Owners, occurred_at: dt.datetime, actor: str
) -> list[Move]:
    """The moves of graded lines into the stock of `place`; charges move nothing."""
    day = business_date(occurred_at, place.time_zone)
    cause = Cause("return", rma.number, rma.recorded_at.date(), occurred_at, day, actor)
    return [
        Move(
            cause,
            line.line,
            StockMovement.Kind.RETURN,
            line.variant_id,
            line.quantity,
            target=Spot(place.pk, owners.of(place.pk, line.variant_id, day), line.grade),
        )
        for line in lines
        if line.variant_id is not None
    ]
