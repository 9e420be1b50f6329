"""What can still be promised: the read that every webshop and counter asks all day.

At a location: on hand − reserved − safety for that method − drift − what waits for stock there, plus what reservations that
have lapsed still hold; never below zero. For delivery: the sum over the locations that send, less what waits for stock
anywhere, less the channel's threshold; never below zero either. `explaining` gives the same sum term by term.
Quantities are whole thousandths here, which add up exactly and are quick to handle by the thousand.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.inventory.services.drifting import drift
from apps.inventory.services.keeping import rules
from apps.network.directory import Directory, Entry, locations
from apps.network.postcodes import Point

THOUSAND = 1000
# With a limit only locations that can appear are read: those that ship, and so many times the limit of the nearest.
_CANDIDATES_PER_PLACE = 2

# Lapsed reservations are looked up only for levels with something reserved. OFFSET 0 keeps the sum from being worked out
# twice, once to compare and once to answer.
_LEVEL = """
    SELECT level.location_id, level.safety_collect, level.safety_delivery,
           level.on_hand - level.reserved
             + CASE WHEN level.reserved > 0 THEN COALESCE((
                   SELECT sum(demand.quantity - demand.consumed - demand.released)
                     FROM inventory_demand AS demand
                     JOIN inventory_reservation AS reservation ON reservation.id = demand.reservation_id
                    WHERE demand.level_id = level.id AND demand.quantity > demand.consumed + demand.released
                      AND reservation.expires_at <= now()), 0) ELSE 0 END AS free
      FROM inventory_stocklevel AS level
     WHERE level.variant_id = variant.id AND level.condition = 'saleable' {here}
    OFFSET 0"""
_FREE = """
    SELECT variant.sku, variant.id, product.category_id, stock.location_ids, stock.collect, stock.delivery,
           waiting.location_ids, waiting.quantities, coming.location_ids, coming.days, coming.quantities,
           coming.owed, coming.owed_sent,
           shelves.location_ids, shelves.codes,
           (SELECT max(id) FROM network_location)
      FROM catalogue_variant AS variant
      JOIN catalogue_product AS product ON product.id = variant.product_id
     CROSS JOIN LATERAL (
           SELECT array_agg(level.location_id) AS location_ids,
                  array_agg(((level.free - level.safety_collect) * 1000)::bigint) AS collect,
                  array_agg(((level.free - level.safety_delivery) * 1000)::bigint) AS delivery
             FROM {levels} AS level
            WHERE level.free > 0) AS stock
     CROSS JOIN LATERAL (
           SELECT array_agg(waits.wanted_at_id) AS location_ids, array_agg((waits.quantity * 1000)::bigint) AS quantities
             FROM (SELECT demand.wanted_at_id, demand.quantity - demand.consumed - demand.released AS quantity
                     FROM inventory_demand AS demand
                    WHERE demand.variant_id = variant.id AND demand.level_id IS NULL
                      AND demand.quantity > demand.consumed + demand.released) AS waits) AS waiting
     CROSS JOIN LATERAL (
           SELECT array_agg(notice.location_id) AS location_ids, array_agg(notice.expected_on) AS days,
                  array_agg(((line.announced - line.received) * 1000)::bigint) AS quantities,
                  array_agg((owed.collect * 1000)::bigint) AS owed, array_agg((owed.delivery * 1000)::bigint) AS owed_sent
             FROM inventory_noticeline AS line JOIN inventory_purchasenotice AS notice ON notice.id = line.notice_id
            CROSS JOIN LATERAL (
                  SELECT GREATEST(sum(level.reserved - level.on_hand) + max(level.safety_collect), 0) AS collect,
                         GREATEST(sum(level.reserved - level.on_hand) + max(level.safety_delivery), 0) AS delivery
                    FROM inventory_stocklevel AS level
                   WHERE level.variant_id = variant.id AND level.location_id = notice.location_id
                     AND level.condition = 'saleable') AS owed
            WHERE line.variant_id = variant.id AND line.is_open AND notice.expected_on >= %(today)s) AS coming
     CROSS JOIN LATERAL (
           SELECT array_agg(shelf.location_id) AS location_ids, array_agg(shelf.code) AS codes
             FROM ({shelves}) AS shelf) AS shelves
     WHERE variant.{asked}"""
# The shelf with most of it, at the locations to be listed.
_SHELVES = """
    SELECT DISTINCT ON (held.location_id) held.location_id, place.code
      FROM inventory_placelevel AS held JOIN inventory_place AS place ON place.id = held.place_id
     WHERE held.variant_id = variant.id AND held.location_id = ANY(%(listed)s::bigint[]) AND held.quantity > 0
       AND held.condition = 'saleable' AND place.kind IN ('shelf', 'bin', 'stockroom')
     ORDER BY held.location_id, held.quantity DESC, place.code"""
_NO_SHELVES = "SELECT NULL::bigint AS location_id, '' AS code LIMIT 0"
_ANYWHERE = f"({_LEVEL.format(here='')})"
# One index lookup per location, whatever the planner thinks of how many have the variant.
_THERE = f"unnest(%(there)s::bigint[]) AS there(id) CROSS JOIN LATERAL ({_LEVEL.format(here='AND level.location_id = there.id')})"
# One SKU is asked for by `=`: of an array PostgreSQL does not know the length beforehand, and would make a plan for each anew.
_ASKED = {True: "sku = %(asked)s", False: "sku = ANY(%(asked)s::text[])"}
_FREE_ANYWHERE = {
    one: _FREE.format(levels=_ANYWHERE, shelves=_NO_SHELVES, asked=asked) for one, asked in _ASKED.items()
}
_FREE_THERE = {one: _FREE.format(levels=_THERE, shelves=_SHELVES, asked=asked) for one, asked in _ASKED.items()}
_FREE_AT = _FREE.format(levels=_THERE, shelves=_NO_SHELVES, asked="id = ANY(%(asked)s::bigint[])")


@dataclass(frozen=True, slots=True)
class Question:
    """Which SKUs, in which channel (its code; none has no threshold), and which locations to list: one, or those that offer
    collection, the nearest first, so many."""

    skus: Sequence[str]
    channel: str = ""
    location: Entry | None = None
    collect: bool = False
    near: Point | None = None
    limit: int = 10


Expected = list[tuple[dt.date, int]]
"""Thousandths that come beside what there is, by the day on which a supplier said so, less what is promised of them already."""


@dataclass(frozen=True, slots=True)
class Here:
    """So many thousandths at a location, so far away, lying on this shelf; and what is expected there."""

    location: Entry
    km: float | None
    free: int
    shelf: str | None
    expected: Expected


@dataclass(frozen=True, slots=True)
class Answer:
    """Per SKU: thousandths that can be sent to a customer, where (ids) it lies that could be sent, what more can be
    sent later, and the locations asked for."""

    variant_id: int
    delivery: int
    senders: Collection[int]
    expected: Expected
    here: list[Here]


@dataclass(frozen=True, slots=True)
class Free:
    """Thousandths of a variant that can be promised, per location where there are any: to who collects there, and to be sent.

    `waits` is what is wanted beyond that: at a location, or (None) from anywhere. `coming` is what suppliers announced, the first
    day first: (location, day, thousandths), and `owed` what is promised or kept there beyond what there is, of who collects
    and of what is sent. Shelves where they were asked for.
    """

    variant_id: int
    category_id: int | None
    collect: Mapping[int, int]
    delivery: Mapping[int, int]
    waits: Mapping[int | None, int] = field(default_factory=dict)
    coming: Sequence[tuple[int, dt.date, int]] = ()
    owed: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    shelf: Mapping[int, str] = field(default_factory=dict)

    def sent_from(self, shipping: Collection[int], channel: str) -> int:
        """What a channel can send in all, out of the locations that ship."""
        return max(0, self._beyond(shipping, channel))

    def expected(self, shipping: Collection[int], channel: str) -> Expected:
        """What a channel can send later beside what it can send now."""
        announced = [(day, quantity) for id_, day, quantity in self.coming if id_ in shipping]
        if not announced:
            return []
        owed = sum([sent for id_, (_collect, sent) in self.owed.items() if id_ in shipping])
        collected = sum([self.waits.get(id_, 0) for id_ in self.owed if id_ in shipping])
        return _left(announced, owed + collected + max(0, -self._beyond(shipping, channel)))

    def expected_at(self, location_id: int, shipping: Collection[int]) -> Expected:
        """What can be collected later at a location beside what can be now: what comes there, unless it has to be sent."""
        announced = [(day, quantity) for id_, day, quantity in self.coming if id_ == location_id]
        if not announced:
            return []
        owed, _sent = self.owed.get(location_id, (0, 0))
        taken = owed + self.waits.get(location_id, 0)
        if location_id in shipping:
            left = sum([quantity for _day, quantity in announced]) - taken
            taken += max(0, left - sum([quantity for _day, quantity in self.expected(shipping, "")]))
        return _left(announced, taken)

    def _beyond(self, shipping: Collection[int], channel: str) -> int:
        held = rules().threshold_of(channel=channel, variant_id=self.variant_id, category_id=self.category_id)
        there = sum([quantity for id_, quantity in self.delivery.items() if id_ in shipping])
        return there - self.waits.get(None, 0) - int(held * THOUSAND)


def _left(announced: Expected, taken: int) -> Expected:
    """What is left of what comes after `taken` of it is gone, the first day first; a day once."""
    by_day: dict[dt.date, int] = {}
    for day, quantity in sorted(announced):
        gone = min(taken, quantity)
        taken -= gone
        if quantity > gone:
            by_day[day] = by_day.get(day, 0) + quantity - gone
    return list(by_day.items())


def availability(question: Question) -> dict[str, Answer]:
    """What is available of each SKU: for delivery in all, and per location.

    One query, whatever the numbers; two more when few of the nearest have any, and one beside each when tills report late.
    A SKU that does not exist is not in the answer.
    """
    directory, stock = _stock_there(question, lambda directory: _candidates(question, directory))
    listed = _listed(stock, question, directory)
    if _may_lack_some(question, listed, directory):
        directory, stock = free_stock(question.skus)
        listed = _listed(stock, question, directory)
        directory, stock = _stock_there(question, lambda _: {id_ for ids in listed.values() for id_ in ids})
    by_id, shipping, open_ = directory.by_id, directory.shipping, _open(question, directory)
    km = directory.ranking(question.near).km
    return {
        sku: Answer(
            variant_id=free.variant_id,
            delivery=free.sent_from(shipping, question.channel),
            senders=free.delivery.keys(),
            expected=free.expected(shipping, question.channel),
            here=[
                Here(
                    by_id[id_],
                    km[id_],
                    free.collect.get(id_, 0) if id_ in open_ else 0,
                    free.shelf.get(id_),
                    free.expected_at(id_, shipping) if id_ in open_ else [],
                )
                for id_ in listed[sku]
            ],
        )
        for sku, free in stock.items()
    }


def _candidates(question: Question, directory: Directory) -> Collection[int]:
    """The locations that can be listed: the one asked for, or so many of the nearest that enough of them have some."""
    if question.location is not None:
        return {question.location.id}
    return directory.ranking(question.near).order[: question.limit * _CANDIDATES_PER_PLACE]


def _may_lack_some(question: Question, listed: Mapping[str, list[int]], directory: Directory) -> bool:
    """Whether a location further away than those looked at may belong in the list."""
    if question.location is not None or question.limit * _CANDIDATES_PER_PLACE >= len(directory.by_id):
        return False
    return any(len(ids) < question.limit for ids in listed.values())


def _open(question: Question, directory: Directory) -> frozenset[int]:
    """The locations whose stock counts; elsewhere there may be some, but not for this question."""
    return directory.collecting if question.collect else directory.active


def _listed(stock: Mapping[str, Free], question: Question, directory: Directory) -> dict[str, list[int]]:
    """Per SKU the ids of the locations to list, in order."""
    if question.location is not None:
        return {sku: [question.location.id] for sku in stock}
    open_, place = _open(question, directory), directory.ranking(question.near).place
    return {
        sku: sorted([id_ for id_ in free.collect if id_ in open_], key=place.__getitem__)[: question.limit]
        for sku, free in stock.items()
    }


def free_stock(skus: Sequence[str]) -> tuple[Directory, dict[str, Free]]:
    """What of each SKU is free and where, with a directory that knows all those locations. One query."""
    newest, stock = _read(_FREE_ANYWHERE[len(skus) == 1], _skus(skus))
    return locations(knowing=newest), stock


def can_be_sent(variant_ids: Collection[int], channel: str) -> dict[int, int]:
    """Thousandths of each variant that a channel can send in all: what `availability` says, by variant. One query."""
    shipping = locations().shipping
    return {id_: free.sent_from(shipping, channel) for id_, free in free_of(variant_ids, shipping).items()}


def free_of(variant_ids: Collection[int], location_ids: Collection[int]) -> dict[int, Free]:
    """What of each variant is free at these locations, by variant. One query."""
    _newest, stock = _read(_FREE_AT, sorted(variant_ids), there=_array(location_ids))
    return {free.variant_id: free for free in stock.values()}


def _stock_there(
    question: Question, listed: Callable[[Directory], Collection[int]]
) -> tuple[Directory, dict[str, Free]]:
    """What of each SKU is free at the locations to be listed, with its shelf, and at those that send parcels. One query."""
    directory = locations()
    there = listed(directory)
    statement = _FREE_THERE[len(question.skus) == 1]
    newest, stock = _read(
        statement, _skus(question.skus), there=_array(directory.shipping.union(there)), listed=_array(there)
    )
    if newest <= directory.by_id.keys():
        return directory, stock
    locations(knowing=newest)  # one was opened since the directory was read
    return _stock_there(question, listed)


def _skus(skus: Sequence[str]) -> Any:
    return skus[0] if len(skus) == 1 else list(skus)


def _read(statement: str, asked: Any, **places: str) -> tuple[set[int], dict[str, Free]]:
    """The newest location there is, and per SKU what is free; stock of several owners in one building is added up."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"asked": asked, "today": timezone.localdate(), **places})
        rows = cursor.fetchall()
    gone = {key: int(quantity * THOUSAND) for key, quantity in drift(variant_ids=[row[1] for row in rows]).items()}
    newest: set[int] = set()
    found: dict[str, Free] = {}
    for sku, variant_id, category_id, where, collect, delivery, *more, newest_id in rows:
        wanted_at, wanted, coming_to, days, coming, owed, owed_sent, shelves_at, shelves = [part or () for part in more]
        seen = {id_: gone.get((variant_id, id_), 0) for id_ in where} if gone and where else {}
        at = _clamped(where, collect, seen)
        found[sku] = Free(
            variant_id,
            category_id,
            at,
            _clamped(where, delivery, seen),
            _given_to_who_waits(at, wanted_at, wanted) if wanted else {},
            list(zip(coming_to, days, coming, strict=True)),
            dict(zip(coming_to, zip(owed, owed_sent, strict=True), strict=True)),
            dict(zip(shelves_at, shelves, strict=True)),
        )
        newest = {newest_id}
    return newest, found


def _clamped(where: Iterable[int] | None, quantities: Iterable[int] | None, *less: Mapping[Any, int]) -> dict[int, int]:
    """Per location what is left there, where anything is."""
    at: dict[int, int] = {}
    for id_, quantity in zip(where or (), quantities or (), strict=True):
        if quantity > 0:
            at[id_] = at.get(id_, 0) + quantity
    for terms in less:
        for id_, quantity in terms.items():
            if id_ in at and quantity:
                at[id_] -= quantity
                if at[id_] <= 0:
                    del at[id_]
    return at


def _given_to_who_waits(
    at: dict[int, int], wanted_at: Iterable[int | None], wanted: Iterable[int]
) -> dict[int | None, int]:
    """Take what waits for a location out of what can be collected there; return what is still wanted, there or anywhere."""
    waits: dict[int | None, int] = {}
    for id_, quantity in zip(wanted_at, wanted, strict=True):
        waits[id_] = waits.get(id_, 0) + quantity
    for here in [id_ for id_ in at if id_ in waits]:
        given = min(waits[here], at[here])
        waits[here] -= given
        at[here] -= given
        if not at[here]:
            del at[here]
    return waits


def _array(ids: Collection[int]) -> str:
    """Ids as PostgreSQL writes an array: ten times as quick as letting the driver do it."""
    return "{" + ",".join(map(str, ids)) + "}"


def plain_quantity(thousandths: int) -> str:
    """Thousandths as the API writes a quantity: `3`, `0.5`."""
    whole, part = divmod(thousandths, THOUSAND)
    return f"{whole}.{part:03d}".rstrip("0") if part else str(whole)
