"""The stock behind an order's lines: reserved now, or taken over from the basket's reservation."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalogue.services.listing import Listing
from apps.core.days import business_date
from apps.core.errors import Conflict, Fault, InvalidInput
from apps.inventory.models import Demand, Reservation
from apps.inventory.services.awaiting import reserve_or_await
from apps.inventory.services.collecting import reserve_for_collecting
from apps.inventory.services.decisions import Occasion
from apps.inventory.services.promise_dates import asked_by
from apps.inventory.services.promising import Promise, cancel_reservation, has_lapsed, reserve
from apps.inventory.services.slots import Chosen
from apps.inventory.services.types import InsufficientStock, Want
from apps.network.directory import Entry
from apps.network.models import Channel
from apps.network.postcodes import centroid
from apps.orders.models import Method
from apps.orders.services.types import OrderDocument, ReservationExpired
from apps.orders.ways import is_mixed


class ReservationMismatch(Conflict):
    """The reservation does not hold what the order asks for."""

    code = "reservation_mismatch"


def promise_lines(
    *,
    channel: Channel,
    document: OrderDocument,
    listings: dict[str, Listing],
    store: Entry | None,
    expires_at: dt.datetime | None,
    value: Decimal,
    chosen: Chosen | None = None,
) -> list[Promise]:
    """The promises for each line that is not taken along. `store` is where lines are collected, and come from unless the
    document says from anywhere; what is sent is sourced, for an order of `value`, or comes from the location of the time that
    was `chosen`."""
    hold = partial(
        _way(document, store),
        channel_id=channel.pk,
        reference=document.external_id,
        expires_at=expires_at,
        occasion=_occasion(channel, document, value, chosen),
        next_line=len(document.lines) + 1,
    )
    promised = [n for n, method in enumerate(document.methods) if method != Method.CARRY_OUT]
    wants = []
    for n in promised:
        is_collected = document.methods[n] == Method.COLLECT
        variant_id, quantity = listings[document.lines[n].sku].variant_id, document.lines[n].quantity
        wants.append(Want(n + 1, variant_id, quantity, store.id if store and is_collected else None))
    try:
        return _promised(channel, document, wants, hold, expires_at, chosen)
    except InsufficientStock as error:
        if len(promised) == len(document.lines):
            raise
        raise error.standing_at(promised) from error


def let_basket_go(channel: Channel, document: OrderDocument) -> None:
    """Free what the basket of an order holds, before any of it is taken along. Raises as `promise_lines`."""
    if document.reservation is not None:
        _let_go(_reservation(channel, document))


def _promised(
    channel: Channel,
    document: OrderDocument,
    wants: list[Want],
    hold: "_Reserve",
    expires_at: dt.datetime | None,
    chosen: Chosen | None,
) -> list[Promise]:
    if document.reservation is None:
        return hold(wants=wants)[1]
    reservation = _reservation(channel, document)
    if has_lapsed(reservation):
        _let_go(reservation)
        try:
            return hold(wants=wants)[1]
        except InsufficientStock as error:
            raise ReservationExpired(
                _("The reservation lapsed and the stock has gone."),
                faults=[Fault("reservation_expired", f.detail, f.attr, f.extra) for f in error.faults],
            ) from error
    if is_mixed(document.methods) or (chosen is not None and not _lies_at(chosen.place.id, reservation)):
        # A basket is held in one place, whoever gets it how. What it held stays locked, so nobody else has it meanwhile.
        _let_go(reservation)
        return hold(wants=wants)[1]
    promises = _take_over(reservation, wants, from_anywhere=document.from_anywhere, next_line=len(document.lines) + 1)
    reservation.expires_at = expires_at
    reservation.save(update_fields=["expires_at"])
    return promises


_Reserve = Callable[..., tuple[Reservation, list[Promise]]]


def _way(document: OrderDocument, store: Entry | None) -> _Reserve:
    """How stock is promised for an order: what is sent on comes before what is waited for. Nothing is waited for where a part is
    brought at an agreed time."""
    may_wait = document.back_orders and not document.slot
    if store is None or not document.from_anywhere or Method.COLLECT not in document.methods:
        return reserve_or_await if may_wait else partial(reserve, divides=True)
    sent_on = partial(reserve_for_collecting, at=store, divides=True)
    return partial(_first_of, sent_on, reserve_or_await) if may_wait else sent_on


def _first_of(first: _Reserve, otherwise: _Reserve, **asked: Any) -> tuple[Reservation, list[Promise]]:
    try:
        with transaction.atomic():
            return first(**asked)
    except InsufficientStock:
        return otherwise(**asked)


def _occasion(channel: Channel, document: OrderDocument, value: Decimal, chosen: Chosen | None) -> Occasion:
    """What the sourcing rules may know of an order that is placed."""
    goes_to = document.person if Method.DELIVERY in document.methods else None
    country = (goes_to.country or channel.country) if goes_to else channel.country
    near = centroid(goes_to.postcode, country=country) if goes_to and goes_to.postcode else None
    day = business_date(document.placed_at, channel.time_zone)
    return Occasion(
        channel=channel.code,
        country=country,
        speed=document.speed,
        value=value,
        near=near,
        asked_at=document.placed_at,
        by=document.delivery_on or asked_by(document.speed, day, country=country),
        brought_by=chosen.place.id if chosen else None,
    )


def _reservation(channel: Channel, document: OrderDocument) -> Reservation:
    mine = Reservation.objects.select_for_update().filter(channel=channel)
    reservation = mine.filter(key=str(document.reservation)).first()
    if reservation is None:
        detail = _("There is no such reservation.")
        raise InvalidInput(detail, code="does_not_exist", faults=[Fault("does_not_exist", detail, "reservation")])
    return reservation


def _let_go(reservation: Reservation) -> None:
    """Give free what a basket holds. Raises ReservationMismatch when it is an order's by now."""
    if reservation.demands.filter(order_line__isnull=False).exists():
        raise _taken()
    cancel_reservation(key=str(reservation.key))


def _taken() -> ReservationMismatch:
    return ReservationMismatch(_("Another order has this reservation already."))


def _lies_at(location_id: int, reservation: Reservation) -> bool:
    """Whether all that a reservation holds lies at a location."""
    return not reservation.demands.exclude(level__location=location_id).exists()


def _take_over(reservation: Reservation, wants: list[Want], *, from_anywhere: bool, next_line: int) -> list[Promise]:
    """Hand the reservation's demands to the order's lines; they must fit line by line."""
    lines: dict[int, list[Demand]] = defaultdict(list)
    for demand in reservation.demands.select_related("level", "order_line").order_by("line"):
        if hasattr(demand, "order_line"):
            raise _taken()
        if demand.level is not None and demand.consumed == demand.released == 0:
            lines[demand.part_of or demand.line].append(demand)
    held: dict[tuple[int, Decimal], list[list[Demand]]] = defaultdict(list)
    for parts in lines.values():
        held[parts[0].variant_id, sum((part.quantity for part in parts), Decimal(0))].append(parts)
    promises = []
    further = count(next_line)
    for want in wants:
        candidates = held[want.variant_id, want.quantity]
        fitting = next((c for c in candidates if from_anywhere or _fits(c, want)), None)
        if fitting is None:
            raise ReservationMismatch(_("The reservation does not hold these lines; reserve again."))
        candidates.remove(fitting)
        for part in fitting:
            line, part_of = (want.line, None) if part is fitting[0] else (next(further), want.line)
            promises.append(Promise(line, part.pk, part.variant_id, _location_of(part), part.quantity, part_of))
    if any(held.values()):
        raise ReservationMismatch(_("The reservation holds more than this order; release it and reserve again."))
    return promises


def _fits(parts: list[Demand], want: Want) -> bool:
    """Whether what is held lies where it is wanted, if that matters."""
    return want.location_id is None or all(_location_of(part) == want.location_id for part in parts)


def _location_of(demand: Demand) -> int:
    assert demand.level is not None  # only what has stock behind it is taken over
    return demand.level.location_id
