"""What can be done with an order now. Services ask under the order's lock, pages before they show a button: one rule for both.

Each rule gives the lines that the act is about, or raises WrongState with the reason that people read.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from apps.orders.models import LineStatus, Method, Order, OrderLine, OrderStatus, ParcelLine, ParcelStatus
from apps.orders.services.types import WrongState
from apps.orders.ways import collected, is_mixed, sent

TO_PICK = frozenset({LineStatus.SOURCED, LineStatus.PICKING})
IN_THE_BUILDING = frozenset({LineStatus.OPEN, LineStatus.COMING, LineStatus.READY, *TO_PICK})
_ON_THEIR_WAY = frozenset({LineStatus.SHIPPED, LineStatus.DELIVERED, LineStatus.RETURNED})


def left_parts(path: str = "parcel_lines") -> "Prefetch[Any]":
    """What of lines is in parcels that left, to be read in advance where the rules are asked about many orders."""
    gone = ParcelLine.objects.filter(parcel__status__in=(ParcelStatus.LEFT, ParcelStatus.DELIVERED))
    return Prefetch(path, gone, to_attr="left_parts")


def partly_left(lines: Iterable[OrderLine]) -> dict[int, Decimal]:
    """{line number: pieces} of lines of which a parcel has left and another has not: those go no other way any more.

    A line is shipped once all of it is, so its status does not tell. One query at most, none when nothing was picked.
    """
    begun = [line for line in lines if line.status == LineStatus.PICKING]
    prefetch_related_objects(begun, left_parts())
    return {
        line.line: sum((part.quantity for part in line.left_parts), Decimal(0)) for line in begun if line.left_parts
    }


def pickable(order: Order, lines: Iterable[OrderLine]) -> list[OrderLine]:
    """Those of `lines` that can be taken from the shelf, or were and can be put back."""
    return _still_to_go(order, lines, _("There is nothing to pick on this order."))


def all_picked(order: Order, lines: Iterable[OrderLine]) -> list[OrderLine]:
    """The lines that can go further: all that was to be picked was."""
    return _all_picked(pickable(order, lines))


def ready_to_lie(order: Order, lines: Iterable[OrderLine]) -> list[OrderLine]:
    """The lines to lie ready for the customer: all that are collected were picked."""
    read = list(lines)
    mine = collected(read)
    if not mine and (read or order.method != Method.COLLECT):
        raise WrongState(_("Only orders that are collected are made ready."))
    return _all_picked(_still_to_go(order, mine, _("There is nothing to make ready on this order.")))


def shippable(order: Order, lines: Iterable[OrderLine]) -> list[OrderLine]:
    """The lines to leave in a parcel: all that are sent were picked."""
    read = list(lines)
    mine = sent(read)
    if not mine and (read or order.method != Method.DELIVERY):
        raise WrongState(_("This order is not sent to an address."))
    return _all_picked(_still_to_go(order, mine, _("There is nothing to ship on this order.")))


def addressable(order: Order, lines: Iterable[OrderLine]) -> list[OrderLine]:
    """The lines that can still be brought to another address: not packed for the old one yet."""
    mine = sent(lines)
    if not mine:
        raise WrongState(_("This order is not sent to an address."))
    found = [line for line in mine if line.status in IN_THE_BUILDING]
    if not found:
        raise WrongState(_past(mine) or _("There is nothing to ship on this order."))
    if any(parcel.is_here for parcel in order.parcels.all()):
        raise WrongState(_("A parcel is packed for the old address; unpack it first."))
    return found


def collectable(order: Order, lines: Iterable[OrderLine]) -> list[OrderLine]:
    """The lines that lie ready for whoever shows the collect code."""
    read = collected(lines)
    if not read:
        raise WrongState(_("This order is not collected in a store."))
    found = [line for line in read if line.status == LineStatus.READY]
    if not found:
        raise WrongState(_past(read) or _("This order is not ready to be collected."))
    return found


def cancellable(lines: Iterable[OrderLine]) -> list[OrderLine]:
    """The lines that can be called off: not on their way, not with the customer, not called off yet."""
    read = list(lines)
    gone = partly_left(read)
    found = [line for line in read if line.status in IN_THE_BUILDING and line.line not in gone]
    if not found:
        refuse_gone(read)
        raise WrongState(_("Everything on this order is cancelled already."))
    return found


def cancellable_pieces(lines: Iterable[OrderLine]) -> dict[int, Decimal]:
    """{line number: pieces} that can be called off: of a line of which a parcel has left, what has not.

    Raises WrongState where there is nothing of that.
    """
    read = list(lines)
    gone = partly_left(read)
    rest = {
        line.line: line.standing - gone.get(line.line, Decimal(0)) for line in read if line.status in IN_THE_BUILDING
    }
    if not any(rest.values()):
        refuse_gone(read)
        raise WrongState(_("Everything on this order is cancelled already."))
    return {line: pieces for line, pieces in rest.items() if pieces > 0}


def reroutable(order: Order, lines: Iterable[OrderLine]) -> list[OrderLine]:
    """The lines that can still come another way: none has left, and the order is paid or needs no money yet.

    Of an order with parts that go different ways it is what has not left; what left does not hold up the rest.
    """
    if order.status == OrderStatus.AWAITING_PAYMENT:
        raise WrongState(_("This order waits for its payment."))
    read = list(lines)
    if is_mixed(line.method for line in read if line.status != LineStatus.CANCELLED):
        gone = partly_left(read)
        if movable := [line for line in read if line.status in IN_THE_BUILDING and line.line not in gone]:
            return movable
    read = [line for line in read if line.method != Method.CARRY_OUT]
    if not read:
        raise WrongState(_("The customer has the goods already."))
    if any(line.status not in IN_THE_BUILDING and line.status != LineStatus.CANCELLED for line in read):
        if any(line.status in IN_THE_BUILDING for line in read):
            raise WrongState(_("A part has left already; the rest goes the same way."))
        raise WrongState(_past(read) or _("What the customer has cannot be cancelled; take it back instead."))
    refuse_partly_left(read)
    return cancellable(read)


def refuse_gone(lines: Iterable[OrderLine]) -> None:
    """Raise WrongState when any of these lines has left the building, or a part of it, and so cannot be cancelled whole."""
    lines = list(lines)
    for line in partly_left(lines):
        said = _("A part of line %(line)s has left already; cancel the pieces that have not.")
        raise WrongState(said % {"line": line})
    refuse_gone_to_the_customer(lines)


def refuse_gone_to_the_customer(lines: Iterable[OrderLine]) -> None:
    """Raise WrongState when any of these lines has left the building as a whole."""
    if any(line.status not in IN_THE_BUILDING and line.status != LineStatus.CANCELLED for line in lines):
        raise WrongState(_("What the customer has cannot be cancelled; take it back instead."))


def refuse_partly_left(lines: Iterable[OrderLine]) -> None:
    """Raise WrongState when a parcel has left with a part of any of these lines."""
    for line in partly_left(lines):
        said = _("A part of line %(line)s has left already; the rest goes the same way.")
        raise WrongState(said % {"line": line})


def _still_to_go(order: Order, lines: Iterable[OrderLine], otherwise: str) -> list[OrderLine]:
    if order.status == OrderStatus.AWAITING_PAYMENT:
        raise WrongState(_("This order waits for its payment."))
    read = list(lines)
    found = [line for line in read if line.status in TO_PICK]
    if not found:
        raise WrongState(_past(read) or otherwise)
    return found


def _all_picked(lines: list[OrderLine]) -> list[OrderLine]:
    if not all(is_found(line) for line in lines):
        raise WrongState(_("Pick every line first, or report what is not there."))
    return lines


def _past(lines: Iterable[OrderLine]) -> str:
    """How far lines are of which none can go further by the act; blank where that says nothing."""
    statuses = {line.status for line in lines} - {LineStatus.CANCELLED}
    if not statuses:
        return _("Everything on this order is cancelled already.")
    if LineStatus.OPEN in statuses:
        return _("This order waits for stock.")
    if LineStatus.READY in statuses:
        return _("The goods lie ready for the customer already.")
    if LineStatus.COMING in statuses:
        return _("The goods still come to the store.")
    if LineStatus.COLLECTED in statuses:
        return _("The customer has the goods already.")
    return _("The parcel has left already.") if statuses <= _ON_THEIR_WAY else ""


def is_found(line: OrderLine) -> bool:
    """Whether all of a line that is wanted was picked."""
    return line.quantity_picked >= line.standing


def is_possible(rule: Callable[[Order, Iterable[OrderLine]], object], order: Order, lines: Iterable[OrderLine]) -> bool:
    """Whether a rule of this module lets an act through."""
    try:
        rule(order, lines)
    except WrongState:
        return False
    return True
