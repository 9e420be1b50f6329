"""The customer gets it another way than was agreed: in another store, or at home. The promise moves along, or nothing does."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.core.events.log import Happened, record
from apps.core.numbers import new_code
from apps.core.retry import retried
from apps.inventory.services.promising import release_rest
from apps.inventory.services.types import Want
from apps.network.models import Location
from apps.orders.acts import reroutable
from apps.orders.models import LineStatus, Method, Order, OrderLine, PaymentTerms
from apps.orders.services.dating import date_anew
from apps.orders.services.fulfilling import locked, save_status, still_to_pay
from apps.orders.services.putting_back import put_back, take_out
from apps.orders.services.sending_on import ask_senders, call_back
from apps.orders.services.shortages import demand_of, occasion_of, promise_for, take_promises
from apps.orders.services.slots import leave_slot
from apps.orders.services.types import WrongState

_WAY = ("method", "location", "from_anywhere")


@retried
@transaction.atomic
def reroute(*, number: str, to: Location | None, actor: str, from_anywhere: bool = False) -> Order:
    """Let the customer collect the order in the store `to`, or with None have it sent to their address.

    What the store has not got is sent to it, if it may come `from_anywhere`; in the store where the order is collected already
    that is about what is short there, and the rest stays as it is. All lines that stand move, or nothing changes: raises
    InsufficientStock with what there still is, WrongState when goods are with the customer already or no address is known,
    InvalidInput for a store where nobody can collect. What was picked becomes a task to put back. Who could not give the order
    before is not asked for a parcel again.
    """
    order, lines = locked(number)
    going = reroutable(order, lines)
    if to is None:
        refuse_homewards(order, lines)
    elif not to.offers_collect:
        detail = _("%(store)s does not offer collecting.") % {"store": to.name}
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "to")])
    if (order.method, order.location) == ((Method.DELIVERY, None) if to is None else (Method.COLLECT, to)):
        return _send_what_is_short(order, lines, actor) if from_anywhere else order
    leave_slot(order)
    # Transfers are locked before tasks and stock levels, which what goes back locks.
    call_back(going, actor=actor)
    put_back(order, going, actor=actor)
    take_out(going)
    was = order.location.code if order.location else None
    order.method, order.location, order.ready_at = (Method.COLLECT if to else Method.DELIVERY), to, None
    order.from_anywhere = from_anywhere and to is not None
    order.collect_code = (order.collect_code or new_code()) if to else None
    order.collect_until = order.collect_reminded_at = None
    order.save(update_fields=[*_WAY, "ready_at", "collect_code", "collect_until", "collect_reminded_at"])
    release_rest(demand_ids=[demand_of(ln).pk for ln in going])
    _promise(order, going, actor)
    date_anew(order, lines, since=timezone.now())
    _tell(order, was=was)
    return save_status(order, lines)


def _send_what_is_short(order: Order, lines: Sequence[OrderLine], actor: str) -> Order:
    short = [ln for ln in lines if ln.status == LineStatus.OPEN]
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
    contact = getattr(order, "contact", None)
    return contact is not None and bool(contact.postcode and contact.house_number)


def _tell(order: Order, *, was: str | None) -> None:
    record(
        Happened(
            topic="order.rerouted",
            object_type="order",
            object_key=order.number,
            occurred_at=timezone.now(),
            payload={
                "order": order.number,
                "method": order.method,
                "from": was,
                "location": order.location.code if order.location else None,
            },
        )
    )
