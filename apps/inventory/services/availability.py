"""What can still be promised: the read that every webshop and counter asks all day.

Available = on hand − reserved − safety, plus what reservations that have lapsed still hold; never below zero at one location.
Quantities are whole thousandths here, which add up exactly and are quick to handle by the thousand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from apps.network.directory import Directory, Entry, locations
from apps.network.postcodes import Point

THOUSAND = 1000

# The lateral part runs only for levels with something reserved, so it costs nothing where it cannot matter.
_FREE = """
    SELECT variant.sku, variant.id, array_agg(level.location_id), array_agg(level.free)
      FROM catalogue_variant AS variant
      LEFT JOIN (
           SELECT level.variant_id, level.location_id,
                  ((level.on_hand - level.reserved - level.safety + COALESCE(lapsed.quantity, 0)) * 1000)::bigint AS free
             FROM inventory_stocklevel AS level
             LEFT JOIN LATERAL (
                  SELECT sum(demand.quantity - demand.consumed - demand.released) AS quantity
                    FROM inventory_demand AS demand
                    JOIN inventory_reservation AS reservation ON reservation.id = demand.reservation_id
                   WHERE level.reserved > 0 AND demand.level_id = level.id
                     AND demand.quantity > demand.consumed + demand.released
                     AND reservation.expires_at <= now()) AS lapsed ON true
            WHERE level.condition = 'saleable') AS level
        ON level.variant_id = variant.id AND level.free > 0
     WHERE variant.sku = ANY(%s)
     GROUP BY variant.id"""

_SHELVES = """
    SELECT DISTINCT ON (level.variant_id, place.location_id) level.variant_id, place.location_id, place.code
      FROM inventory_placelevel AS level JOIN inventory_place AS place ON place.id = level.place_id
     WHERE level.variant_id = ANY(%s) AND place.location_id = ANY(%s) AND level.quantity > 0
     ORDER BY level.variant_id, place.location_id, level.quantity DESC, place.code"""


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


def free_stock(skus: Sequence[str]) -> dict[str, Free]:
    """What of each SKU is free, and where; a SKU that does not exist is not in it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE, [list(skus)])
        rows = cursor.fetchall()
    found: dict[str, Free] = {}
    for sku, variant_id, location_ids, free in rows:
        if location_ids[0] is None:
            found[sku] = Free(variant_id, {})
            continue
        at = dict(zip(location_ids, free, strict=True))
        if len(at) < len(location_ids):  # stock of several owners in one building
            at = dict.fromkeys(location_ids, 0)
            for location_id, quantity in zip(location_ids, free, strict=True):
                at[location_id] += quantity
        found[sku] = Free(variant_id, at)
    return found


def shelves_of(variant_ids: Sequence[int], location_ids: Sequence[int]) -> dict[tuple[int, int], str]:
    """The shelf with most of a variant in a location: {(variant id, location id): code}. One query."""
    if not location_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SHELVES, [list(variant_ids), list(location_ids)])
        return {(variant_id, location_id): code for variant_id, location_id, code in cursor.fetchall()}


def availability(question: Question) -> dict[str, Answer]:
    """What is available of each SKU: for delivery in all, and per location. Two queries, whatever the numbers.

    A SKU that does not exist is not in it.
    """
    stock = free_stock(question.skus)
    directory = locations(knowing=(id_ for free in stock.values() for id_ in free.at))
    open_ = directory.collecting if question.collect else directory.active
    listed = {sku: _listed(free.at, question, directory, open_) for sku, free in stock.items()}
    shelves = shelves_of(
        [free.variant_id for free in stock.values()], list({id_ for ids in listed.values() for id_ in ids})
    )
    by_id, shipping = directory.by_id, directory.shipping
    km = directory.ranking(question.near).km
    answers = {}
    for sku, free in stock.items():
        at = free.at
        answers[sku] = Answer(
            variant_id=free.variant_id,
            delivery=sum([quantity for id_, quantity in at.items() if id_ in shipping]),
            here=[
                Here(by_id[id_], km[id_], at.get(id_, 0) if id_ in open_ else 0, shelves.get((free.variant_id, id_)))
                for id_ in listed[sku]
            ],
        )
    return answers


def _listed(at: Mapping[int, int], question: Question, directory: Directory, open_: frozenset[int]) -> list[int]:
    """The ids of the locations to list, in order; those not open for the question do not count."""
    if question.location is not None:
        return [question.location.id]
    place = directory.ranking(question.near).place
    return sorted([id_ for id_ in at if id_ in open_], key=place.__getitem__)[: question.limit]


def plain_quantity(thousandths: int) -> str:
    """Thousandths as the API writes a quantity: `3`, `0.5`."""
    whole, part = divmod(thousandths, THOUSAND)
    return f"{whole}.{part:03d}".rstrip("0") if part else str(whole)
