"""Work that waits in stores: what to pick, what customers come for, and on which shelf it lies."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Sum

from apps.core.money import plain
from apps.core.reach import reach_of
from apps.inventory.models import PlaceLevel
from apps.orders.acts import TO_PICK
from apps.orders.models import LineStatus, Method, Order, OrderLine, OrderStatus
from apps.orders.promised import brought_at
from apps.orders.querysets import OrderQuerySet

# The least advanced line speaks for an order, so one line may wait on the shelf while another was not found.
_STATUSES = {
    TO_PICK: (OrderStatus.OPEN, OrderStatus.COMING, OrderStatus.SOURCED, OrderStatus.PICKING),
    (LineStatus.READY,): (
        *(OrderStatus.OPEN, OrderStatus.COMING, OrderStatus.SOURCED, OrderStatus.PICKING, OrderStatus.READY),
    ),
}


def is_own(principal: Any, order: Order) -> bool:
    """Whether the order lies in a store that the principal works for: an access grant lets one look, not act."""
    reach = reach_of(principal)
    return reach.every_location or order.location_id in reach.location_ids


def lines_here(principal: Any, lines: Iterable[OrderLine]) -> list[OrderLine]:
    """The lines whose goods come from where the principal works."""
    reach = reach_of(principal)
    return [line for line in lines if reach.every_location or line.location_id in reach.location_ids]


def to_pick(orders: OrderQuerySet, location_ids: Collection[int]) -> OrderQuerySet:
    """Those with something to pick at one of these locations, for a customer who comes for it or to be sent."""
    lines = OrderLine.objects.filter(order=OuterRef("pk"), status__in=TO_PICK, location__in=location_ids)
    return orders.filter(Exists(lines), status__in=_STATUSES[TO_PICK])


def to_collect(orders: OrderQuerySet) -> OrderQuerySet:
    """Those with something that lies ready for the customer."""
    lines = OrderLine.objects.filter(order=OuterRef("pk"), status=LineStatus.READY)
    return orders.filter(Exists(lines), status__in=_STATUSES[LineStatus.READY,])


@dataclass(frozen=True)
class Shelf:
    """A place in the building, and how many lie there."""

    code: str
    name: str
    quantity: Decimal


@dataclass(frozen=True)
class PickLine:
    """A line as whoever walks to the shelf needs it."""

    line: OrderLine
    shelves: list[Shelf]

    @property
    def wanted(self) -> Decimal:
        return self.line.standing

    @property
    def picked(self) -> Decimal:
        return self.line.quantity_picked

    @property
    def is_pickable(self) -> bool:
        return self.line.status in TO_PICK

    @property
    def is_found(self) -> bool:
        return self.picked >= self.wanted

    # What the buttons say that was picked in all, as it travels in a form: pressing one twice is no second piece.

    @property
    def taken(self) -> str:
        return plain(self.picked)

    @property
    def less(self) -> str:
        return plain(max(self.picked - 1, Decimal(0)))

    @property
    def more(self) -> str:
        return plain(min(self.picked + 1, self.wanted))

    @property
    def everything(self) -> str:
        return plain(self.wanted)


@dataclass(frozen=True)
class PickOrder:
    """An order on the pick list with the lines to pick, in the order of the shelves."""

    order: Order
    lines: list[PickLine] = field(default_factory=list)

    @property
    def found(self) -> int:
        return sum(ln.is_found for ln in self.lines)

    @property
    def is_sent(self) -> bool:
        """Whether any of the goods go to the customer's address, in a parcel."""
        return any(ln.line.method == Method.DELIVERY for ln in self.lines)

    @property
    def is_collected(self) -> bool:
        """Whether the customer comes for any of the goods."""
        return any(ln.line.method != Method.DELIVERY for ln in self.lines)

    @property
    def brought(self) -> str:
        """At which time it is brought, in words; blank when none was agreed, or what lies here is collected."""
        return brought_at(self.order) if self.is_sent else ""

    @property
    def is_complete(self) -> bool:
        """Whether all there is to pick was picked."""
        return bool(self.lines) and all(ln.is_found for ln in self.lines)


def pick_orders(orders: OrderQuerySet, location_ids: Collection[int]) -> list[PickOrder]:
    """Orders with what is to pick on them at these locations, in four queries whatever their number."""
    lines = OrderLine.objects.filter(status__in=TO_PICK, location__in=location_ids).order_by("line")
    pickable = Prefetch("lines", lines, to_attr="to_pick")
    read = list(
        orders.select_related("contact", "channel", "location", "slot_booking__slot").prefetch_related(pickable)
    )
    shelves = shelves_of([line for order in read for line in order.to_pick])
    return [PickOrder(order, pick_lines(order.to_pick, shelves)) for order in read]


def pick_lines(lines: Iterable[OrderLine], shelves: dict[tuple[int | None, int], list[Shelf]]) -> list[PickLine]:
    """Lines with their shelves, in the order in which one walks past them; what has no shelf comes last."""
    found = [PickLine(line, shelves.get((line.location_id, line.variant_id), [])) for line in lines]
    return sorted(found, key=lambda ln: (not ln.shelves, ln.shelves[0].code if ln.shelves else "", ln.line.line))


def shelves_of(lines: Iterable[OrderLine]) -> dict[tuple[int | None, int], list[Shelf]]:
    """Per (location, variant) the places where it lies for sale, by their code."""
    wanted = {(line.location_id, line.variant_id) for line in lines}
    levels = PlaceLevel.objects.for_sale().filter(
        location__in={location_id for location_id, _variant in wanted},
        variant__in={variant_id for _location, variant_id in wanted},
        quantity__gt=0,
    )
    shelves: dict[tuple[int | None, int], list[Shelf]] = defaultdict(list)
    per_place = levels.values_list("location", "variant", "place__code", "place__name").annotate(Sum("quantity"))
    for location_id, variant_id, code, name, quantity in per_place.order_by("place__code"):
        shelves[location_id, variant_id].append(Shelf(code, name, quantity))
    return shelves
