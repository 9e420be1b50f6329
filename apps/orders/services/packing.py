"""Putting what was picked into parcels. The order is locked first, its parcels after it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.core.numbers import PARCEL, next_number
from apps.core.retry import retried
from apps.orders.acts import TO_PICK, shippable
from apps.orders.carriers.known import BY_HAND, carriers
from apps.orders.models import Order, OrderLine, Parcel, ParcelLine, ParcelStatus
from apps.orders.services.fulfilling import locked, lying_at
from apps.orders.services.types import WrongState
from apps.orders.tasks import nudge_booking
from apps.orders.ways import sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A parcel as somebody packed it. Without `contents` ({line: quantity}) it holds all that was not packed yet."""

    carrier: str = BY_HAND.code
    service: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    weight: int | None = None
    contents: Mapping[int, Decimal] | None = None


def is_booked_first(packed: Packed) -> bool:
    """Whether an outside carrier gives such a parcel its number, so that it cannot leave at once."""
    return packed.carrier in carriers().keys() - {BY_HAND.code} and not packed.tracking_number


def packed_of(lines: Sequence[OrderLine]) -> dict[int, Decimal]:
    """How much of each line (by its id) is in a parcel."""
    rows = ParcelLine.objects.filter(order_line__in=lines).exclude(parcel__status=ParcelStatus.UNPACKED)
    sums = rows.values_list("order_line").annotate(sum=Sum("quantity")).order_by()
    return dict(sums)


def still_to_pack(lines: Sequence[OrderLine]) -> dict[int, Decimal]:
    """{line number: quantity} of what was picked to be sent and is in no parcel."""
    packed = packed_of(lines)
    rest = {ln.line: ln.quantity_picked - packed.get(ln.pk, Decimal(0)) for ln in sent(lines) if ln.status in TO_PICK}
    return {line: quantity for line, quantity in rest.items() if quantity > 0}


@retried
@transaction.atomic
def pack(*, number: str, packed: Packed, actor: str, places: Collection[int] | None = None) -> list[Parcel]:
    """Make a parcel of picked goods, for each location one. An outside carrier is asked by a worker after the commit.

    Raises WrongState when nothing is left to pack, InvalidInput for an unknown carrier, more than there is, or one number for
    what lies in several places.
    """
    order, lines = locked(number)
    return put_into_parcels(order, lying_at(places, lines), packed, actor)


@retried
@transaction.atomic
def pack_parcels(
    *, number: str, parcels: Sequence[Packed], actor: str, places: Collection[int] | None = None
) -> list[Parcel]:
    """As `pack`, for several at once: all of them or none. What is wrong with one says which: `parcels.1.carrier`."""
    order, lines = locked(number)
    return put_each_into_parcels(order, lying_at(places, lines), parcels, actor)


def put_each_into_parcels(
    order: Order, here: Sequence[OrderLine], parcels: Sequence[Packed], actor: str
) -> list[Parcel]:
    """The same for an order that is locked already."""
    made = []
    for n, packed in enumerate(parcels):
        try:
            made += put_into_parcels(order, here, packed, actor)
        except InvalidInput as refused:
            refused.faults = [replace(fault, attr=f"parcels.{n}.{fault.attr}") for fault in refused.faults]
            raise
    return made


def put_into_parcels(order: Order, here: Sequence[OrderLine], packed: Packed, actor: str) -> list[Parcel]:
    """The same for an order that is locked already."""
    going = shippable(order, here)
    carrier = carriers().get(packed.carrier)
    if carrier is None:
        raise _wrong("carrier", _("There is no carrier %(code)s.") % {"code": packed.carrier})
    rest = still_to_pack(going)
    wanted = dict(rest) if packed.contents is None else {n: q for n, q in packed.contents.items() if q}
    if not wanted:
        raise WrongState(_("Everything is in a parcel already."))
    if any(quantity < 0 or quantity > rest.get(line, Decimal(0)) for line, quantity in wanted.items()):
        raise _wrong("lines", _("There is less to pack than that."))
    by_place: dict[int, list[OrderLine]] = defaultdict(list)
    for ln in going:
        if ln.line in wanted and ln.location_id is not None:
            by_place[ln.location_id].append(ln)
    if packed.tracking_number and len(by_place) > 1:
        raise _wrong("tracking_number", _("This lies in several places: say for each parcel what is in it."))
    asks = is_booked_first(packed)
    parcels = []
    for place, contents in by_place.items():
        parcel = Parcel.objects.create(
            number=next_number(PARCEL),
            order=order,
            location_id=place,
            status=ParcelStatus.ASKED if asks else ParcelStatus.BOOKED,
            carrier=carrier.code,
            service=packed.service,
            tracking_number=packed.tracking_number,
            tracking_url=packed.tracking_url,
            weight=packed.weight,
            due_at=timezone.now() if asks else None,
            packed_by=actor,
        )
        ParcelLine.objects.bulk_create(
            ParcelLine(parcel=parcel, order_line=ln, quantity=wanted[ln.line]) for ln in contents
        )
        parcels.append(parcel)
    if asks:
        transaction.on_commit(nudge_booking, robust=True)
    return parcels


def _wrong(attr: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, faults=[Fault("invalid", detail, attr)])


def locked_parcel(number: str) -> tuple[Order, list[OrderLine], Parcel]:
    """A parcel with its order, locked in that order until the transaction ends."""
    order, lines = locked(Parcel.objects.values_list("order__number", flat=True).get(number=number))
    return order, lines, Parcel.objects.select_for_update().get(number=number)


@retried
@transaction.atomic
def unpack(*, number: str, actor: str) -> Parcel:
    """Take the goods out again. Raises WrongState once the parcel has left."""
    _order, _lines, parcel = locked_parcel(number)
    if parcel.status == ParcelStatus.UNPACKED:
        return parcel
    if not parcel.is_here:
        raise WrongState(_("This parcel has left already."))
    parcel.status, parcel.due_at = ParcelStatus.UNPACKED, None
    parcel.save(update_fields=["status", "due_at"])
    return parcel


@retried
@transaction.atomic
def note_tracking(*, number: str, tracking_number: str, service: str, tracking_url: str = "", actor: str) -> Parcel:
    """Write down the number that somebody got at the carrier's counter, also after the parcel has left.

    A parcel that could not be booked goes by hand from then on.
    """
    _order, _lines, parcel = locked_parcel(number)
    if parcel.status == ParcelStatus.UNPACKED:
        raise WrongState(_("This parcel was unpacked."))
    if parcel.carrier != BY_HAND.code and parcel.status != ParcelStatus.FAILED:
        raise WrongState(_("The carrier gives this parcel its number."))
    if parcel.status == ParcelStatus.FAILED:
        parcel.carrier, parcel.status, parcel.failure = BY_HAND.code, ParcelStatus.BOOKED, ""
    parcel.tracking_number, parcel.service, parcel.tracking_url = tracking_number, service, tracking_url
    parcel.save(update_fields=["carrier", "status", "failure", "tracking_number", "service", "tracking_url"])
    return parcel
