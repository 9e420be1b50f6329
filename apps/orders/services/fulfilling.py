"""From promise to customer: pick, ready, hand over, ship. Each locks the order first, then acts on all or some lines."""

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.errors import Fault, InvalidInput
from apps.core.events.log import Happened, record
from apps.core.money import ZERO, plain, spoken, spread
from apps.core.retry import retried
from apps.inventory.models import StockMovement
from apps.inventory.services.moving import book_moves
from apps.inventory.services.places.staging import staged, take_ready
from apps.inventory.services.promising import mark_consumed
from apps.inventory.services.types import Cause, Move, Spot
from apps.network.directory import hours_of
from apps.orders.acts import IN_THE_BUILDING, TO_PICK, collectable, partly_left, pickable, ready_to_lie
from apps.orders.models import (
    Collector,
    Handover,
    LineStatus,
    Method,
    Order,
    OrderLine,
    OrderStatus,
    PaymentTerms,
    Proof,
)
from apps.orders.services.putting_back import lay_ready, take_out
from apps.orders.services.recording import fulfilled
from apps.orders.services.statuses import order_status
from apps.orders.services.types import Identified, NotPaid, WrongCollectCode, WrongState
from apps.orders.ways import collected
from apps.payments.models import PaymentAccount
from apps.payments.services.booking import add_payments
from apps.payments.services.types import Opening, Tendered


def locked(number: str) -> tuple[Order, list[OrderLine]]:
    """The order and its lines, locked until the transaction ends."""
    order = (
        Order.objects.select_for_update(of=("self",))
        .select_related("channel", "location", "payment_account", "slot_booking__slot")
        .prefetch_related(
            Prefetch("lines", OrderLine.objects.select_related("demand__level").order_by("line"), to_attr="parts")
        )
        .get(number=number)
    )
    return order, order.parts


def lines_of(order: Order) -> list[OrderLine]:
    """All lines of a locked order, the very list that `locked` gave."""
    lines: list[OrderLine] = vars(order)["parts"]
    return lines


def lying_at(places: Collection[int] | None, lines: Sequence[OrderLine]) -> list[OrderLine]:
    """The lines whose goods come from these locations; without `places` from anywhere."""
    return [ln for ln in lines if places is None or ln.location_id in places]


def is_past(status: str, lines: Sequence[OrderLine]) -> bool:
    """Whether nothing is left to pick and some line has come to `status`: the act was done before."""
    statuses = {ln.status for ln in lines}
    return status in statuses and not statuses & TO_PICK


@retried
@transaction.atomic
def pick(
    *,
    number: str,
    actor: str,
    quantities: dict[int, Decimal] | None = None,
    places: Collection[int] | None = None,
) -> Order:
    """Note what was taken from the shelf: {line: quantity picked in all}; without it, everything. May be repeated.

    With `places` (ids of locations) only what lies there, as for whoever works there.
    """
    order, lines = locked(number)
    here = lying_at(places, lines)
    if is_past(LineStatus.READY, here):
        return order
    touched = pickable(order, here)
    before = {ln.line: ln.quantity_picked for ln in touched}
    gone = partly_left(touched)
    for ln in touched:
        wanted = ln.standing
        picked = wanted if quantities is None else quantities.get(ln.line, ln.quantity_picked)
        least = gone.get(ln.line, Decimal(0))
        if not least <= picked <= wanted:
            said = {"least": spoken(plain(least)), "wanted": spoken(plain(wanted))}
            raise InvalidInput(_("Pick between %(least)s and %(wanted)s.") % said)
        ln.quantity_picked = picked
        ln.status = LineStatus.PICKING if picked else LineStatus.SOURCED
    take_out([ln for ln in touched if ln.quantity_picked < before[ln.line]])
    OrderLine.objects.bulk_update(touched, ["quantity_picked", "status"])
    if news := [ln for ln in touched if ln.quantity_picked != before[ln.line]]:
        record(_picked(order, news))
    order = save_status(order, lines)
    lay_ready(order, {ln: ln.quantity_picked - before[ln.line] for ln in news}, actor)
    return order


def _picked(order: Order, lines: Sequence[OrderLine]) -> Happened:
    return Happened(
        topic="order.picked",
        object_type="order",
        object_key=order.number,
        occurred_at=timezone.now(),
        payload={
            "order": order.number,
            "lines": [{"line": ln.line, "quantity": plain(ln.quantity_picked)} for ln in lines],
        },
    )


@retried
@transaction.atomic
def mark_ready(*, number: str, actor: str) -> Order:
    """Everything was picked and lies ready for the customer, who gets a mail."""
    order, lines = locked(number)
    mine = collected(lines)
    if order_status(ln.status for ln in mine) == OrderStatus.READY and is_past(LineStatus.READY, mine):
        return order
    going = ready_to_lie(order, lines)
    for ln in going:
        ln.status = LineStatus.READY
    OrderLine.objects.bulk_update(going, ["status"])
    order.ready_at = timezone.now()
    time_zone = order.location.time_zone if order.location else order.channel.time_zone
    last_day = business_date(order.ready_at, time_zone) + dt.timedelta(days=order.channel.collect_days)
    order.collect_until, order.collect_reminded_at = (
        hours_of(order.location_id, time_zone=time_zone).closing_time(last_day),
        None,
    )
    record(
        Happened(
            topic="order.ready",
            object_type="order",
            object_key=order.number,
            occurred_at=order.ready_at,
            payload={"order": order.number, "location": order.location.code if order.location else None},
        )
    )
    return save_status(order, lines)


@retried
@transaction.atomic
def hand_over(
    *,
    number: str,
    actor: str,
    collect_code: str = "",
    identified: Identified | None = None,
    tenders: Sequence[Tendered] = (),
    occurred_at: dt.datetime | None = None,
) -> Order:
    """Give the goods to whoever shows the collect code, or to the customer or who they named by a document. Again is a no-op.

    `tenders` are what is paid at the counter, for an order that is paid at collection. Raises WrongCollectCode, NotPaid or
    WrongState; nothing has changed then.
    """
    order, lines = locked(number)
    mine = collected(lines)
    shown = _identified(order, identified) if identified else _by_code(order, mine, collect_code)
    ready = any(ln.status == LineStatus.READY for ln in mine)
    if not ready and any(ln.status == LineStatus.COLLECTED for ln in mine):
        return order
    going = collectable(order, lines)
    at = occurred_at or timezone.now()
    Handover.objects.create(order=order, proof=shown[0], collector=shown[1], at=at, actor=actor)
    _take_payment(order, lines, tenders, at, actor)
    leave(order, going, at, actor, kind=StockMovement.Kind.COLLECT, status=LineStatus.COLLECTED)
    return save_status(order, lines, closed_at=at)


def _by_code(order: Order, lines: Sequence[OrderLine], collect_code: str) -> tuple[str, Collector | None]:
    if lines and (order.collect_code or "").upper() != collect_code.strip().upper():
        raise WrongCollectCode(_("This collect code does not belong to order %(order)s.") % {"order": order.number})
    return Proof.CODE, None


def _identified(order: Order, identified: Identified) -> tuple[str, Collector | None]:
    """What was shown and who showed it, if that proves anything; a code is no document."""
    if identified.document not in set(Proof) - {Proof.CODE}:
        detail = _("Say which document was shown.")
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "proof")])
    collector = order.collectors.last() if identified.is_collector else None
    if identified.is_collector and collector is None:
        detail = _("The customer has named nobody else to collect this order.")
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "who")])
    return identified.document, collector


def _take_payment(
    order: Order, lines: Sequence[OrderLine], tenders: Sequence[Tendered], at: dt.datetime, actor: str
) -> None:
    if tenders:
        time_zone = order.location.time_zone if order.location else order.channel.time_zone
        day = business_date(at, time_zone)
        add_payments(
            account_id=order.payment_account_id,
            opening=Opening(order.number, order.currency, order.seller_id, at, day, day, actor, tenders),
        )
    order.payment_account = PaymentAccount.objects.get(pk=order.payment_account_id)
    if (due := due_at_counter(order, lines)) > 0:
        raise NotPaid(_("%(due)s %(currency)s is still to be paid.") % {"due": spoken(due), "currency": order.currency})


def owed(order: Order, lines: Sequence[OrderLine]) -> Decimal:
    """What the customer owes for what is not cancelled; charges as long as any line stands."""
    standing = [ln for ln in lines if ln.status != LineStatus.CANCELLED]
    goods = sum((standing_worth(ln) for ln in standing), ZERO)
    return goods + (order.charges_total if standing else ZERO)


def standing_worth(line: OrderLine) -> Decimal:
    """What the pieces of a line that are not cancelled cost: the cancelled ones are its last, so that all parts add up."""
    if not line.quantity_cancelled:
        return line.amount
    return spread(line.amount, [line.standing, line.quantity_cancelled])[0]


def still_to_pay(order: Order, lines: Sequence[OrderLine]) -> Decimal:
    """What of that is neither paid nor authorised."""
    account = order.payment_account
    return max(owed(order, lines) - account.captured - account.authorised, ZERO)


def due_at_counter(order: Order, lines: Sequence[OrderLine]) -> Decimal:
    """What must be paid before what lies ready goes: that and what went before or goes another way, with the charges. What is
    not there yet is paid when it is; nothing is where an invoice follows."""
    there = [
        ln
        for ln in lines
        if ln.status == LineStatus.READY or ln.status not in IN_THE_BUILDING or ln.method != Method.COLLECT
    ]
    return ZERO if order.payment_terms == PaymentTerms.INVOICE else still_to_pay(order, there)


def leave(order: Order, going: list[OrderLine], at: dt.datetime, actor: str, *, kind: str, status: str) -> None:
    """Goods leave the building: promises are consumed, the ledger is written, counters and the event follow."""
    location = order.location
    day = business_date(at, location.time_zone if location else order.channel.time_zone)
    quantities: dict[int, Decimal] = {}
    ready = staged(cause_type="order", cause_id=order.number)
    moves: list[Move] = []
    for ln in going:
        quantity = ln.quantity_picked - ln.quantity_fulfilled
        ln.quantity_fulfilled += quantity
        ln.status = status
        quantities[ln.line] = quantity
        if ln.demand is None or ln.demand.level is None:
            raise WrongState(_("Line %(line)s has no stock behind it.") % {"line": ln.line})
        level = ln.demand.level
        moves.append(
            Move(
                Cause("order", order.number, order.business_date, at, day, actor),
                ln.line,
                kind,
                ln.variant_id,
                quantity,
                source=Spot(level.location_id, level.owner_id, level.condition),
                taken=tuple(take_ready(ready.get(ln.variant_id, {}), quantity)),
            )
        )
    OrderLine.objects.bulk_update(going, ["quantity_fulfilled", "status"])
    record(
        fulfilled(
            order=order.number,
            channel=order.channel.code,
            day=day,
            occurred_at=at,
            lines=sorted(quantities.items()),
        )
    )
    mark_consumed(demand_quantities={ln.demand_id: quantities[ln.line] for ln in going if ln.demand_id})
    book_moves(moves)


def save_status(order: Order, lines: Sequence[OrderLine], *, closed_at: dt.datetime | None = None) -> Order:
    """Derive the order's status from its lines and save it; with the last piece gone or called off it is closed."""
    order.status = order_status(ln.status for ln in lines)
    if order.status in {OrderStatus.COLLECTED, OrderStatus.SHIPPED, OrderStatus.DELIVERED}:
        order.closed_at = closed_at or order.closed_at or timezone.now()
    order.save(update_fields=["status", "ready_at", "closed_at", "collect_until", "collect_reminded_at"])
    return order
