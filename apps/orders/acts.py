"""What can be done with an order now; a button that could only fail is not shown. The services decide again."""

from apps.orders.models import LineStatus, Method, Order, OrderLine, OrderStatus
from apps.orders.waiting import TO_PICK

IN_THE_BUILDING = frozenset({LineStatus.OPEN, LineStatus.READY, *TO_PICK})


def _lines(order: Order) -> list[OrderLine]:
    """The lines to act on: those whose goods are here (`order.here`), where somebody looks from one of several places."""
    return list(getattr(order, "here", order.lines.all()))


def _pickable(order: Order) -> list[OrderLine]:
    waits = order.method in {Method.COLLECT, Method.DELIVERY} and order.status != OrderStatus.AWAITING_PAYMENT
    return [line for line in _lines(order) if line.status in TO_PICK] if waits else []


def can_pick(order: Order) -> bool:
    return bool(_pickable(order))


def is_picked(order: Order) -> bool:
    """Whether all there is to pick here was picked."""
    lines = _pickable(order)
    return bool(lines) and all(ln.quantity_picked >= ln.quantity - ln.quantity_cancelled for ln in lines)


def can_make_ready(order: Order) -> bool:
    return order.method == Method.COLLECT and is_picked(order)


def can_ship(order: Order) -> bool:
    return order.method == Method.DELIVERY and is_picked(order)


def can_collect(order: Order) -> bool:
    return order.method == Method.COLLECT and any(line.status == LineStatus.READY for line in order.lines.all())


def cancellable(order: Order) -> list[OrderLine]:
    """Lines that are not on their way and not with the customer."""
    return [line for line in order.lines.all() if line.status in IN_THE_BUILDING]


def can_cancel(order: Order) -> bool:
    return bool(cancellable(order))
