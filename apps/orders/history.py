"""What happened to one order, out of the event log, with the mail that was sent about it."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from apps.core.events.models import Event
from apps.messages.models import Message
from apps.network.directory import locations
from apps.orders.letters import CONFIRMED, NOT_COLLECTED, READDRESSED, READY, REMINDED, REROUTED, SHIPPED, dedupe_key
from apps.orders.models import Method, Order, OrderLine, Refusal
from apps.orders.promised import clock_of, time_in_words
from apps.orders.services import cancelling
from apps.portal import formats
from apps.portal.contributions import TimelineEntry
from apps.portal.timeline import TimelinePage

_TOPICS = (
    "order.placed",
    "order.refused",
    "order.rerouted",
    "order.time_changed",
    "order.time_kept",
    "order.readdressed",
    "order.sent_on",
    "order.arrived",
    "order.lost_on_the_way",
    "order.ready",
    "order.reminded",
    "order.kept_longer",
    "order.parcel_left",
    "order.fulfilled",
    "order.cancelled",
)
# What the customer is written about, and by which letter.
_LETTERS = {
    "order.placed": CONFIRMED,
    "order.ready": READY,
    "order.reminded": REMINDED,
    "order.rerouted": REROUTED,
    "order.time_changed": REROUTED,
    "order.readdressed": READDRESSED,
    "order.parcel_left": SHIPPED,
    "order.cancelled": NOT_COLLECTED,
}


def history_of(order: Order, *, with_mail: bool) -> TimelinePage:
    """Newest first. `with_mail` for those who may know what the customer was written."""
    events = list(Event.objects.filter(object_type="order", object_key=order.number, topic__in=_TOPICS).order_by("id"))
    entries = [_entry(event, order) for event in events]
    if with_mail:
        entries += _mail(order, events)
    return TimelinePage(sorted(entries, key=lambda entry: entry.moment, reverse=True), None)


def _entry(event: Event, order: Order) -> TimelineEntry:
    icon, title, where = _told(event, order)
    return TimelineEntry(
        at=event.occurred_at,
        key=f"event:{event.pk:020d}",
        kind="order",
        icon=icon,
        title=title,
        where=where,
        text=_goods(event.payload.get("lines", ()), order.lines.all()),
    )


def _told(event: Event, order: Order) -> tuple[str, Any, Any]:
    """Icon, title and place of an event."""
    store = order.location or ""
    then = _store_then(event)
    if event.topic == "order.placed":
        return "shopping-bag", _("Placed"), order.channel
    if event.topic == "order.ready":
        return "package-check", _("Ready to collect"), then or store
    if event.topic == "order.parcel_left":
        return "truck", _("Parcel %(number)s left") % {"number": event.payload["parcel"]}, ""
    if event.topic == "order.reminded":
        return "bell", _("Reminded to collect"), then or store
    if event.topic == "order.kept_longer":
        until = dt.datetime.fromisoformat(event.payload["until"])
        with clock_of(order):
            return "calendar-clock", _("Kept until %(day)s") % {"day": formats.day(until)}, then or store
    if event.topic == "order.refused":
        return "circle-alert", _("A store could not give it"), _reason(event, then)
    if event.topic == "order.sent_on":
        return "truck", _("On its way to the store"), then
    if event.topic == "order.arrived":
        return "package-plus", _("Came to the store"), then
    if event.topic == "order.lost_on_the_way":
        return "circle-alert", _("Not all of it came"), then
    if event.topic == "order.rerouted":
        return "route", _("Delivered another way"), then or _("To the customer's address")
    if event.topic in {"order.time_changed", "order.time_kept"}:
        return "clock", _time_then(event), then
    if event.topic == "order.readdressed":
        return "map-pin-house", _("Goes to another address"), ""
    if event.topic == "order.cancelled":
        is_late = event.payload.get("reason") == cancelling.NOT_COLLECTED
        return "ban", _("Not collected in time") if is_late else _("Cancelled"), store if is_late else ""
    way = _way(event, order)
    if way == Method.COLLECT:
        return "hand", _("Handed over"), store
    if way == Method.DELIVERY:
        return "truck", _("Sent to the customer"), ""
    return "store", _("Sold") if order.method == Method.CARRY_OUT else _("Taken along"), store


def _way(event: Event, order: Order) -> str:
    """How the goods of an event went: what goes at once goes one way."""
    told = {part["line"] for part in event.payload.get("lines", ())}
    return next((line.method for line in order.lines.all() if line.line in told), order.method)


def _store_then(event: Event) -> str:
    """The store that an event names, which need not be the order's of today."""
    entry = locations().by_code.get(event.payload.get("location") or "")
    return entry.name if entry else ""


def _time_then(event: Event) -> str:
    """At which time it was brought from then on."""
    place = locations().by_code.get(event.payload["location"] or "")
    if place is None:
        return _("Sent as a parcel, without a time")
    starts_at, ends_at = (dt.datetime.fromisoformat(event.payload[name]) for name in ("from", "until"))
    return _("To be brought %(time)s") % {"time": time_in_words(starts_at, ends_at, time_zone=place.time_zone)}


def _reason(event: Event, store: str) -> str:
    label = str(Refusal.Reason(event.payload["reason"]).label)
    return f"{store}: {label}" if store else label


def _goods(told: Iterable[dict[str, Any]], lines: Iterable[OrderLine]) -> str:
    """The goods of an event in words: 2 × Lamp, 1 × Vase."""
    names = {line.line: line.name for line in lines}
    return ", ".join(
        f"{formats.quantity(part['quantity'])} × {names[part['line']]}" for part in told if part["line"] in names
    )


def _mail(order: Order, events: Iterable[Event]) -> list[TimelineEntry]:
    keys = [dedupe_key(_LETTERS[event.topic], event) for event in events if event.topic in _LETTERS]
    return [
        TimelineEntry(
            at=message.sent_at or message.queued_at,
            key=f"mail:{message.pk:020d}",
            kind="mail",
            icon="mail",
            title=_("Mail to the customer"),
            where=message.get_status_display(),
            text=message.subject,
        )
        for message in Message.objects.filter(dedupe_key__in=keys)
    ]
