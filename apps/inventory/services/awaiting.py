"""Promises on goods that suppliers announced: what is not there is waited for, never more of it than comes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import count

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.inventory.models import Demand, NoticeLine, Reservation
from apps.inventory.services.availability import THOUSAND, Free, free_of
from apps.inventory.services.decisions import Occasion
from apps.inventory.services.promising import Promise, held_of, reserve
from apps.inventory.services.recalls.holding import recalled_among
from apps.inventory.services.types import InsufficientStock, Recalled, Shortage, Want
from apps.network.directory import locations

ZERO = Decimal(0)
_Goods = tuple[int | None, int]  # the location that they must come from, if they must, and the variant


def reserve_or_await(
    *,
    channel_id: int,
    reference: str,
    wants: Sequence[Want],
    expires_at: dt.datetime | None,
    occasion: Occasion,
    next_line: int | None = None,
) -> tuple[Reservation, list[Promise]]:
    """As `reserve`, but what is not there waits for what suppliers announced: a promise without a location.

    Of what is sent as much as there is is promised now and the rest waits; what is collected waits as a whole, for its
    store. Raises `InsufficientStock` with what there is and comes together.
    """
    further = next_line or max(want.line for want in wants) + 1
    hold = partial(
        reserve,
        channel_id=channel_id,
        reference=reference,
        expires_at=expires_at,
        occasion=occasion,
        divides=True,
        next_line=further,
    )
    try:
        with transaction.atomic():
            return hold(wants=wants)
    except Recalled:
        raise
    except InsufficientStock:
        split = _Split(wants, occasion.channel)
    while split.now:
        try:
            with transaction.atomic():
                reservation, promises = hold(wants=split.now)
            break
        except InsufficientStock as short:
            # It lies where the rules do not let it be taken from.
            split.let_wait({position for shortage in short.shortages for position in shortage.positions})
    else:
        reservation = Reservation.objects.create(channel_id=channel_id, reference=reference, expires_at=expires_at)
        promises = []
    return reservation, [*promises, *_await(reservation, split.later, promises, further)]


class _Split:
    """What is promised `now` of what is wanted, and what must wait till `later`: at most what comes. Raises InsufficientStock.

    Whoever asks for the same goods after us sees what we promise.
    """

    def __init__(self, wants: Sequence[Want], channel: str) -> None:
        self._wants = wants
        self.now: list[Want] = []
        self.later: list[Want] = []
        variant_ids = {want.variant_id for want in wants}
        _lock_what_comes(variant_ids)
        shipping = self._shipping = locations().shipping
        free = free_of(variant_ids, shipping | {want.location_id for want in wants if want.location_id is not None})
        asked = _by_goods(wants)
        self._there: dict[_Goods, Decimal] = {}
        self._coming: dict[_Goods, Decimal] = {}
        for goods in asked:
            location_id, variant_id = goods
            self._there[goods], self._coming[goods] = _there_and_coming(
                free.get(variant_id), location_id, shipping, channel
            )
        here = {goods: min(_sum(mine), self._there[goods]) for goods, mine in asked.items()}
        awaited = {goods: _sum(mine) - here[goods] for goods, mine in asked.items()}
        self._there = self._without_collected(self._there, here)
        self._check(
            asked,
            {
                goods: self._there[goods] + coming
                for goods, coming in self._without_collected(self._coming, awaited).items()
            },
        )
        for (location_id, variant_id), mine in asked.items():
            there = self._there[location_id, variant_id]
            if location_id is not None and there < _sum(mine):
                there = ZERO
            for want in mine:
                taken = min(want.quantity, there)
                there -= taken
                self._add(want, taken)

    def _add(self, want: Want, now: Decimal) -> None:
        if now:
            self.now.append(replace(want, quantity=now))
        if want.quantity > now:
            self.later.append(replace(want, quantity=want.quantity - now))

    def let_wait(self, positions: Collection[int]) -> None:
        """What stands at these positions of `now` waits as well, if enough comes."""
        lines = {self.now[position].line for position in positions}
        self.now = [want for want in self.now if want.line not in lines]
        self.later = [want for want in self.later if want.line not in lines]
        self.later += [want for want in self._wants if want.line in lines]
        asked = _by_goods(self.later)
        awaited = {goods: _sum(mine) for goods, mine in asked.items()}
        self._check(asked, self._without_collected(self._coming, awaited))

    def _without_collected(
        self, figures: Mapping[_Goods, Decimal], collected: Mapping[_Goods, Decimal]
    ) -> dict[_Goods, Decimal]:
        """Figures without, of what is sent, so much as the same request has collected at locations that send as well."""
        left = dict(figures)
        for (location_id, variant_id), quantity in collected.items():
            if location_id in self._shipping and (None, variant_id) in left:
                left[None, variant_id] = max(left[None, variant_id] - quantity, ZERO)
        return left

    def _check(self, asked: Mapping[_Goods, list[Want]], available: Mapping[_Goods, Decimal]) -> None:
        goods = {one for one, mine in asked.items() if _sum(mine) > available[one]}
        shortages = []
        for location_id, variant_id in sorted(goods, key=lambda g: (g[0] or 0, g[1])):
            mine = [
                (n, w) for n, w in enumerate(self._wants) if (w.location_id, w.variant_id) == (location_id, variant_id)
            ]
            wanted = _sum([want for _n, want in mine])
            positions = tuple(n for n, _want in mine)
            shortages.append(Shortage(positions, variant_id, wanted, available[location_id, variant_id]))
        if recalled := recalled_among({shortage.variant_id for shortage in shortages}):
            raise Recalled(shortages, recalled)
        if shortages:
            raise InsufficientStock(shortages)


def _sum(wants: Sequence[Want]) -> Decimal:
    return sum((want.quantity for want in wants), ZERO)


def _by_goods(wants: Sequence[Want]) -> Mapping[_Goods, list[Want]]:
    asked: dict[_Goods, list[Want]] = defaultdict(list)
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
        there, coming = free.collect.get(location_id, 0), free.expected_at(location_id, shipping)
    return Decimal(there) / THOUSAND, Decimal(sum(quantity for _day, quantity in coming)) / THOUSAND


def _lock_what_comes(variant_ids: Collection[int]) -> None:
    """One at a time promises what is announced of a variant; who receives it waits as well. Taken before stock levels."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id FROM inventory_noticeline WHERE variant_id = ANY(%s) AND is_open
                ORDER BY notice_id, id FOR NO KEY UPDATE""",
            [sorted(variant_ids)],
        )


def _await(
    reservation: Reservation, later: Sequence[Want], promises: Sequence[Promise], next_line: int
) -> list[Promise]:
    """Write what waits; the rest of a line of which a part is promised gets a line of its own, from `next_line` on."""
    begun = {promise.part_of or promise.line for promise in promises}
    further = count(max([next_line, *(promise.line + 1 for promise in promises)]))
    numbered = [(next(further) if want.line in begun else want.line, want) for want in later]
    demands = Demand.objects.bulk_create(
        Demand(
            reservation=reservation,
            line=line,
            part_of=want.line if line != want.line else None,
            variant_id=want.variant_id,
            wanted_at_id=want.location_id,
            quantity=want.quantity,
            is_back_order=True,
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
    """The last of the goods that each demand waits for: {demand id: arrival}; today for what is there by now.

    Who has waited longest is first. A demand that not enough is announced for is not in it.
    """
    variant_ids = {demand.variant_id for demand in demands if demand.level_id is None}
    if not variant_ids:
        return {}
    shipping = locations().shipping
    wanted_at = {demand.wanted_at_id for demand in demands if demand.wanted_at_id is not None}
    coming = _announced(variant_ids)
    for free in free_of(variant_ids, shipping | wanted_at).values():
        here = [Arrival(timezone.localdate(), at, Decimal(n) / THOUSAND) for at, n in free.delivery.items()]
        coming[free.variant_id] = [*here, *coming[free.variant_id]]
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


def _announced(variant_ids: Collection[int]) -> dict[int, list[Arrival]]:
    """What is still to come of each variant, the first day first."""
    lines = NoticeLine.objects.filter(
        variant__in=variant_ids, is_open=True, notice__expected_on__gte=timezone.localdate()
    )
    coming: dict[int, list[Arrival]] = defaultdict(list)
    for line in lines.select_related("notice").order_by("notice__expected_on", "pk"):
        coming[line.variant_id].append(Arrival(line.notice.expected_on, line.notice.location_id, line.to_come))
    return coming
