"""The customer gets it another way than was agreed: in another store, or at home. The promise moves along, or nothing does."""

from collections.abc import Collection, Iterable, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.core.events.log import Happened, record
from apps.core.money import plain
from apps.core.numbers import new_code
from apps.core.retry import retried
from apps.inventory.services.promising import release_rest
from apps.inventory.services.types import Want
from apps.network.models import Location
from apps.orders.acts import IN_THE_BUILDING, refuse_partly_left, reroutable
from apps.orders.addresses import address_of
from apps.orders.models import LineStatus, Method, Order, OrderLine, PaymentTerms
from apps.orders.services.dating import date_anew
from apps.orders.services.fulfilling import locked, save_status, still_to_pay
from apps.orders.services.putting_back import put_back, take_out
from apps.orders.services.sending_on import ask_senders, call_back
from apps.orders.services.shortages import demand_of, occasion_of, promise_for, take_promises
from apps.orders.services.slots import leave_slot
from apps.orders.services.types import WrongState
from apps.orders.ways import collected, sent, way_of_most

_WAY = (
    *("method", "location", "from_anywhere", "collect_code"),
    *("ready_at", "collect_until", "collect_reminded_at"),
)


@retried
@transaction.atomic
def reroute(
    *,
    number: str,
    to: Location | None,
    actor: str,
    from_anywhere: bool = False,
    line_numbers: Collection[int] | None = None,
) -> Order:
    """Let the customer collect the order in the store `to`, or with None have it sent to their address; with `line_numbers`
    only those lines of it, and the rest comes as was agreed.

    What the store has not got is sent to it, if it may come `from_anywhere`; in the store where it is collected already
    that is about what is short there, and the rest stays as it is. All lines that are asked move, or nothing changes: raises
    InsufficientStock with what there still is, WrongState when goods are with the customer already, no address is known, or
    another part of the order is in another store; InvalidInput for a store where nobody can collect, or for an unknown line.
    What was picked becomes a task to put back. Who could not give the order before is not asked for a parcel again.
    """
    order, lines = locked(number)
    asked = _asked(order, lines, line_numbers)
    if to is None:
        refuse_homewards(order, lines)
    elif not to.offers_collect:
        detail = _("%(store)s does not offer collecting.") % {"store": to.name}
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "to")])
    going = [ln for ln in asked if not _goes_there(order, ln, to)]
    if not going:
        return _send_what_is_short(order, lines, asked, actor) if from_anywhere else order
    rest = [ln for ln in lines if ln not in going and ln.status != LineStatus.CANCELLED]
    _refuse_another_store(order, rest, to)
    if to is None:
        _refuse_after_its_time(order, rest)
    elif not sent(rest):
        leave_slot(order)
    # Transfers are locked before tasks and stock levels, which what goes back locks.
    call_back(going, actor=actor)
    put_back(order, going, actor=actor)
    take_out(going)
    was = order.location.code if order.location else None
    for ln in going:
        ln.method = Method.COLLECT if to else Method.DELIVERY
    OrderLine.objects.bulk_update(going, ["method"])
    _note_way(order, going, rest, to, from_anywhere)
    release_rest(demand_ids=[demand_of(ln).pk for ln in going])
    _promise(order, going, actor)
    date_anew(order, lines, since=timezone.now())
    _tell(order, going, was=was, is_part=bool(rest))
    return save_status(order, lines)


def _asked(order: Order, lines: Sequence[OrderLine], line_numbers: Collection[int] | None) -> list[OrderLine]:
    if line_numbers is None:
        return reroutable(order, lines)
    named = [ln for ln in lines if ln.line in line_numbers]
    if len(named) < len(set(line_numbers)) or not named:
        detail = _("This order has no such line.")
        raise InvalidInput(detail, code="does_not_exist", faults=[Fault("does_not_exist", detail, "lines")])
    refuse_partly_left(named)
    return reroutable(order, named)


def _goes_there(order: Order, line: OrderLine, to: Location | None) -> bool:
    return line.method == (Method.COLLECT if to else Method.DELIVERY) and (to is None or order.location == to)


def _refuse_another_store(order: Order, rest: Sequence[OrderLine], to: Location | None) -> None:
    """Raise WrongState when what stays as it was is in another store: an order has one. What has gone fixes the store, and
    whether there is one, for whoever counts what each store handed over."""
    has_gone = any(ln.quantity_fulfilled for ln in rest)
    in_store = [ln for ln in rest if ln.method != Method.DELIVERY]
    if to is None or to == order.location:
        return
    if in_store and order.location is not None:
        raise WrongState(
            _("Another part of this order is in %(store)s; choose that store.") % {"store": order.location}
        )
    if has_gone:
        raise WrongState(_("A part has left already; the rest goes the same way."))


def _refuse_after_its_time(order: Order, rest: Sequence[OrderLine]) -> None:
    """Raise WrongState when what is brought at an agreed time has left, or should have: nothing comes with it any more."""
    slot = order.slot
    if slot is not None and (slot.starts_at <= timezone.now() or any(ln.quantity_fulfilled for ln in sent(rest))):
        raise WrongState(
            _("What is brought of this order at the agreed time has left already; this cannot come with it.")
        )


def _note_way(
    order: Order, going: Sequence[OrderLine], rest: Sequence[OrderLine], to: Location | None, from_anywhere: bool
) -> None:
    """What the order as a whole says of its ways, as its lines go now."""
    in_store = [ln for ln in rest if ln.method != Method.DELIVERY]
    still_collected = collected(ln for ln in rest if ln.status in IN_THE_BUILDING)
    if not any(ln.quantity_fulfilled for ln in rest):
        order.method = way_of_most(order.method, [ln.method for ln in (*going, *rest)])
    if to is not None:
        order.location = to
        order.from_anywhere = from_anywhere or (order.from_anywhere and bool(still_collected))
        order.collect_code = order.collect_code or new_code()
    elif not in_store:
        order.location, order.from_anywhere, order.collect_code = None, False, None
    if not any(ln.status == LineStatus.READY for ln in rest):
        order.ready_at = order.collect_until = order.collect_reminded_at = None
    order.save(update_fields=_WAY)


def _send_what_is_short(order: Order, lines: Sequence[OrderLine], asked: Sequence[OrderLine], actor: str) -> Order:
    short = collected(ln for ln in asked if ln.status == LineStatus.OPEN)
    if not short:
        return order
    order.from_anywhere = True
    order.save(update_fields=["from_anywhere"])
    release_rest(demand_ids=[demand_of(ln).pk for ln in short])
    _promise(order, short, actor)
    return save_status(order, lines)


def _promise(order: Order, going: Sequence[OrderLine], actor: str) -> None:
    wants = [Want(ln.line, ln.variant_id, ln.standing) for ln in going]
    promises = promise_for(order, going, wants, occasion_of(order))
    ask_senders(order, take_promises(order, going, promises), actor=actor)


def refuse_homewards(order: Order, lines: Iterable[OrderLine]) -> None:
    """Raise WrongState when an order cannot be sent: nobody knows where to, or it is not paid."""
    if not has_address(order):
        raise WrongState(_("We do not know the customer's address."))
    if order.payment_terms == PaymentTerms.ON_COLLECTION and still_to_pay(order, list(lines)) > 0:
        raise WrongState(_("This order is paid at collection, so it cannot be sent."))


def has_address(order: Order) -> bool:
    """Whether a parcel could be addressed; wants `contact` at hand."""
    address = address_of(order)
    return address is not None and address.is_complete


def _tell(order: Order, going: Sequence[OrderLine], *, was: str | None, is_part: bool) -> None:
    named = {"lines": [{"line": ln.line, "quantity": plain(ln.standing)} for ln in going]} if is_part else {}
    record(
        Happened(
            topic="order.rerouted",
            object_type="order",
            object_key=order.number,
            occurred_at=timezone.now(),
            payload={
                "order": order.number,
                "method": going[0].method,
                "from": was,
                "location": order.location.code if order.location and going[0].method == Method.COLLECT else None,
                **named,
            },
        )
    )
