"""What the customer takes along from the store while the rest of the order is still to come: a sale, as a till makes it."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NoReturn

from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.core.events.log import Happened
from apps.core.money import ZERO, spoken
from apps.inventory.models import StockMovement
from apps.inventory.services.moving import book_moves
from apps.inventory.services.owners import owners_on
from apps.inventory.services.types import Cause, Move, Spot
from apps.orders.models import LineStatus, Method, PaymentTerms
from apps.orders.services.recording import fulfilled
from apps.orders.services.types import LineDraft, NotPaid, OrderDocument
from apps.orders.ways import is_mixed


def check_ways(document: OrderDocument) -> None:
    """Raise InvalidInput when the lines cannot go the ways that are asked: all of them taken along, another store than the
    order's, or a part to be sent without an address."""
    for n, ln in enumerate(document.lines):
        if ln.location and ln.location != document.location:
            said = _("What is collected or taken along of one order is in one store: %(store)s.")
            _refuse(f"lines.{n}.fulfilment.location", said % {"store": document.location or "–"})
    ways = document.methods
    if Method.CARRY_OUT in ways and not is_mixed(ways):
        _refuse("lines", _("Everything is taken along: that is a sale for the till."))
    if is_mixed(ways) and Method.DELIVERY in ways:
        person = document.person
        if person is None or not (person.postcode and person.house_number):
            said = _("A part of the order is sent: say to which postcode and house number.")
            raise InvalidInput(said, code="required", faults=[Fault("required", said, "fulfilment.address")])


def _refuse(attr: str, detail: str) -> NoReturn:
    raise InvalidInput(detail, code="invalid", faults=[Fault("invalid", detail, attr)])


def check_paid(document: OrderDocument, lines: Sequence[LineDraft], total: Decimal) -> None:
    """Raise NotPaid unless what leaves the store unseen by its counter is paid: of an order with parts, all that is not
    collected, with the charges; where goods are taken along and the rest is paid beforehand, all of it."""
    ways = document.methods
    if not is_mixed(ways) or document.payment_terms == PaymentTerms.INVOICE:
        return
    if document.payment_terms == PaymentTerms.ON_COLLECTION:
        due = total - sum((ln.amount for ln in lines if ln.method == Method.COLLECT), ZERO)
    elif Method.CARRY_OUT in ways:
        due = total
    else:
        return
    paid = sum((p.amount for p in document.payments if p.status != "pending"), ZERO)
    if paid < due:
        said = _("What is sent or taken along is paid at once: %(due)s %(currency)s is still to be paid.")
        raise NotPaid(said % {"due": spoken(due - paid), "currency": document.currency})


def take_along(
    lines: Sequence[LineDraft],
    *,
    number: str,
    channel: str,
    location_id: int,
    day: dt.date,
    at: dt.datetime,
    actor: str,
) -> list[Happened]:
    """Let these lines of an order that is being placed leave the store; return the news of it.

    Stock falls whether or not it was free, for the customer has it in their hands: before anything else of the order is
    promised, so that no piece is given twice.
    """
    owners = owners_on(location_ids=[location_id], variant_ids=[ln.variant_id for ln in lines])
    for ln in lines:
        ln.location_id, ln.status = location_id, LineStatus.COLLECTED
        ln.quantity_picked = ln.quantity_fulfilled = ln.quantity
    cause = Cause("order", number, day, at, day, actor)
    kind = StockMovement.Kind.SALE
    book_moves(
        [
            Move(cause, ln.line, kind, ln.variant_id, ln.quantity, source=Spot(location_id, owner_id))
            for ln in lines
            for owner_id in [owners.of(location_id, ln.variant_id, day)]
        ]
    )
    gone = [(ln.line, ln.quantity) for ln in lines]
    return [fulfilled(order=number, channel=channel, day=day, occurred_at=at, lines=gone)] if gone else []
