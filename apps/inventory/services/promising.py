"""Promises on stock: made on concrete rows, once, and never twice.

Demand is added up per stock level first, rows are locked in key order, what is free is read under that lock, and the level
update is the last write. The database's own constraint stands behind it (`promised_at_most_once`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from django.db import connection
from django.utils import timezone

from apps.core.retry import Overtaken
from apps.inventory.models import Demand, Reservation
from apps.inventory.services.decisions import ANY_OCCASION, Decision, Occasion
from apps.inventory.services.drifting import drift
from apps.inventory.services.expiring import release_expired
from apps.inventory.services.recalls.holding import recalled_among
from apps.inventory.services.sourcing import choose_locations, count_parcels, keep_decision
from apps.inventory.services.types import InsufficientStock, Part, Recalled, Shortage, Want

ZERO = Decimal(0)
_ATTEMPTS = 3  # to source again when somebody else was faster at the chosen location


@dataclass(frozen=True, slots=True)
class Promise:
    """A kept demand: which line, from which location and level; without a location it waits for goods that are to come.

    What one line wants may come from several locations: the first promise has the line's number, each further one a new
    number and, in `part_of`, that of the line.
    """

    line: int
    demand_id: int
    variant_id: int
    location_id: int | None
    quantity: Decimal
    part_of: int | None = None


@dataclass(slots=True)
class _Level:
    """A locked level: what is on hand and not promised, and how much of that is not for who collects, or not to be sent."""

    id: int
    variant_id: int
    location_id: int
    free: Decimal
    kept_from_collecting: Decimal
    kept_from_sending: Decimal

    def free_for(self, *, is_sent: bool) -> Decimal:
        return self.free - (self.kept_from_sending if is_sent else self.kept_from_collecting)


def reserve(
    *,
    channel_id: int | None,
    reference: str,
    wants: Sequence[Want],
    expires_at: dt.datetime | None = None,
    occasion: Occasion = ANY_OCCASION,
    into: Reservation | None = None,
    divides: bool = False,
    next_line: int | None = None,
) -> tuple[Reservation, list[Promise]]:
    """Promise all wants or nothing, in the caller's transaction.

    Wants without a location are sourced at once, by what the rules know of the `occasion`. Raises `InsufficientStock` with
    what there still is; the caller's transaction must then be rolled back. `into` is a reservation that stands, for what is
    promised anew of the same order. Without a channel it is for a transfer. With `divides` a sourced want of which no location
    has enough may become several promises; their numbers begin at `next_line`, without it after those of the wants.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a promise is made in the transaction of its order")
    taken, decision = _take(wants, occasion, divides=divides)
    reservation = into or Reservation(channel_id=channel_id, reference=reference, expires_at=expires_at)
    held = _numbered(taken, next_line)
    demand_ids = _hold(reservation, held)
    if decision is not None:
        keep_decision(reservation.pk, decision)
    return reservation, [
        Promise(
            line,
            demand_ids[line],
            part.want.variant_id,
            level.location_id,
            part.quantity,
            _part_of(line, part),
        )
        for line, part, level in held
    ]


def _part_of(line: int, part: Part) -> int | None:
    return part.want.line if line != part.want.line else None


def _numbered(taken: Sequence[tuple[Part, _Level]], next_line: int | None) -> list[tuple[int, Part, _Level]]:
    """Each part with a line number of its own: the first of a want has the want's, further ones come after all."""
    seen: set[int] = set()
    further = count(next_line or max(part.want.line for part, _level in taken) + 1)
    held = []
    for part, level in taken:
        line = next(further) if part.want.line in seen else part.want.line
        seen.add(part.want.line)
        held.append((line, part, level))
    return held


def _take(
    wants: Sequence[Want], occasion: Occasion, *, divides: bool
) -> tuple[list[tuple[Part, _Level]], Decision | None]:
    """Lock levels and choose one for each part of what is wanted; raise when they do not suffice."""
    for attempt in range(_ATTEMPTS):
        sourced = choose_locations(wants, occasion, divides=divides)
        levels = _lock(sourced.parts, minds_who_waits=not occasion.has_waited)
        placed, shortages = _place(wants, sourced.parts, levels, sourced.beyond)
        if not shortages:
            if sourced.decision is None or count_parcels(sourced.decision):
                return placed, sourced.decision
            continue  # a location has its fill of the day by now: choose again
        # What lapsed may be taken, once; then a want that left the place open may try another location.
        if attempt == 0 and release_expired(level_ids=[level.id for level in levels]):
            continue
        if not any(w.location_id is None for w in wants):
            break
    if not shortages:
        raise Overtaken
    if recalled := recalled_among({short.variant_id for short in shortages}):
        raise Recalled(shortages, recalled)
    raise InsufficientStock(shortages)


# Of a batch, a location that has sorted its goods may sell what is left there.
_IS_RECALLED = """EXISTS (
           SELECT FROM inventory_recalledvariant AS recalled
            WHERE recalled.variant_id = level.variant_id AND recalled.lifted_at IS NULL
              AND NOT EXISTS (SELECT FROM inventory_recallsorting AS sorting
                               WHERE sorting.recalled_id = recalled.id AND sorting.location_id = level.location_id))"""
_LOCK = f"""
    SELECT level.id, level.variant_id, level.location_id, level.on_hand - level.reserved,
           level.safety_collect, level.safety_delivery, CASE WHEN %s THEN COALESCE((
               SELECT sum(demand.quantity - demand.consumed - demand.released) FROM inventory_demand AS demand
                WHERE demand.variant_id = level.variant_id AND demand.level_id IS NULL
                  AND demand.wanted_at_id = level.location_id
                  AND demand.quantity > demand.consumed + demand.released), 0) ELSE 0 END
      FROM inventory_stocklevel AS level
      JOIN unnest(%s::bigint[], %s::bigint[]) AS k(location_id, variant_id)
        ON level.location_id = k.location_id AND level.variant_id = k.variant_id
     WHERE level.condition = 'saleable'
       AND NOT {_IS_RECALLED}
     ORDER BY level.location_id, level.variant_id, level.condition, level.owner_id
       FOR NO KEY UPDATE OF level"""


def _lock(parts: Sequence[Part], *, minds_who_waits: bool) -> list[_Level]:
    pairs = sorted({(part.location_id, part.want.variant_id) for part in parts if part.location_id is not None})
    if not pairs:
        return []
    location_ids, variant_ids = [p[0] for p in pairs], [p[1] for p in pairs]
    gone = drift(variant_ids=variant_ids, location_ids=set(location_ids))
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [minds_who_waits, location_ids, variant_ids])
        rows = cursor.fetchall()
    levels = [_Level(*row) for *row, _waits in rows]
    # Once for each place, out of its levels in turn: goods of several owners may lie in one building.
    owed = {
        (row[1], row[2]): (unseen + row[-1], unseen) for row in rows for unseen in [gone.get((row[1], row[2]), ZERO)]
    }
    for level in levels:
        where = (level.variant_id, level.location_id)
        collecting, sending = owed[where]
        here = max(min(collecting, level.free - level.kept_from_collecting), ZERO)
        sent = max(min(sending, level.free - level.kept_from_sending), ZERO)
        level.kept_from_collecting += here
        level.kept_from_sending += sent
        owed[where] = (collecting - here, sending - sent)
    return levels


_Asked = tuple[int | None, int]  # the location that a want names, if it does, and the variant


def _place(
    wants: Sequence[Want], parts: Sequence[Part], levels: Sequence[_Level], beyond: Mapping[int, Decimal]
) -> tuple[list[tuple[Part, _Level]], list[Shortage]]:
    """Give each part a level, adding up what the parts of one request take from it."""
    by_spot: dict[tuple[int | None, int], list[_Level]] = defaultdict(list)
    for level in levels:
        by_spot[level.location_id, level.variant_id].append(level)
    free_before = _free(by_spot, parts)
    placed: list[tuple[Part, _Level]] = []
    failed: set[_Asked] = set()
    for part in parts:
        here = by_spot[part.location_id, part.want.variant_id]
        enough = next((level for level in here if level.free_for(is_sent=part.is_sent) >= part.quantity), None)
        if enough is None or (part.is_sent and part.want.variant_id in beyond):
            failed.add(_asked(part.want))
            continue
        enough.free -= part.quantity
        placed.append((part, enough))
    shortages = []
    for asked in sorted(failed, key=lambda a: (a[0] or 0, a[1])):
        mine = [(n, want) for n, want in enumerate(wants) if _asked(want) == asked]
        location_id, variant_id = asked
        allowed = beyond.get(variant_id) if location_id is None else None
        shortages.append(
            Shortage(
                positions=tuple(n for n, _ in mine),
                variant_id=variant_id,
                wanted=sum((want.quantity for _, want in mine), ZERO),
                available=free_before[asked] if allowed is None else min(free_before[asked], allowed),
            )
        )
    return placed, shortages


def _asked(want: Want) -> _Asked:
    return (want.location_id, want.variant_id)


def _free(by_spot: Mapping[tuple[int | None, int], list[_Level]], parts: Sequence[Part]) -> dict[_Asked, Decimal]:
    """What there is of each thing wanted, at the locations that are to give it."""
    spots: dict[_Asked, set[int | None]] = defaultdict(set)
    is_sent = {}
    for part in parts:
        spots[_asked(part.want)].add(part.location_id)
        is_sent[_asked(part.want)] = part.is_sent
    return {
        asked: sum(
            (
                max(sum((lv.free_for(is_sent=is_sent[asked]) for lv in by_spot.get((at, asked[1]), ())), ZERO), ZERO)
                for at in there
            ),
            ZERO,
        )
        for asked, there in spots.items()
    }


# The condition repeats the check, so that even an unlocked caller cannot promise twice; and who waited for the lock while a
# recall began sees it here, since this statement began after it.
_NEW = """
        INSERT INTO inventory_reservation (key, channel_id, reference, created_at, expires_at)
        VALUES (%s, %s, %s, %s, %s) RETURNING id"""
_STANDING = "SELECT %s::bigint AS id"
_HOLD = f"""
    WITH held AS (
        UPDATE inventory_stocklevel AS level SET reserved = level.reserved + k.quantity, changed_at = now()
          FROM unnest(%s::bigint[], %s::numeric[]) AS k(id, quantity)
         WHERE level.id = k.id AND level.on_hand - level.reserved >= k.quantity
           AND NOT {_IS_RECALLED}
        RETURNING level.id),
         reservation AS ({{reservation}}),
         demands AS (
        INSERT INTO inventory_demand
               (reservation_id, line, part_of, variant_id, level_id, quantity, consumed, released)
        SELECT reservation.id, d.line, d.part_of, d.variant_id, d.level_id, d.quantity, 0, 0
          FROM reservation, unnest(%s::int[], %s::int[], %s::bigint[], %s::bigint[], %s::numeric[])
                            AS d(line, part_of, variant_id, level_id, quantity)
        RETURNING line, id)
    SELECT (SELECT id FROM reservation), (SELECT count(*) FROM held), line, id FROM demands"""


def _hold(reservation: Reservation, held: Sequence[tuple[int, Part, _Level]]) -> dict[int, int]:
    """Write the reservation with its demands and raise `reserved`; return the demand ids by line."""
    totals: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for _line, part, level in held:
        totals[level.id] += part.quantity
    ids = sorted(totals)
    head = (reservation.key, reservation.channel_id, reservation.reference)
    made = (*head, reservation.created_at, reservation.expires_at)
    with connection.cursor() as cursor:
        cursor.execute(
            _HOLD.format(reservation=_STANDING if reservation.pk else _NEW),
            [
                ids,
                [totals[i] for i in ids],
                *((reservation.pk,) if reservation.pk else made),
                [line for line, _part, _level in held],
                [_part_of(line, part) for line, part, _level in held],
                [part.want.variant_id for _line, part, _level in held],
                [level.id for _line, _part, level in held],
                [part.quantity for _line, part, _level in held],
            ],
        )
        rows = cursor.fetchall()
    reservation.pk, changed = rows[0][:2]
    if changed != len(ids):
        raise Overtaken
    return {line: demand_id for _reservation, _held, line, demand_id in rows}


def held_of(demand: Demand) -> Decimal:
    """What a demand still holds, or still wants when it has no stock behind it."""
    return demand.quantity - demand.consumed - demand.released


def release(*, demand_quantities: dict[int, Decimal]) -> None:
    """Let go of (part of) demands, with or without stock behind them: {demand id: quantity}. Releasing more than is held is an
    error in the caller."""
    _settle(demand_quantities, column="released")


def mark_consumed(*, demand_quantities: dict[int, Decimal]) -> None:
    """Note that promised goods left the building; the caller books the movement with `leave`."""
    _settle(demand_quantities, column="consumed")


def _settle(demand_quantities: dict[int, Decimal], *, column: str) -> None:
    if not demand_quantities:
        return
    ids = sorted(demand_quantities)
    _lock_levels_of(ids)
    with connection.cursor() as cursor:
        # Each part of the statement touches other rows, so the demand and its level change together.
        cursor.execute(
            f"""
            WITH k AS (SELECT * FROM unnest(%s::bigint[], %s::numeric[]) AS k(id, quantity)),
                 settled AS (
                    UPDATE inventory_demand AS demand SET {column} = demand.{column} + k.quantity
                      FROM k WHERE demand.id = k.id RETURNING demand.level_id, k.quantity),
                 per_level AS (SELECT level_id, sum(quantity) AS quantity FROM settled GROUP BY level_id)
            UPDATE inventory_stocklevel AS level
               SET reserved = level.reserved - p.quantity,
                   oversold = GREATEST(0, level.reserved - p.quantity - GREATEST(level.on_hand, 0)),
                   changed_at = now()
              FROM per_level AS p WHERE level.id = p.level_id
            """,
            [ids, [demand_quantities[i] for i in ids]],
        )


def _lock_levels_of(demand_ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT level.id FROM inventory_stocklevel AS level
             WHERE level.id IN (SELECT level_id FROM inventory_demand WHERE id = ANY(%s))
             ORDER BY level.location_id, level.variant_id, level.condition, level.owner_id FOR NO KEY UPDATE OF level
            """,
            [list(demand_ids)],
        )


def release_rest(*, demand_ids: Sequence[int]) -> None:
    """Let go of all that demands hold, or want, as it is once their levels are locked: what lapsed may be free by then."""
    _lock_levels_of(demand_ids)
    release(demand_quantities={d.pk: held_of(d) for d in Demand.objects.filter(pk__in=demand_ids) if held_of(d)})


def release_some(*, demand_quantities: Mapping[int, Decimal]) -> None:
    """Let go of so much of demands, or of all they hold where that is less: {demand id: quantity}."""
    _lock_levels_of(sorted(demand_quantities))
    held = {demand.pk: held_of(demand) for demand in Demand.objects.filter(pk__in=demand_quantities)}
    freed = {pk: min(quantity, held[pk]) for pk, quantity in demand_quantities.items()}
    release(demand_quantities={pk: quantity for pk, quantity in freed.items() if quantity > 0})


def cancel_reservation(*, key: str) -> bool:
    """Release everything a reservation still holds; False when it is unknown."""
    reservation = Reservation.objects.select_for_update().filter(key=key).first()
    if reservation is None:
        return False
    release_rest(demand_ids=list(reservation.demands.values_list("pk", flat=True)))
    return True


def keep(*, reservation: Reservation) -> None:
    """Turn a basket's reservation into an order's: it no longer lapses. What it holds afterwards, it goes on holding."""
    reservation.expires_at = None
    reservation.save(update_fields=["expires_at"])
    # Whoever is letting go of what lapsed has these levels, and is waited for.
    _lock_levels_of(list(reservation.demands.values_list("pk", flat=True)))


def has_lapsed(reservation: Reservation) -> bool:
    return reservation.expires_at is not None and reservation.expires_at <= timezone.now()
