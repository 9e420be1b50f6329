"""What customers are written about their order."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils import translation

from apps.core.events.models import Event
from apps.core.languages import known_locale
from apps.messages.services.queueing import Letter
from apps.orders.acts import IN_THE_BUILDING
from apps.orders.addresses import address_of
from apps.orders.models import LineStatus, Method, Order, OrderLine, Parcel
from apps.orders.promised import clock_of, collect_promise, door_promise, promise_of
from apps.orders.services import cancelling
from apps.orders.ways import collected, is_mixed, ways_in_order
from apps.portal import formats

CONFIRMED, READY, REROUTED, READDRESSED = "order_confirmed", "collect_ready", "order_rerouted", "order_readdressed"
REMINDED, NOT_COLLECTED, SHIPPED, LEFT_OUT = "collect_reminder", "not_collected", "order_shipped", "left_out"


def dedupe_key(template: str, event: Event) -> str:
    """Each event is written about once, however often it is read. An order may become ready in parts."""
    return f"{template}:{event.object_key}:{event.pk}"


def confirmations(events: Sequence[Event]) -> list[Letter]:
    """A confirmation for every order that was placed and not called off since."""
    return _letters(CONFIRMED, events, lambda line, event: line.status != LineStatus.CANCELLED)


def ready_notices(events: Sequence[Event]) -> list[Letter]:
    """Word that goods lie ready, with the code to show. Nobody is told who has them already."""
    return _letters(READY, events, lambda line, event: line.status == LineStatus.READY)


def change_notices(events: Sequence[Event]) -> list[Letter]:
    """Word that an order comes another way than was agreed."""
    return _letters(REROUTED, events, _is_rerouted)


def _is_rerouted(line: OrderLine, event: Event) -> bool:
    """All that stands, or the part of the order that comes another way."""
    return line.status != LineStatus.CANCELLED and ("lines" not in event.payload or line.line in _lines_of(event))


def address_notices(events: Sequence[Event]) -> list[Letter]:
    """Word that what is still to be sent goes to another address: also to whoever did not ask for that."""
    letters = _letters(
        READDRESSED, events, lambda line, event: line.method == Method.DELIVERY and line.status in IN_THE_BUILDING
    )
    told = {dedupe_key(READDRESSED, event): event.object_key for event in events}
    orders = Order.objects.select_related("contact", "channel").prefetch_related("new_addresses")
    found = orders.in_bulk(set(told.values()), field_name="number")
    return [
        replace(letter, context={**letter.context, "address": address_of(found[told[letter.dedupe_key]])})
        for letter in letters
    ]


def reminders(events: Sequence[Event]) -> list[Letter]:
    """Word that goods still lie ready, and until when."""
    return _letters(REMINDED, events, lambda line, event: line.status == LineStatus.READY)


def parcel_notices(events: Sequence[Event]) -> list[Letter]:
    """Word that a parcel left, with its number at the carrier."""
    letters = _letters(SHIPPED, events, lambda line, event: line.line in _lines_of(event), quantity=_in_parcel)
    told = {dedupe_key(SHIPPED, event): event.payload["parcel"] for event in events}
    parcels = Parcel.objects.in_bulk(set(told.values()), field_name="number")
    return [
        replace(letter, context={**letter.context, "parcel": parcels.get(told[letter.dedupe_key])})
        for letter in letters
    ]


def _in_parcel(line: OrderLine, event: Event) -> Decimal:
    """What is in this parcel, which may be less than the line."""
    return next(Decimal(part["quantity"]) for part in event.payload["lines"] if part["line"] == line.line)


def _standing(line: OrderLine, event: Event) -> Decimal:
    return line.standing or line.quantity


def not_collected_notices(events: Sequence[Event]) -> list[Letter]:
    """Word that nobody came for the goods in time, and what is paid back."""
    return _called_off(NOT_COLLECTED, events, reason=cancelling.NOT_COLLECTED)


def left_out_notices(events: Sequence[Event]) -> list[Letter]:
    """Word that the store could not find the goods, which the customer wants left out then, and what is paid back."""
    return _called_off(LEFT_OUT, events, reason=cancelling.LEFT_OUT)


def _called_off(template: str, events: Sequence[Event], *, reason: str) -> list[Letter]:
    because = [event for event in events if event.payload.get("reason") == reason]
    return _letters(template, because, lambda line, event: line.line in _lines_of(event))


def _lines_of(event: Event) -> set[int]:
    return {part["line"] for part in event.payload["lines"]}


def _letters(template: str, events: Sequence[Event], wanted: Any, *, quantity: Any = _standing) -> list[Letter]:
    orders = Order.objects.filter(number__in={event.object_key for event in events}, contact__isnull=False)
    found = {
        order.number: order
        for order in orders.select_related("contact", "channel", "location", "slot_booking__slot").prefetch_related(
            "lines"
        )
    }
    letters = []
    for event in events:
        order = found.get(event.object_key)
        lines = [line for line in order.lines.all() if wanted(line, event)] if order is not None else []
        if order is None or not lines or not order.contact.email:
            continue
        letters.append(
            Letter(
                template=template,
                address=order.contact.email,
                locale=order.channel.locale,
                context=_context(order, [(line, quantity(line, event)) for line in lines], event),
                source_record_id=order.source_record_id,
                dedupe_key=dedupe_key(template, event),
            )
        )
    return letters


def _as_ordered(lines: Iterable[tuple[OrderLine, Decimal]]) -> list[tuple[str, Decimal]]:
    """Name and quantity of each line; parts that come from several locations are one line to the customer."""
    found: dict[int, tuple[str, Decimal]] = {}
    for line, quantity in lines:
        number = line.part_of or line.line
        _name, before = found.get(number, ("", Decimal(0)))
        found[number] = (line.name, before + quantity)
    return [named for _number, named in sorted(found.items())]


def _in_words(lines: Iterable[tuple[OrderLine, Decimal]]) -> list[dict[str, str]]:
    return [{"quantity": formats.quantity(quantity), "name": name} for name, quantity in _as_ordered(lines)]


def _parts(order: Order, lines: Sequence[tuple[OrderLine, Decimal]]) -> list[dict[str, Any]]:
    """What comes which way and when, where that differs; none where all of it comes one way."""
    methods = [line.method for line, _quantity in lines]
    promises = {Method.COLLECT: collect_promise(order), Method.DELIVERY: door_promise(order)}
    return [
        {
            "way": way,
            "promised": promises.get(Method(way), ""),
            "lines": _in_words((line, quantity) for line, quantity in lines if line.method == way),
        }
        for way in (ways_in_order(order.method, methods) if is_mixed(methods) else ())
    ]


def _context(order: Order, lines: Sequence[tuple[OrderLine, Decimal]], event: Event) -> dict[str, Any]:
    """What the texts name, figures in the language of the letter."""
    with translation.override(known_locale(order.channel.locale)):
        return {
            "is_brought": order.slot is not None,
            "name": order.contact.name,
            "number": order.number,
            "lines": _in_words(lines),
            "parts": _parts(order, lines),
            "total": formats.money(order.total, order.currency),
            "store": order.location if collected(line for line, _quantity in lines) else None,
            "collect_code": order.collect_code,
            "shop": order.channel.name,
            "is_coming": any(line.status == LineStatus.COMING for line in order.lines.all()),
            "until": _kept_until(order),
            "promised": promise_of(order),
            "at_the_door": door_promise(order),
            "refunded": _refunded(order, event),
        }


def _kept_until(order: Order) -> str:
    with clock_of(order):
        return formats.day(order.collect_until)


def _refunded(order: Order, event: Event) -> str:
    """What went back by this event, blank for nothing."""
    amount = Decimal(event.payload.get("refunded", 0))
    return formats.money(amount, order.currency) if amount else ""
