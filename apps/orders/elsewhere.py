"""Where a whole order could be collected instead."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apps.inventory.services.availability import THOUSAND, Answer, Question, availability
from apps.network.directory import Entry, locations
from apps.network.postcodes import Point
from apps.orders.acts import IN_THE_BUILDING
from apps.orders.addresses import address_of, point_of
from apps.orders.models import LineStatus, Order, OrderLine
from apps.orders.ways import sent

NEAREST = 60
"""How many of the nearest stores are looked at, per article."""
SHOWN = 8
SENT_TO = 4
"""How many of the nearest stores are offered to have it sent to."""


@dataclass(frozen=True)
class Elsewhere:
    """A store that has all of it, and how far it is from where the customer is or was to come."""

    store: Entry
    km: float | None


def stores_with_all_of(order: Order, lines: Iterable[OrderLine]) -> list[Elsewhere]:
    """The stores where everything that stands of an order could be collected, the nearest first. Wants `contact` at hand."""
    wanted: dict[str, int] = {}
    wanting = [line for line in lines if line.status in IN_THE_BUILDING]
    for line in wanting:
        wanted[line.sku] = wanted.get(line.sku, 0) + int(line.standing * THOUSAND)
    if not wanted:
        return []
    near = _near(order)
    answers = availability(Question(skus=list(wanted), collect=True, near=near, limit=NEAREST))
    have = [
        {here.location.id: here for here in answers[sku].here if here.free >= quantity}
        for sku, quantity in wanted.items()
        if sku in answers
    ]
    if len(have) < len(wanted):
        return []
    everywhere = set.intersection(*(set(one) for one in have))
    if not sent(wanting):
        everywhere.discard(order.location_id or 0)
    return [Elsewhere(here.location, here.km) for id_, here in have[0].items() if id_ in everywhere][:SHOWN]


def stores_to_send_to(order: Order, lines: Iterable[OrderLine]) -> list[Elsewhere]:
    """The stores that it could be sent to, to be collected there: where it is short now, and the nearest few others.

    Wants `contact` at hand.
    """
    directory, standing = locations(), [line for line in lines if line.status in IN_THE_BUILDING]
    # What is held where nothing is sent from must come from somewhere else, unless it is collected there.
    stuck = [line for line in standing if line.status != LineStatus.OPEN and line.location_id not in directory.shipping]
    short = [line for line in standing if line.status == LineStatus.OPEN]
    answers = availability(Question(skus=sorted({ln.sku for ln in standing}), channel=order.channel.code))
    ranking = directory.ranking(_near(order))
    found: list[int] = []
    if short and order.location_id in directory.collecting and _can_be_sent(short, answers):
        found += [id_ for id_ in ranking.order if id_ == order.location_id]
    if _can_be_sent([*short, *stuck], answers):
        found += [id_ for id_ in ranking.order if id_ in directory.collecting and id_ != order.location_id][:SENT_TO]
    return [Elsewhere(directory.by_id[id_], ranking.km[id_]) for id_ in found]


def _can_be_sent(lines: Iterable[OrderLine], answers: Mapping[str, Answer]) -> bool:
    wanted: dict[str, int] = defaultdict(int)
    for line in lines:
        wanted[line.sku] += int(line.standing * THOUSAND)
    return all(sku in answers and answers[sku].delivery >= quantity for sku, quantity in wanted.items())


def _near(order: Order) -> Point | None:
    """Where the customer was to come; a parcel's address where they were not."""
    directory = locations(knowing=[order.location_id] if order.location_id else [])
    if order.location_id is not None:
        return directory.by_id[order.location_id].point
    return point_of(address_of(order))
