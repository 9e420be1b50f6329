"""What can still be promised: the read that every webshop and counter asks all day.

Available = on hand − reserved − safety, plus what reservations that have lapsed still hold; never below zero at one location.
Quantities are whole thousandths here, which add up exactly and are quick to handle by the thousand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from apps.network.directory import UNKNOWN_KM, Directory, Entry, locations
from apps.network.postcodes import Point

THOUSAND = 1000

# The lateral part runs only for levels with something reserved, so it costs nothing where it cannot matter.
_FREE = """
    SELECT variant_id, array_agg(location_id), array_agg(free)
      FROM (SELECT level.variant_id, level.location_id,
                   ((level.on_hand - level.reserved - level.safety + COALESCE(lapsed.quantity, 0)) * 1000)::bigint AS free
              FROM inventory_stocklevel AS level
              LEFT JOIN LATERAL (
                    SELECT sum(demand.quantity - demand.consumed - demand.released) AS quantity
                      FROM inventory_demand AS demand
                      JOIN inventory_reservation AS reservation ON reservation.id = demand.reservation_id
                     WHERE level.reserved > 0 AND demand.level_id = level.id
                       AND demand.quantity > demand.consumed + demand.released
                       AND reservation.expires_at <= now()) AS lapsed ON true
             WHERE level.variant_id = ANY(%s) AND level.condition = 'saleable') AS level
     WHERE free > 0
     GROUP BY variant_id"""

_SHELVES = """
    SELECT DISTINCT ON (level.variant_id, place.location_id) level.variant_id, place.location_id, place.code
      FROM inventory_placelevel AS level JOIN inventory_place AS place ON place.id = level.place_id
     WHERE level.variant_id = ANY(%s) AND place.location_id = ANY(%s) AND level.quantity > 0
     ORDER BY level.variant_id, place.location_id, level.quantity DESC, place.code"""


@dataclass(frozen=True, slots=True)
class Question:
    """Which variants, and which locations to list: one, or those that offer collection, the nearest first, so many."""

    variant_ids: Sequence[int]
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
    """Per variant: thousandths that can be sent to a customer, and the locations asked for."""

    delivery: int
    here: list[Here]


def free_by_location(variant_ids: Sequence[int]) -> dict[int, Mapping[int, int]]:
    """Thousandths that can be promised, where there are any: {variant id: {location id: thousandths}}. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE, [list(variant_ids)])
        rows = cursor.fetchall()
    found: dict[int, Mapping[int, int]] = {}
    for variant_id, location_ids, free in rows:
        at = dict(zip(location_ids, free, strict=True))
        if len(at) < len(location_ids):  # stock of several owners in one building
            at = dict.fromkeys(location_ids, 0)
            for location_id, quantity in zip(location_ids, free, strict=True):
                at[location_id] += quantity
        found[variant_id] = at
    return found


def shelves_of(variant_ids: Sequence[int], location_ids: Sequence[int]) -> dict[tuple[int, int], str]:
    """The shelf with most of a variant in a location: {(variant id, location id): code}. One query."""
    if not location_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SHELVES, [list(variant_ids), list(location_ids)])
        return {(variant_id, location_id): code for variant_id, location_id, code in cursor.fetchall()}


def availability(question: Question) -> dict[int, Answer]:
    """What is available of each variant: for delivery in all, and per location. Two queries, whatever the numbers."""
    free = free_by_location(question.variant_ids)
    directory = locations(knowing={id_ for at in free.values() for id_ in at})
    listed = {variant_id: _listed(free.get(variant_id, {}), question, directory) for variant_id in question.variant_ids}
    shelves = shelves_of(question.variant_ids, list({id_ for found in listed.values() for id_, _, _ in found}))
    by_id = directory.by_id
    return {
        variant_id: Answer(
            delivery=sum(
                quantity
                for id_, quantity in free.get(variant_id, {}).items()
                if (entry := by_id[id_]).ships_orders and entry.is_active
            ),
            here=[Here(by_id[id_], km, quantity, shelves.get((variant_id, id_))) for id_, km, quantity in found],
        )
        for variant_id, found in listed.items()
    }


def _listed(free: Mapping[int, int], question: Question, directory: Directory) -> list[tuple[int, float | None, int]]:
    """The locations to list, in order: (location id, distance in km, thousandths)."""
    distances = directory.distances(question.near) if question.near else None
    if question.location is not None:
        one = question.location
        quantity = free.get(one.id, 0) if one.is_active and (one.offers_collect or not question.collect) else 0
        return [(one.id, _km(one.id, distances), quantity)]
    by_id = directory.by_id
    found = [id_ for id_ in free if (entry := by_id[id_]).is_active and (entry.offers_collect or not question.collect)]
    if distances:
        found.sort(key=distances.__getitem__)
    else:
        found.sort(key=lambda id_: by_id[id_].code)
    return [(id_, _km(id_, distances), free[id_]) for id_ in found[: question.limit]]


def _km(location_id: int, distances: Mapping[int, tuple[float, str]] | None) -> float | None:
    if distances is None or location_id not in distances:
        return None
    km, _ = distances[location_id]
    return km if km < UNKNOWN_KM else None


def plain_quantity(thousandths: int) -> str:
    """Thousandths as the API writes a quantity: `3`, `0.5`."""
    whole, part = divmod(thousandths, THOUSAND)
    return f"{whole}.{part:03d}".rstrip("0") if part else str(whole)
