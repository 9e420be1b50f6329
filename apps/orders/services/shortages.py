"""What was promised and cannot be given: other stock is looked for at once, and what finds none waits for some."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal
from functools import partial

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import InvalidInput
from apps.core.events.log import Happened, record
from apps.core.money import plain
from apps.core.retry import retried
from apps.inventory.models import Demand, Reservation, StockLevel
from apps.inventory.querysets import LEAST_KEPT
from apps.inventory.services.collecting import reserve_for_collecting
from apps.inventory.services.decisions import Occasion
from apps.inventory.services.holding_back import hold_back
from apps.inventory.services.promising import Promise, held_of, release, reserve
from apps.inventory.services.types import InsufficientStock, Want
from apps.network.directory import locations
from apps.orders.acts import TO_PICK, partly_left, refuse_partly_left
from apps.orders.addresses import address_of, point_of
from apps.orders.models import LineStatus, Method, Order, OrderLine, OrderStatus, Refusal
from apps.orders.services.dating import bring_in_time, date_lines, still_by
from apps.orders.services.dividing import by_line, divide, is_whole
from apps.orders.services.fulfilling import lines_of, locked, lying_at, save_status
from apps.orders.services.putting_back import put_back, take_out
from apps.orders.services.sending_on import ask_senders, call_back
from apps.orders.services.statuses import promised_status
from apps.orders.services.types import WrongState
from apps.orders.ways import collected, sent, store_of

_AT_ONCE = 200
_Goods = tuple[int | None, int]  # the location that they must come from, if they must, and the variant
_GOODS = ("demand__wanted_at_id", "variant_id")
_SHARED = ("quantity", "amount", "vat_amount", "discount")
_PROMISED = ("demand", "location", "status", "handle_by", "quantity_picked", "travelled_at")


@retried
@transaction.atomic
def refuse(
    *,
    number: str,
    reason: str,
    actor: str,
    line_numbers: Collection[int] | None = None,
    places: Collection[int] | None = None,
) -> Order:
    """A location cannot give these lines (without `line_numbers` all that wait there), for a reason of `Refusal.Reason`.

    A parcel is sourced anew at once, never from who refused it, and so is what may be sent to the store from anywhere. What
    else is collected waits for the customer or the desk to choose. Goods that are missing or damaged are promised to nobody
    until the store has counted them. With `places` (ids of locations) only what should lie there.
    """
    order, lines = locked(number)
    if order.status == OrderStatus.AWAITING_PAYMENT:
        raise WrongState(_("This order waits for its payment."))
    here = [ln for ln in lying_at(places, lines) if line_numbers is None or ln.line in line_numbers]
    if line_numbers is not None and len(here) < len(set(line_numbers)):
        raise InvalidInput(_("This order has no such line."), code="does_not_exist")
    refused = [ln for ln in here if _can_be_refused(ln)]
    gone = partly_left(refused)
    if line_numbers is not None or len(gone) == len(refused):
        refuse_partly_left(refused)
    refused = [ln for ln in refused if ln.line not in gone]
    if not refused or (line_numbers is not None and len(refused) < len(here)):
        raise WrongState(_("This line does not wait to be picked."))
    take_out(refused)
    call_back(refused, actor=actor)
    put_back(order, [ln for ln in refused if ln.status in TO_PICK], actor=actor)
    note_refusals(order, refused, reason=reason, actor=actor)
    free_again = {}
    for ln in refused:
        demand = demand_of(ln)
        if reason in Refusal.MISSING:
            hold_back(demand=demand, cause_type="order", cause_id=order.number)
        else:
            free_again[demand.pk] = held_of(demand)
    wait_for_stock(order, refused)
    release(demand_quantities=free_again)
    look_elsewhere(order, refused)
    return save_status(order, lines)


def _can_be_refused(line: OrderLine) -> bool:
    """Whether a line waits on a shelf, to be picked or to be sent to another store."""
    is_held = line.demand is not None and line.demand.level is not None
    return is_held and (line.status in TO_PICK or (line.status == LineStatus.COMING and not line.is_on_its_way))


def note_refusals(order: Order, refused: Sequence[OrderLine], *, reason: str, actor: str) -> None:
    """Write down which location could not give these lines, and why; it is not asked for this order again."""
    Refusal.objects.bulk_create(
        Refusal(line=ln, location_id=ln.location_id, reason=reason, quantity=_wanted(ln), actor=actor)
        for ln in refused
        if ln.location_id is not None  # what nobody was to give, nobody refused
    )
    _tell(order, refused, reason)


def wait_for_stock(order: Order, lost: Sequence[OrderLine]) -> None:
    """Lines that lost what was promised wait for stock; whoever calls lets go of the old promises."""
    for ln in lost:
        ln.demand, ln.status = _unsourced(order, ln, _wanted(ln)), LineStatus.OPEN
        ln.quantity_picked, ln.travelled_at = Decimal(0), None
    OrderLine.objects.bulk_update(lost, ["demand", "status", "quantity_picked", "travelled_at"])


def look_elsewhere(order: Order, lost: Sequence[OrderLine]) -> None:
    """Other stock for lines that wait now, if it may come from elsewhere: not what is collected where it was chosen."""
    _source(order, lost if order.from_anywhere else sent(lost))


def report_short(*, number: str, line: int, actor: str, places: Collection[int] | None = None) -> Order:
    """A line cannot be found on the shelf: see `refuse`."""
    return refuse(number=number, reason=Refusal.Reason.NOT_FOUND, actor=actor, line_numbers=[line], places=places)


def source_waiting() -> int:
    """Give lines that wait for stock what there is by now, the oldest order first; return how many lines got some.

    Orders of which there is nothing where it may come from are passed over, and so is whoever would take what somebody else
    has waited for longer: nobody is kept from their turn.
    """
    some = StockLevel.objects.saleable().filter(variant=OuterRef("variant"), on_hand__gt=F("reserved") + LEAST_KEPT)
    in_its_store = Exists(some.filter(location=OuterRef("demand__wanted_at")))
    to_be_sent = Exists(some.filter(location__in=locations().shipping))
    is_sent = Q(method=Method.DELIVERY) | Q(order__from_anywhere=True)
    lines = OrderLine.objects.filter(
        in_its_store | (is_sent & to_be_sent),
        status=LineStatus.OPEN,
        order__status=OrderStatus.OPEN,
        demand__level=None,
    )
    waiting: dict[str, set[_Goods]] = defaultdict(set)
    for number, *goods in lines.order_by("order__placed_at", "order_id", "line").values_list("order__number", *_GOODS):
        waiting[number].add((goods[0], goods[1]))
    given, spoken_for = 0, set[_Goods]()
    for number, wanted in waiting.items():
        if given >= _AT_ONCE:
            break
        if not wanted <= spoken_for:
            given += _source_order(number, spoken_for)
    return given


def source_what_lapsed(order: Order, lines: Sequence[OrderLine]) -> None:
    """Lines of a locked order that lost what was promised before it was paid: other stock is looked for, or waited for."""
    now = Demand.objects.in_bulk([ln.demand_id for ln in lines if ln.demand_id is not None])
    promised = TO_PICK | {LineStatus.COMING}
    lost = [ln for ln in lines if ln.status in promised and ln.demand_id and not held_of(now[ln.demand_id])]
    wait_for_stock(order, lost)
    _source(order, lost)


def _source_order(number: str, spoken_for: set[_Goods]) -> int:
    """Give an order what there is of the goods that nobody speaks for, and add to those what it still waits for."""
    given, still_wanted = _give_what_there_is(number, frozenset(spoken_for))
    spoken_for |= still_wanted
    return given


@retried
@transaction.atomic
def _give_what_there_is(number: str, spoken_for: Collection[_Goods]) -> tuple[int, set[_Goods]]:
    """How many lines got some, and the goods of which there are too few for this order, so that whoever came later waits."""
    order, lines = locked(number)
    occasion = replace(occasion_of(order), has_waited=True)
    # Where it is collected is asked again, though it could not give it before.
    occasion = replace(occasion, refused=occasion.refused - {order.location_id or 0})
    waiting = [ln for ln in lines if _waits(ln) and _goods_of(ln) not in spoken_for]
    given, still_wanted = 0, set[_Goods]()
    if len(waiting) > 1 and promise_anew(order, waiting, occasion):
        given, waiting = len(waiting), []
    for ln in waiting:
        goods = _goods_of(ln)
        if goods in still_wanted:
            continue
        got, are_too_few = _give(order, ln, occasion)
        given += got
        if are_too_few:
            still_wanted.add(goods)
    if given:
        save_status(order, lines)
    return given, still_wanted


def _waits(line: OrderLine) -> bool:
    return line.status == LineStatus.OPEN and line.demand is not None and line.demand.level is None


def _goods_of(line: OrderLine) -> _Goods:
    return demand_of(line).wanted_at_id, line.variant_id


def _give(order: Order, line: OrderLine, occasion: Occasion) -> tuple[bool, bool]:
    """Promise what there is to a line that waits: all of it, or of what is sent a part, while the rest waits on. Return whether
    it got some, and whether there is some but too few."""
    wanted = held_of(demand_of(line))
    try:
        with transaction.atomic():
            promises = promise_for(order, [line], [Want(line.line, line.variant_id, wanted)], occasion)
    except InsufficientStock as short:
        part = min((shortage.available for shortage in short.shortages), default=Decimal(0))
        if wanted == wanted.to_integral_value():
            part = part.to_integral_value(ROUND_FLOOR)
        if part <= 0 or line.method != Method.DELIVERY or not is_whole(line):
            return False, part > 0
        try:
            with transaction.atomic():
                promises = promise_for(order, [line], [Want(line.line, line.variant_id, part)], occasion)
        except InsufficientStock:
            return False, True
        rest = _unsourced(order, line, wanted - part, is_back_order=demand_of(line).is_back_order)
        number = max(number for number in (*(p.line for p in promises), *(ln.line for ln in lines_of(order)))) + 1
        promises = [*promises, Promise(number, rest.pk, line.variant_id, None, rest.quantity, line.line)]
    release(demand_quantities={demand_of(line).pk: held_of(demand_of(line))})
    promised = take_promises(order, [line], promises)
    ask_senders(order, promised)
    return True, promises[-1].location_id is None


def _source(order: Order, waiting: Sequence[OrderLine]) -> int:
    """Promise other stock to lines that wait: all of them together if that can be, else each that can; return how many."""
    if not waiting:
        return 0
    occasion = replace(occasion_of(order), has_waited=True)
    return promise_anew(order, waiting, occasion) or sum(
        promise_anew(order, [ln], occasion) for ln in waiting if len(waiting) > 1
    )


def promise_anew(order: Order, waiting: Sequence[OrderLine], occasion: Occasion) -> int:
    """Promise other stock to all of these lines of a locked order, instead of what they hold or wish; 0 when there is none."""
    wants = [Want(ln.line, ln.variant_id, held_of(demand_of(ln))) for ln in waiting]
    try:
        with transaction.atomic():
            promises = promise_for(order, waiting, wants, occasion)
    except InsufficientStock:
        return 0
    release(demand_quantities={demand_of(ln).pk: held_of(demand_of(ln)) for ln in waiting})
    ask_senders(order, take_promises(order, waiting, promises))
    return len(waiting)


def promise_for(order: Order, lines: Sequence[OrderLine], wants: Sequence[Want], occasion: Occasion) -> list[Promise]:
    """Promise stock to lines of a locked order, for each what it wants: what is collected in its own store, or sent there if it
    may be, and a parcel from anywhere; if need be from several locations. Raises InsufficientStock."""
    take: Callable[..., tuple[Reservation, list[Promise]]] = reserve
    in_store = {ln.line for ln in collected(lines)}
    if in_store and order.location_id is not None:
        wants = [replace(want, location_id=order.location_id) if want.line in in_store else want for want in wants]
        if order.from_anywhere:
            store = locations(knowing=[order.location_id]).by_id[order.location_id]
            take = partial(reserve_for_collecting, at=store)
    _reservation, promises = take(
        channel_id=order.channel_id,
        reference=order.external_id,
        wants=wants,
        occasion=occasion,
        into=demand_of(lines[0]).reservation,
        divides=all(map(is_whole, lines)),
        next_line=max(ln.line for ln in lines_of(order)) + 1,
    )
    return promises


def take_promises(order: Order, lines: Sequence[OrderLine], promises: Iterable[Promise]) -> list[OrderLine]:
    """Write down where the goods of these lines of a locked order come from now; what comes from several locations becomes a
    line for each."""
    found = by_line(promises)
    promised = []
    for ln in lines:
        mine = found[ln.line]
        for part, promise in zip(divide(ln, mine) if len(mine) > 1 else [ln], mine, strict=True):
            part.demand_id, part.location_id = promise.demand_id, promise.location_id
            part.status = promised_status(collected_at=store_of(ln, order.location_id), goods_from=promise.location_id)
            part.quantity_picked, part.travelled_at = Decimal(0), None
            promised.append(part)
    # The customer's day stays what they were told; who has to do it now has its own time for it.
    date_lines(promised, store_id=order.location_id, since=timezone.now())
    bring_in_time(order, promised)
    OrderLine.objects.bulk_update([part for part in promised if part.pk], [*_SHARED, *_PROMISED])
    further = OrderLine.objects.bulk_create([part for part in promised if not part.pk])
    lines_of(order).extend(further)
    return promised


def occasion_of(order: Order) -> Occasion:
    """What the sourcing rules know of an order that stands; whoever refused any of it is not asked again."""
    address = address_of(order)
    now = timezone.now()
    return Occasion(
        channel=order.channel.code,
        country=address.country if address else order.channel.country,
        speed=order.speed,
        value=order.total,
        asked_at=now,
        by=still_by(order, lines_of(order), now),
        brought_by=order.slot.location_id if order.slot else None,
        near=point_of(address),
        refused=frozenset(Refusal.objects.filter(line__order=order).values_list("location_id", flat=True)),
    )


def demand_of(line: OrderLine) -> Demand:
    """What stands behind a line: a promise, or a wish that waits for stock."""
    assert line.demand is not None  # every line of an order that is not a till sale has one
    return line.demand


def _wanted(line: OrderLine) -> Decimal:
    """How many of a line are still to go to the customer."""
    return line.standing - line.quantity_fulfilled


def _unsourced(order: Order, line: OrderLine, quantity: Decimal, *, is_back_order: bool = False) -> Demand:
    """A wish for stock instead of the promise that a line had: of the store where it is collected, else of any."""
    return Demand.objects.create(
        reservation_id=demand_of(line).reservation_id,
        line=line.line,
        variant_id=line.variant_id,
        wanted_at_id=store_of(line, order.location_id),
        quantity=quantity,
        is_back_order=is_back_order,
    )


def _tell(order: Order, refused: Sequence[OrderLine], reason: str) -> None:
    at = refused[0].location
    record(
        Happened(
            topic="order.refused",
            object_type="order",
            object_key=order.number,
            occurred_at=timezone.now(),
            payload={
                "order": order.number,
                "reason": reason,
                "location": at.code if at else None,
                "lines": [{"line": ln.line, "quantity": plain(ln.standing)} for ln in refused],
            },
        )
    )
