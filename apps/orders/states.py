"""Where orders and their lines are, as people read it: a tone, a word, and the steps of the way."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.orders.models import LineStatus, Method, Order, OrderLine, OrderStatus
from apps.orders.services.statuses import order_status
from apps.orders.ways import is_mixed, ways_in_order, with_place

# A line waits open after it could not be found, so that is what people are told; else for what was announced.
SHORT = _("Short")
COMES_IN = _("Comes in")
WAITS = _("Waits to be picked")

TONES = {
    OrderStatus.AWAITING_PAYMENT: "wait",
    OrderStatus.OPEN: "bad",
    OrderStatus.COMING: "wait",
    OrderStatus.SOURCED: "wait",
    OrderStatus.PICKING: "busy",
    OrderStatus.READY: "busy",
    OrderStatus.SHIPPED: "busy",
    OrderStatus.COLLECTED: "ok",
    OrderStatus.DELIVERED: "ok",
    OrderStatus.CANCELLED: "idle",
    OrderStatus.RETURNED: "idle",
}
STATUS_CHOICES = [(value, SHORT if value == OrderStatus.OPEN else label) for value, label in OrderStatus.choices]
_WORDS = dict(STATUS_CHOICES)
_LINE_WORDS = dict(LineStatus.choices) | {LineStatus.OPEN: SHORT}

_PICKED, _COLLECTED, _OVER = 1, 3, 4
_REACHED = {
    OrderStatus.OPEN: _PICKED,
    OrderStatus.COMING: _PICKED,
    OrderStatus.SOURCED: _PICKED,
    OrderStatus.PICKING: _PICKED,
    OrderStatus.READY: _COLLECTED,
    OrderStatus.SHIPPED: _OVER,
    OrderStatus.COLLECTED: _OVER,
    OrderStatus.DELIVERED: _OVER,
    OrderStatus.RETURNED: _OVER,
}


def state_of(order: Order, *, comes_in: bool = False) -> tuple[str, Any]:
    """The state of an order as (tone, word); of one that waits, whether all that it lacks was announced."""
    if order.status == OrderStatus.OPEN and comes_in:
        return "wait", COMES_IN
    return TONES[OrderStatus(order.status)], _word(order.method, order.status, _WORDS)


def line_state_of(order: Order, line: OrderLine, *, comes_in: bool = False) -> tuple[str, Any]:
    """The state of a line of an order as (tone, word); of one that waits, whether a supplier announced it."""
    if line.status == LineStatus.OPEN and comes_in:
        return "wait", COMES_IN
    if line.status == LineStatus.COMING and order.status != OrderStatus.AWAITING_PAYMENT:
        return ("busy", _("On its way to the store")) if line.is_on_its_way else ("wait", _("To be sent to the store"))
    if line.status == LineStatus.COLLECTED and line.method == Method.CARRY_OUT != order.method:
        return TONES[OrderStatus(line.status)], Method.CARRY_OUT.label
    return TONES[OrderStatus(line.status)], _word(line.method, line.status, _LINE_WORDS)


def _word(method: str, status: str, words: dict[str, Any]) -> Any:
    """Where goods are sent from is not always a store."""
    return WAITS if status == OrderStatus.SOURCED and method == Method.DELIVERY else words[status]


def steps_of(order: Order, lines: Iterable[OrderLine]) -> list[tuple[str, list[tuple[str, Any]]]]:
    """The way each part of an order goes: (what part, steps); one nameless part where all of it goes one way.

    A step is (done, now or nothing yet; word). There are none for what was taken along at once or cancelled.
    """
    read = list(lines)
    methods = [line.method for line in read]
    if not is_mixed(methods):
        steps = _steps(methods[0] if methods else order.method, order.status)
        return [("", steps)] if steps else []
    parts = []
    for way in ways_in_order(order.method, methods):
        status = order_status(line.status for line in read if line.method == way)
        waits = order.status == OrderStatus.AWAITING_PAYMENT and status != OrderStatus.CANCELLED
        parts.append((with_place(way, order.location), _steps(way, order.status if waits else status)))
    return parts


def _steps(method: str, status: str) -> list[tuple[str, Any]]:
    if method == Method.CARRY_OUT or status == OrderStatus.CANCELLED:
        return []
    if method == Method.COLLECT:
        words = [_("Placed"), _("Picked"), _("Ready"), _("Collected")]
    else:
        words = [_("Placed"), _("Picked"), _("Sent")]
    if status == OrderStatus.AWAITING_PAYMENT:
        words, now = [words[0], _("Paid"), *words[1:]], 1
    else:
        now = _REACHED[OrderStatus(status)]
    return [("done" if n < now else "now" if n == now else "", word) for n, word in enumerate(words)]
