"""The customer gets it another way than was agreed: in another store, or at home. The promise moves along, or nothing does."""

from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.core.events.log import Happened, record
from apps.core.numbers import new_code
from apps.core.retry import retried
from apps.inventory.services.promising import release_rest, reserve
from apps.inventory.services.types import Want
from apps.network.models import Location
from apps.orders.acts import reroutable
from apps.orders.models import LineStatus, Method, Order, OrderLine, PaymentTerms
from apps.orders.services.dating import date_anew
from apps.orders.services.fulfilling import locked, save_status, still_to_pay
from apps.orders.services.putting_back import put_back, take_out
from apps.orders.services.shortages import demand_of, occasion_of
from apps.orders.services.types import WrongState


@retried
@transaction.atomic
def reroute(*, number: str, to: Location | None, actor: str) -> Order:
    """Let the customer collect the order in the store `to`, or with None have it sent to their address.

    All lines that stand move, or nothing changes: raises InsufficientStock with what there still is, WrongState when goods are
    with the customer already or no address is known, InvalidInput for a store where nobody can collect. What was picked
    becomes a task to put back. Who could not give the order before is not asked for a parcel again.
    """
    order, lines = locked(number)
    going = reroutable(order, lines)
    if to is None:
        refuse_homewards(order, lines)
    elif not to.offers_collect:
        detail = _("%(store)s does not offer collecting.") % {"store": to.name}
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "to")])
    if (order.method, order.location) == ((Method.DELIVERY, None) if to is None else (Method.COLLECT, to)):
        return order
    put_back(order, going, actor=actor)
    take_out(going)
    release_rest(demand_ids=[demand_of(ln).pk for ln in going])
    _reservation, promises = reserve(
        channel_id=order.channel_id,
        reference=order.external_id,
        wants=[
            Want(ln.line, ln.variant_id, ln.quantity - ln.quantity_cancelled, to.pk if to else None) for ln in going
        ],
        occasion=occasion_of(order),
        into=demand_of(going[0]).reservation,
    )
    by_line = {promise.line: promise for promise in promises}
    for ln in going:
        promise = by_line[ln.line]
        ln.demand_id, ln.location_id, ln.status = promise.demand_id, promise.location_id, LineStatus.SOURCED
        ln.quantity_picked = Decimal(0)
    OrderLine.objects.bulk_update(going, ["demand", "location", "status", "quantity_picked"])
    was = order.location.code if order.location else None
    order.method, order.location, order.ready_at = (Method.COLLECT if to else Method.DELIVERY), to, None
    order.collect_code = (order.collect_code or new_code()) if to else None
    order.collect_until = order.collect_reminded_at = None
    order.save(update_fields=["method", "location", "ready_at", "collect_code", "collect_until", "collect_reminded_at"])
    date_anew(order, lines, since=timezone.now())
    _tell(order, was=was)
    return save_status(order, lines)


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
