"""Telling carriers of parcels, outside any transaction.

A worker leases a parcel in a short transaction, asks the carrier, and writes down what came of it if the lease is still
its own. Should it die in between, another asks again with the same number, which a carrier books once.
"""

import datetime as dt
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.retry import retried
from apps.orders.addresses import address_of
from apps.orders.carriers.known import carriers
from apps.orders.carriers.port import Address, Carrier, CarrierError, CarrierRefused, Shipment
from apps.orders.models import Parcel, ParcelStatus
from apps.orders.services.packing import locked_parcel
from apps.orders.services.types import WrongState
from apps.orders.tasks import nudge_booking

LEASE = dt.timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=20), dt.timedelta(minutes=30)
MOST_ATTEMPTS = 55
"""With these pauses about a day: a carrier may be away for a night, and then somebody has to know."""
ASKED_FOR = dt.timedelta(days=30)
"""How long after it left a carrier is asked where a parcel is."""
_log = structlog.get_logger(__name__)


def book_due(*, limit: int = 100) -> int:
    """Book what waits for its carrier; return how many were booked."""
    booked = 0
    for _turn in range(limit):
        parcel = _lease()
        if parcel is None:
            break
        booked += _book(parcel)
    return booked


@transaction.atomic
def _lease() -> Parcel | None:
    """Take the parcel that waits longest, so that nobody else asks meanwhile."""
    waiting = Parcel.objects.filter(status=ParcelStatus.ASKED, due_at__lte=timezone.now())
    parcel = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk").first()
    if parcel is not None:
        parcel.attempts, parcel.due_at = parcel.attempts + 1, timezone.now() + LEASE
        parcel.save(update_fields=["attempts", "due_at"])
    return parcel


def _book(parcel: Parcel) -> bool:
    try:
        booking = _carrier(parcel).book(shipment_of(parcel))
    except CarrierRefused as refusal:
        return _write_down(parcel, status=ParcelStatus.FAILED, due_at=None, failure=str(refusal)[:240]) and False
    except Exception as error:  # whatever goes wrong with one parcel, the next one is asked for
        _log.warning("parcel_not_booked", parcel=parcel.number, attempt=parcel.attempts, exc_info=error)
        said = str(error) if isinstance(error, CarrierError) else _("The carrier could not be reached.")
        over = parcel.attempts >= MOST_ATTEMPTS
        pause = min(FIRST_PAUSE * 2 ** min(parcel.attempts - 1, 10), LONGEST_PAUSE)
        _write_down(
            parcel,
            status=ParcelStatus.FAILED if over else ParcelStatus.ASKED,
            due_at=None if over else timezone.now() + pause,
            failure=said[:240],
        )
        return False
    return _write_down(
        parcel,
        status=ParcelStatus.BOOKED,
        due_at=None,
        failure="",
        tracking_number=booking.tracking_number[:60],
        tracking_url=booking.tracking_url[:400],
        label=booking.label,
        label_type=booking.label_type[:40],
    )


def _carrier(parcel: Parcel) -> Carrier:
    carrier = carriers().get(parcel.carrier)
    if carrier is None:
        raise CarrierRefused(_("This carrier is not installed here."))
    return carrier


def _write_down(parcel: Parcel, **outcome: Any) -> bool:
    """Note the outcome, unless the lease ran out and another worker took over, or somebody unpacked it."""
    ours = Parcel.objects.filter(pk=parcel.pk, status=ParcelStatus.ASKED, attempts=parcel.attempts)
    return bool(ours.update(**outcome))


def shipment_of(parcel: Parcel) -> Shipment:
    """What a carrier is told of a parcel."""
    order, place = parcel.order, parcel.location
    contact, address = getattr(order, "contact", None), address_of(order)
    if contact is None or address is None:
        raise CarrierRefused(_("There is no address on this order."))
    return Shipment(
        number=parcel.number,
        order=order.number,
        service=parcel.service,
        weight=parcel.weight,
        sender=Address(
            name=place.name,
            street=place.street,
            house_number=place.house_number,
            postcode=place.postcode,
            city=place.city,
            country=place.country,
        ),
        receiver=Address(
            name=contact.name,
            **address._asdict(),
            email=contact.email,
            phone=contact.phone,
        ),
    )


@retried
@transaction.atomic
def book_again(*, number: str, actor: str) -> Parcel:
    """Ask the carrier once more for a parcel that it did not book. Raises WrongState for another."""
    _order, _lines, parcel = locked_parcel(number)
    if parcel.status != ParcelStatus.FAILED:
        raise WrongState(_("This parcel has not failed."))
    parcel.status, parcel.attempts, parcel.due_at, parcel.failure = ParcelStatus.ASKED, 0, timezone.now(), ""
    parcel.save(update_fields=["status", "attempts", "due_at", "failure"])
    transaction.on_commit(nudge_booking, robust=True)
    return parcel


def follow_parcels(*, limit: int = 500) -> int:
    """Ask carriers where the parcels are that are on their way; return how many arrived.

    Those that were asked about longest ago come first, so that all have their turn.
    """
    arrived = 0
    since = timezone.now() - ASKED_FOR
    telling = [code for code, carrier in carriers().items() if type(carrier).track is not Carrier.track]
    under_way = Parcel.objects.filter(
        status=ParcelStatus.LEFT, left_at__gte=since, carrier__in=telling, tracking_number__gt=""
    )
    longest_ago = under_way.order_by(F("followed_at").asc(nulls_first=True), "pk")
    for parcel in longest_ago[:limit]:
        Parcel.objects.filter(pk=parcel.pk).update(followed_at=timezone.now())
        try:
            told = _carrier(parcel).track(parcel.tracking_number)
        except Exception as error:
            _log.warning("parcel_not_followed", parcel=parcel.number, exc_info=error)
            continue
        if told.delivered_at is not None:
            ours = Parcel.objects.filter(pk=parcel.pk, status=ParcelStatus.LEFT)
            arrived += ours.update(status=ParcelStatus.DELIVERED, delivered_at=told.delivered_at)
    return arrived
