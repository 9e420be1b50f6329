"""Promises on goods that suppliers announced: what is not there is waited for, never more of it than comes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.inventory.models import Demand, NoticeLine, Reservation
from apps.inventory.services.availability import THOUSAND, Free, free_of
from apps.inventory.services.choosing import Occasion
from apps.inventory.services.promising import Promise, held_of, reserve
from apps.inventory.services.recalls.holding import recalled_among
from apps.inventory.services.types import InsufficientStock, Recalled, Shortage, Want
from apps.network.directory import locations

ZERO = Decimal(0)


def reserve_or_await(
    *,
    channel_id: int,
    reference: str,
    wants: Sequence[Want],
    expires_at: dt.datetime | None,
    occasion: Occasion,
) -> tuple[Reservation, list[Promise]]:
    """As `reserve`, but what is not there waits for what suppliers announced: a promise without a location.

    Of what is sent as much as there is is promised now and the rest waits; what is collected waits as a whole, for its
    store. Raises `InsufficientStock` with what there is and comes together.
    """
    try:
        with transaction.atomic():
            return reserve(
                channel_id=channel_id,
                reference=reference,
                wants=wants,
                expires_at=expires_at,
                occasion=occasion,
                divides=True,
            )
    except Recalled:
        raise
    except InsufficientStock:
        now, later = _divided(wants, occasion.channel)
    if now:
        reservation, promises = reserve(
            channel_id=channel_id,
            reference=reference,
            wants=now,
            expires_at=expires_at,
            occasion=occasion,
            divides=True,
        )
    else:
        reservation = Reservation.objects.create(channel_id=channel_id, reference=reference, expires_at=expires_at)
        promises = []
    return reservation, [*promises, *_await(reservation, later, begun={promise.line for promise in promises})]


def _divided(wants: Sequence[Want], channel: str) -> tuple[list[Want], list[Want]]:
    """What there is now of each want, and what must wait. Whoever asks for the same goods later sees what we promise here."""
    variant_ids = {want.variant_id for want in wants}
    _lock_what_comes(variant_ids)
    shipping = locations().shipping
    free = free_of(variant_ids, shipping | {want.location_id for want in wants if want.location_id is not None})
    now: list[Want] = []
    later: list[Want] = []
    short: dict[tuple[int | None, int], Decimal] = {}
    for (location_id, variant_id), asked in _by_goods(wants).items():
        there, coming = _there_and_coming(free.get(variant_id), location_id, shipping, channel)
        wanted = sum((want.quantity for want in asked), ZERO)
        if location_id is not None and there < wanted:
            there = ZERO
        if wanted > there + coming:
            short[location_id, variant_id] = there + coming
            continue
        for want in asked:
            taken = min(want.quantity, there)
            there -= taken
            if taken:
                now.append(replace(want, quantity=taken))
            if want.quantity > taken:
                later.append(replace(want, quantity=want.quantity - taken))
    if short:
        _refuse(wants, short)
    return now, later


def _by_goods(wants: Sequence[Want]) -> Mapping[tuple[int | None, int], list[Want]]:
    asked: dict[tuple[int | None, int], list[Want]] = defaultdict(list)
    for want in wants:
        asked[want.location_id, want.variant_id].append(want)
    return asked


def _there_and_coming(
    free: Free | None, location_id: int | None, shipping: Collection[int], channel: str
) -> tuple[Decimal, Decimal]:
    """What of a variant can be promised now, and what of that which is announced, in whole pieces of thousandths."""
    if free is None:
        return ZERO, ZERO
    if location_id is None:
        there, coming = free.sent_from(shipping, channel), free.expected(shipping, channel)
    else:
        there, coming = free.collect.get(location_id, 0), free.expected_at(location_id)
    return Decimal(there) / THOUSAND, Decimal(sum(quantity for _day, quantity in coming)) / THOUSAND


def _refuse(wants: Sequence[Want], short: Mapping[tuple[int | None, int], Decimal]) -> None:
    shortages = []
    for (location_id, variant_id), available in short.items():
        mine = [(n, w) for n, w in enumerate(wants) if (w.location_id, w.variant_id) == (location_id, variant_id)]
        wanted = sum((want.quantity for _n, want in mine), ZERO)
        shortages.append(Shortage(tuple(n for n, _want in mine), variant_id, wanted, available))
    if recalled := recalled_among({shortage.variant_id for shortage in shortages}):
        raise Recalled(shortages, recalled)
    raise InsufficientStock(shortages)


def _lock_what_comes(variant_ids: Collection[int]) -> None:
    """One at a time promises what is announced of a variant; who receives it waits as well. Taken before stock levels."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id FROM inventory_noticeline WHERE variant_id = ANY(%s) AND is_open
                ORDER BY notice_id, id FOR NO KEY UPDATE""",
            [sorted(variant_ids)],
        )


def _await(reservation: Reservation, later: Sequence[Want], *, begun: Collection[int]) -> list[Promise]:
    """Write what waits. `begun` are the lines of which a part is promised already: the rest gets a line of its own."""
    further = count(max([*begun, *(want.line for want in later)], default=0) + 1)
    numbered = [(next(further) if want.line in begun else want.line, want) for want in later]
    demands = Demand.objects.bulk_create(
        Demand(
            reservation=reservation,
            line=line,
            part_of=want.line if line != want.line else None,
            variant_id=want.variant_id,
            wanted_at_id=want.location_id,
            quantity=want.quantity,
        )
        for line, want in numbered
    )
    return [Promise(d.line, d.pk, d.variant_id, None, d.quantity, d.part_of) for d in demands]


@dataclass(slots=True)
class Arrival:
    """So many that a supplier said would come to a location on a day."""

    day: dt.date
    location_id: int
    quantity: Decimal


def arrivals(demands: Collection[Demand]) -> dict[int, Arrival]:
    """The last of the goods that each demand waits for: {demand id: arrival}.

    Who has waited longest is first. A demand that not enough is announced for is not in it.
    """
    variant_ids = {demand.variant_id for demand in demands if demand.level_id is None}
    if not variant_ids:
        return {}
    coming = _announced(variant_ids)
    shipping = locations().shipping
    asked = {demand.pk for demand in demands}
    waiting = Demand.objects.filter(variant__in=variant_ids, level=None, quantity__gt=F("consumed") + F("released"))
    found: dict[int, Arrival] = {}
    for demand in waiting.order_by("reservation__created_at", "pk"):
        wanted = held_of(demand)
        for one in coming.get(demand.variant_id, ()):
            if one.location_id == demand.wanted_at_id or (demand.wanted_at_id is None and one.location_id in shipping):
                taken = min(one.quantity, wanted)
                one.quantity -= taken
                wanted -= taken
                if not wanted:
                    found[demand.pk] = one
                    break
    return {id_: arrival for id_, arrival in found.items() if id_ in asked}


def _announced(variant_ids: Collection[int]) -> Mapping[int, list[Arrival]]:
    """What is still to come of each variant, the first day first."""
    lines = NoticeLine.objects.filter(
        variant__in=variant_ids, is_open=True, notice__expected_on__gte=timezone.localdate()
    )
    coming: dict[int, list[Arrival]] = defaultdict(list)
    for line in lines.select_related("notice").order_by("notice__expected_on", "pk"):
        coming[line.variant_id].append(Arrival(line.notice.expected_on, line.notice.location_id, line.to_come))
    return coming
