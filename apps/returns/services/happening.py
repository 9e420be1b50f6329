"""What others are told of a return on its way, and of the orders it undoes."""

import datetime as dt
from collections.abc import Iterable

from apps.core.events.log import Happened
from apps.core.events.models import Origin
from apps.returns.models import Return, ReturnLine


def happened_to(rma: Return, topic: str, at: dt.datetime) -> Happened:
    """The event that a return came to its next step."""
    return Happened(
        topic=topic,
        object_type="return",
        object_key=rma.number,
        occurred_at=at,
        payload={"return": rma.number, "status": str(rma.status)},
    )


def came_back(rma: Return, lines: Iterable[ReturnLine]) -> list[Happened]:
    """The event, for each order that a return is of, that some of its goods came back. Of history nobody keeps a copy."""
    if rma.origin != Origin.LIVE or rma.settled_at is None:
        return []
    numbers = sorted({line.order.number for line in lines if line.order is not None})
    return [
        Happened(
            topic="order.returned",
            object_type="order",
            object_key=number,
            occurred_at=rma.settled_at,
            payload={"order": number, "return": rma.number},
        )
        for number in numbers
    ]
