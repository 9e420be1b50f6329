"""What can still be promised: the read that every webshop and counter asks all day.

Available = on hand − reserved − safety, plus what reservations that have lapsed still hold; never below zero at one location.
Quantities are whole thousandths here, which add up exactly and are quick to handle by the thousand.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

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
    SELECT variant.sku, variant.id, stock.location_ids, stock.free, (SELECT max(id) FROM network_location)
      FROM catalogue_variant AS variant
     CROSS JOIN LATERAL (
           SELECT array_agg(level.location_id) AS location_ids, array_agg(level.free) AS free
             FROM {levels} AS level
            WHERE free > 0) AS stock
     WHERE variant.sku = ANY(%s::text[])"""
_FREE_ANYWHERE = _FREE.format(levels=f"({_LEVEL.format(here='')})")
# One index lookup per location, whatever the planner thinks of how many have the variant.
_FREE_THERE = _FREE.format(
    levels=f"unnest(%s::bigint[]) AS there(id) CROSS JOIN LATERAL ({_LEVEL.format(here='AND level.location_id = there.id')})"
)

_SHELVES = """
    SELECT DISTINCT ON (level.variant_id, level.location_id) level.variant_id, level.location_id, place.code
      FROM inventory_placelevel AS level JOIN inventory_place AS place ON place.id = level.place_id
     WHERE level.variant_id = ANY(%s::bigint[]) AND level.location_id = ANY(%s::bigint[]) AND level.quantity > 0
     ORDER BY level.variant_id, level.location_id, level.quantity DESC, place.code"""


@dataclass(frozen=True, slots=True)
class Question:
    """Which SKUs, and which locations to list: one, or those that offer collection, the nearest first, so many."""

    skus: Sequence[str]
    location: Entry | None = None
    collect: bool = False
    near: Point | None = None
    limit: int | None = None


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
    """Thousandths of a variant that can be promised, at the locations where there are any."""

    variant_id: int
    at: Mapping[int, int]


def availability(question: Question) -> dict[str, Answer]:
    """What is available of each SKU: for delivery in all, and per location.

    Two queries, whatever the numbers; a third one when few of the nearest have any. A SKU that does not exist is not in
    the answer.
    """
    directory, stock = free_stock(question.skus, _candidates(question))
    listed = _listed(stock, question, directory)
    if question.limit and not question.location and any(len(ids) < question.limit for ids in listed.values()):
        directory, stock = free_stock(question.skus)
        listed = _listed(stock, question, directory)
    shelves = shelves_of(
        [free.variant_id for free in stock.values()], list({id_ for ids in listed.values() for id_ in ids})
    )
    by_id, shipping, open_ = directory.by_id, directory.shipping, _open(question, directory)
    km = directory.ranking(question.near).km
    answers = {}
    for sku, free in stock.items():
        at, variant_id = free.at, free.variant_id
        answers[sku] = Answer(
            variant_id=variant_id,
            delivery=sum([quantity for id_, quantity in at.items() if id_ in shipping]),
            here=[
                Here(by_id[id_], km[id_], at.get(id_, 0) if id_ in open_ else 0, shelves.get((variant_id, id_)))
                for id_ in listed[sku]
            ],
        )
    return answers


def _candidates(question: Question) -> Collection[int] | None:
    """The only locations that matter to a question; None for all."""
    directory = locations()
    if question.location is not None:
        return directory.shipping | {question.location.id}
    if question.limit is None:
        return None
    nearest = directory.ranking(question.near).order[: question.limit * _CANDIDATES_PER_PLACE]
    return directory.shipping.union(nearest)


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


def free_stock(skus: Sequence[str], location_ids: Collection[int] | None = None) -> tuple[Directory, dict[str, Free]]:
    """What of each SKU is free and where, of the given locations or of all, with a directory that knows them. One query."""
    directory = locations()
    with connection.cursor() as cursor:
        if location_ids is None:
            cursor.execute(_FREE_ANYWHERE, [list(skus)])
        else:
            cursor.execute(_FREE_THERE, [_array(location_ids), list(skus)])
        rows = cursor.fetchall()
    if rows and rows[0][-1] not in directory.by_id:  # a location was opened since the directory was read
        directory = locations(knowing=[rows[0][-1]])
        return (directory, free_stock(skus)[1]) if location_ids is not None else (directory, _free(rows))
    return directory, _free(rows)


def _free(rows: Sequence[tuple[str, int, list[int] | None, list[int], int]]) -> dict[str, Free]:
    found: dict[str, Free] = {}
    for sku, variant_id, where, free, _ in rows:
        if where is None:
            found[sku] = Free(variant_id, {})
            continue
        at = dict(zip(where, free, strict=True))
        if len(at) < len(where):  # stock of several owners in one building
            at = dict.fromkeys(where, 0)
            for location_id, quantity in zip(where, free, strict=True):
                at[location_id] += quantity
        found[sku] = Free(variant_id, at)
    return found


def shelves_of(variant_ids: Sequence[int], location_ids: Sequence[int]) -> dict[tuple[int, int], str]:
    """The shelf with most of a variant in a location: {(variant id, location id): code}. One query."""
    if not location_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SHELVES, [_array(variant_ids), _array(location_ids)])
        return {(variant_id, location_id): code for variant_id, location_id, code in cursor.fetchall()}


def _array(ids: Collection[int]) -> str:
    """Ids as PostgreSQL writes an array: ten times as quick as letting the driver do it."""
    return "{" + ",".join(map(str, ids)) + "}"


def plain_quantity(thousandths: int) -> str:
    """Thousandths as the API writes a quantity: `3`, `0.5`."""
    whole, part = divmod(thousandths, THOUSAND)
    return f"{whole}.{part:03d}".rstrip("0") if part else str(whole)
