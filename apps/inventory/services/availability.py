"""What can still be promised: the read that every webshop and counter asks all day.

Available = on hand − reserved − safety, plus what reservations that have lapsed still hold; never below zero at one location.
Quantities are whole thousandths here, which add up exactly and are quick to handle by the thousand.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from apps.network.directory import Directory, Entry, locations
from apps.network.postcodes import Point

THOUSAND = 1000
# With a limit only locations that can appear are read: those that ship, and so many times the limit of the nearest.
_CANDIDATES_PER_PLACE = 2

# Lapsed reservations are looked up only for levels with something reserved. OFFSET 0 keeps the sum from being worked out
# twice, once to compare and once to answer.
_LEVEL = """
    SELECT level.location_id,
           ((level.on_hand - level.reserved - level.safety
             + CASE WHEN level.reserved > 0 THEN COALESCE((
                   SELECT sum(demand.quantity - demand.consumed - demand.released)
                     FROM inventory_demand AS demand
                     JOIN inventory_reservation AS reservation ON reservation.id = demand.reservation_id
                    WHERE demand.level_id = level.id AND demand.quantity > demand.consumed + demand.released
                      AND reservation.expires_at <= now()), 0) ELSE 0 END) * 1000)::bigint AS free
      FROM inventory_stocklevel AS level
     WHERE level.variant_id = variant.id AND level.condition = 'saleable' {here}
    OFFSET 0"""
_FREE = """
    SELECT variant.sku, variant.id, stock.location_ids, stock.free, shelves.location_ids, shelves.codes,
           (SELECT max(id) FROM network_location)
      FROM catalogue_variant AS variant
     CROSS JOIN LATERAL (
           SELECT array_agg(level.location_id) AS location_ids, array_agg(level.free) AS free
             FROM {levels} AS level
            WHERE free > 0) AS stock
     CROSS JOIN LATERAL (
           SELECT array_agg(shelf.location_id) AS location_ids, array_agg(shelf.code) AS codes
             FROM ({shelves}) AS shelf) AS shelves
     WHERE variant.sku {asked}"""
# The shelf with most of it, at the locations to be listed.
_SHELVES = """
    SELECT DISTINCT ON (held.location_id) held.location_id, place.code
      FROM inventory_placelevel AS held JOIN inventory_place AS place ON place.id = held.place_id
     WHERE held.variant_id = variant.id AND held.location_id = ANY(%s::bigint[]) AND held.quantity > 0
     ORDER BY held.location_id, held.quantity DESC, place.code"""
_NO_SHELVES = "SELECT NULL::bigint AS location_id, '' AS code LIMIT 0"
_ANYWHERE = f"({_LEVEL.format(here='')})"
# One index lookup per location, whatever the planner thinks of how many have the variant.
_THERE = (
    f"unnest(%s::bigint[]) AS there(id) CROSS JOIN LATERAL ({_LEVEL.format(here='AND level.location_id = there.id')})"
)
# One SKU is asked for by `=`: of an array PostgreSQL does not know the length beforehand, and would make a plan for each anew.
_ASKED = {True: "= %s", False: "= ANY(%s::text[])"}
_FREE_ANYWHERE = {
    one: _FREE.format(levels=_ANYWHERE, shelves=_NO_SHELVES, asked=asked) for one, asked in _ASKED.items()
}
_FREE_THERE = {one: _FREE.format(levels=_THERE, shelves=_SHELVES, asked=asked) for one, asked in _ASKED.items()}


@dataclass(frozen=True, slots=True)
class Question:
    """Which SKUs, and which locations to list: one, or those that offer collection, the nearest first, so many."""

    skus: Sequence[str]
    location: Entry | None = None
    collect: bool = False
    near: Point | None = None
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Here:
    """So many thousandths at a location, so far away, lying on this shelf."""

    location: Entry
    km: float | None
    free: int
    shelf: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Per SKU: thousandths that can be sent to a customer, and the locations asked for."""

    variant_id: int
    delivery: int
    here: list[Here]


@dataclass(frozen=True, slots=True)
class Free:
    """Thousandths of a variant that can be promised, at the locations where there are any; shelves where they were asked for."""

    variant_id: int
    at: Mapping[int, int]
    shelf: Mapping[int, str] = field(default_factory=dict)


def availability(question: Question) -> dict[str, Answer]:
    """What is available of each SKU: for delivery in all, and per location.

    One query, whatever the numbers; two more when few of the nearest have any. A SKU that does not exist is not in the
    answer.
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
            delivery=sum([quantity for id_, quantity in free.at.items() if id_ in shipping]),
            here=[
                Here(by_id[id_], km[id_], free.at.get(id_, 0) if id_ in open_ else 0, free.shelf.get(id_))
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
        sku: sorted([id_ for id_ in free.at if id_ in open_], key=place.__getitem__)[: question.limit]
        for sku, free in stock.items()
    }


def free_stock(skus: Sequence[str]) -> tuple[Directory, dict[str, Free]]:
    """What of each SKU is free and where, with a directory that knows all those locations. One query."""
    newest, stock = _read(_FREE_ANYWHERE, skus)
    return locations(knowing=newest), stock


def _stock_there(
    question: Question, listed: Callable[[Directory], Collection[int]]
) -> tuple[Directory, dict[str, Free]]:
    """What of each SKU is free at the locations to be listed, with its shelf, and at those that send parcels. One query."""
    directory = locations()
    there = listed(directory)
    newest, stock = _read(_FREE_THERE, question.skus, _array(directory.shipping.union(there)), _array(there))
    if newest <= directory.by_id.keys():
        return directory, stock
    locations(knowing=newest)  # one was opened since the directory was read
    return _stock_there(question, listed)


def _read(statements: Mapping[bool, str], skus: Sequence[str], *places: str) -> tuple[set[int], dict[str, Free]]:
    """The newest location there is, and per SKU what is free; stock of several owners in one building is added up."""
    one = len(skus) == 1
    with connection.cursor() as cursor:
        cursor.execute(statements[one], [*places, skus[0] if one else list(skus)])
        rows = cursor.fetchall()
    newest: set[int] = set()
    found: dict[str, Free] = {}
    for sku, variant_id, where, quantities, shelves_at, shelves, newest_id in rows:
        at: dict[int, int] = {}
        for id_, quantity in zip(where or (), quantities or (), strict=True):
            if quantity > 0:
                at[id_] = at.get(id_, 0) + quantity
        found[sku] = Free(variant_id, at, dict(zip(shelves_at or (), shelves or (), strict=True)))
        newest = {newest_id}
    return newest, found


def _array(ids: Collection[int]) -> str:
    """Ids as PostgreSQL writes an array: ten times as quick as letting the driver do it."""
    return "{" + ",".join(map(str, ids)) + "}"


def plain_quantity(thousandths: int) -> str:
    """Thousandths as the API writes a quantity: `3`, `0.5`."""
    whole, part = divmod(thousandths, THOUSAND)
    return f"{whole}.{part:03d}".rstrip("0") if part else str(whole)
