"""An order that is brought gets another time, of the same store or another; or none, and is sent as any parcel."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.events.log import Happened, record
from apps.core.retry import retried
from apps.inventory.services.promising import release_rest
from apps.inventory.services.slots import Chosen, Offer, choose, offered, take_place
from apps.inventory.services.types import Want
from apps.network.local_delivery import LONGEST_AHEAD
from apps.orders.acts import TO_PICK, reroutable
from apps.orders.addresses import address_of, point_of
from apps.orders.models import LineStatus, Method, Order, OrderLine, OrderStatus, Refusal
from apps.orders.services.dating import bring_in_time, date_anew, date_lines
from apps.orders.services.fulfilling import locked, save_status
from apps.orders.services.putting_back import put_back, take_out
from apps.orders.services.shortages import demand_of, occasion_of, promise_for, take_promises
from apps.orders.services.slots import book, leave_slot
from apps.orders.services.types import WrongState
from apps.orders.ways import sent

_AT_ONCE = 200


@retried
@transaction.atomic
def bring_at(*, number: str, slot: str, actor: str) -> Order:
    """Bring what is sent of the order in another time slot (an id of `offered`), or with "" as a parcel from wherever it lies.

    What does not lie at the store of that time is promised there, all of it or nothing changes: raises SlotFull, SlotGone,
    InsufficientStock, WrongState. What was picked elsewhere becomes a task to put back. The customer gets a mail.
    """
    order, lines = locked(number)
    going = _to_be_brought(order, lines)
    chosen = choose(slot, near=point_of(address_of(order)), now=timezone.now()) if slot else None
    if _is_that(order, chosen):
        return order
    _move(order, going, chosen, actor)
    date_anew(order, lines, since=timezone.now())
    _tell("order.time_changed", order, chosen)
    return save_status(order, lines)


def _to_be_brought(order: Order, lines: Sequence[OrderLine]) -> list[OrderLine]:
    mine = sent(lines)
    if not mine:
        raise WrongState(_("This order is not sent to an address."))
    return reroutable(order, mine)


def check_time_can_change(order: Order, lines: Sequence[OrderLine]) -> None:
    """Raise WrongState when nothing of an order can be brought at another time."""
    _to_be_brought(order, lines)


def _is_that(order: Order, chosen: Chosen | None) -> bool:
    if chosen is None or order.slot is None:
        return chosen is None and order.slot is None
    times = chosen.times
    slot = order.slot
    return (slot.location_id, slot.starts_at, slot.ends_at) == (chosen.place.id, times.starts_at, times.ends_at)


def _move(order: Order, going: Sequence[OrderLine], chosen: Chosen | None, actor: str) -> None:
    """Take the new place, give the old one back, and promise there what lies elsewhere."""
    slot_day = take_place(chosen) if chosen else None
    leave_slot(order)
    if slot_day is not None:
        order.slot_booking = book(order.pk, slot_day)
    staying = [ln for ln in going if _can_stay(ln, chosen)]
    date_lines(staying, store_id=order.location_id, since=timezone.now())
    bring_in_time(order, staying)
    OrderLine.objects.bulk_update(staying, ["handle_by"])
    moving = [ln for ln in going if ln not in staying]
    if moving:
        put_back(order, moving, actor=actor)
        take_out(moving)
        release_rest(demand_ids=[demand_of(ln).pk for ln in moving])
        wants = [Want(ln.line, ln.variant_id, ln.standing) for ln in moving]
        take_promises(order, moving, promise_for(order, moving, wants, occasion_of(order)))


def _can_stay(line: OrderLine, chosen: Chosen | None) -> bool:
    return line.status in TO_PICK and (chosen is None or line.location_id == chosen.place.id)


def times_for(order: Order) -> list[Offer]:
    """The times that can be chosen for what is sent of an order now, of the stores that have all of it or hold it already. Wants
    `contact` and `lines` at hand."""
    near = point_of(address_of(order))
    standing = [ln for ln in sent(order.lines.all()) if ln.standing > 0]
    if near is None or not standing:
        return []
    wants: dict[int, Decimal] = {}
    for line in standing:
        wants[line.variant_id] = wants.get(line.variant_id, Decimal(0)) + line.standing
    places = {line.location_id for line in standing}
    holds_all = places if all(line.status in TO_PICK for line in standing) and len(places) == 1 else set()
    offers = offered(
        near=near,
        now=timezone.now(),
        days=LONGEST_AHEAD,
        wants=wants,
        channel=order.channel.code,
        holding={id_ for id_ in holds_all if id_ is not None},
    )
    refused = set(Refusal.objects.filter(line__order=order).values_list("location_id", flat=True)) - holds_all
    return [offer for offer in offers if offer.place.id not in refused]


def keep_chosen_times() -> int:
    """Orders of which the store cannot give all after all: another store brings them at the same time, if there is one with all
    of it and a place. Return how many moved; the others wait for somebody to decide."""
    waiting = (
        OrderLine.objects.filter(
            status=LineStatus.OPEN,
            method=Method.DELIVERY,
            order__status=OrderStatus.OPEN,
            demand__level=None,
            order__slot_booking__slot__starts_at__gt=timezone.now(),
        )
        .order_by("order__slot_booking__slot__starts_at", "order_id")
        .values_list("order__number", flat=True)
        .distinct()
    )
    return sum(_keep_time(number) for number in list(waiting[:_AT_ONCE]))


@retried
@transaction.atomic
def _keep_time(number: str) -> bool:
    order, lines = locked(number)
    slot = order.slot
    if slot is None or not any(ln.status == LineStatus.OPEN for ln in sent(lines)):
        return False
    try:
        going = _to_be_brought(order, lines)
    except WrongState:
        return False
    for offer in times_for(order):
        if (offer.times.starts_at, offer.times.ends_at) != (slot.starts_at, slot.ends_at):
            continue
        try:
            with transaction.atomic():
                chosen = Chosen(offer.place, offer.times)
                _move(order, going, chosen, "system")
        except DomainError:
            return False  # somebody else had the place or the goods: at the next turn there may be another
        _tell("order.time_kept", order, chosen)
        save_status(order, lines)
        return True
    return False


def _tell(topic: str, order: Order, chosen: Chosen | None) -> None:
    record(
        Happened(
            topic=topic,
            object_type="order",
            object_key=order.number,
            occurred_at=timezone.now(),
            payload={
                "order": order.number,
                "location": chosen.place.code if chosen else None,
                "from": chosen.times.starts_at.isoformat() if chosen else None,
                "until": chosen.times.ends_at.isoformat() if chosen else None,
            },
        )
    )
