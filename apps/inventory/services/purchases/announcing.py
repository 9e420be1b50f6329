"""Goods that will come: announced, put off, called off."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.core.errors import Conflict, Fault, InvalidInput
from apps.core.events.log import Happened, record
from apps.core.money import ZERO
from apps.core.numbers import PURCHASE_NOTICE, next_number
from apps.core.retry import retried
from apps.inventory.models import NoticeLine, NoticeStatus, PurchaseNotice
from apps.network.models import Location


class AnotherNotice(Conflict):
    """The supplier announced something else under this reference before."""

    code = "duplicate_reference"


class NothingToCome(Conflict):
    """All of it is here, or the rest was called off."""

    code = "wrong_state"


MOST = Decimal(99_999)
"""More of one product than any lorry brings."""

Announced = Sequence[tuple[Variant, Decimal]]


@retried
@transaction.atomic
def announce_delivery(
    *, location: Location, supplier: str, reference: str, expected_on: dt.date, lines: Announced, actor: str
) -> PurchaseNotice:
    """Note that a supplier will deliver so many of each variant to a location on a day.

    The same supplier's reference at the location is noted once: the same goods again give the notice that stands, others
    raise `AnotherNotice`.
    """
    check_announced(lines)
    notice, is_new = PurchaseNotice.objects.get_or_create(
        location=location,
        supplier=supplier,
        reference=reference,
        defaults={
            "number": next_number(PURCHASE_NOTICE),
            "expected_on": expected_on,
            "announced_by": actor,
        },
    )
    if not is_new:
        known = {line.variant_id: line.announced for line in notice.lines.filter(announced__gt=0)}
        if known != {variant.pk: quantity for variant, quantity in lines}:
            raise AnotherNotice(
                _("%(supplier)s announced other goods under %(reference)s before.")
                % {"supplier": supplier, "reference": reference}
            )
        return notice
    NoticeLine.objects.bulk_create(
        NoticeLine(notice=notice, line=n, variant=variant, announced=quantity)
        for n, (variant, quantity) in enumerate(lines, start=1)
    )
    record(Happened(topic="delivery.announced", **_told(notice)))
    return notice


@retried
@transaction.atomic
def put_off(*, notice: PurchaseNotice, expected_on: dt.date) -> PurchaseNotice:
    """It comes on another day, later or sooner."""
    locked = PurchaseNotice.objects.select_for_update().get(pk=notice.pk)
    check_open(locked)
    locked.expected_on = expected_on
    locked.save(update_fields=["expected_on"])
    return locked


@retried
@transaction.atomic
def close_notice(*, notice: PurchaseNotice) -> PurchaseNotice:
    """What has not come will not come."""
    locked = PurchaseNotice.objects.select_for_update(of=("self",)).select_related("location").get(pk=notice.pk)
    check_open(locked)
    locked.lines.update(is_open=False)
    locked.status = NoticeStatus.CLOSED
    locked.save(update_fields=["status"])
    record(Happened(topic="delivery.closed", **_told(locked)))
    return locked


def check_open(notice: PurchaseNotice) -> None:
    """Raise `NothingToCome` when nothing more is expected."""
    if not notice.is_open:
        raise NothingToCome(_("Nothing more is expected of this delivery."))


def check_announced(lines: Announced) -> None:
    """Raise InvalidInput for lines that name nothing, a part of a piece, or a variant twice."""
    if not lines:
        raise InvalidInput(_("Say which goods come."), code="no_lines")
    seen: set[int] = set()
    for n, (variant, quantity) in enumerate(lines):
        check_quantity(variant, quantity, attr=f"lines.{n}.quantity")
        if quantity == ZERO:
            detail = _("A quantity is greater than zero.")
            raise InvalidInput(detail, faults=[Fault("invalid", detail, f"lines.{n}.quantity")])
        if variant.pk in seen:
            detail = _("This product stands on another line already.")
            raise InvalidInput(detail, faults=[Fault("invalid", detail, f"lines.{n}.sku")])
        seen.add(variant.pk)


def check_quantity(variant: Variant, quantity: Decimal, *, attr: str) -> None:
    """Raise InvalidInput for a quantity that there cannot be of a variant."""
    detail = ""
    if not quantity.is_finite() or quantity < 0:
        detail = _("A quantity is zero or more.")
    elif quantity > MOST:
        detail = _("At most %(most)s at a time.") % {"most": MOST}
    elif quantity % 1 and not variant.allows_fractions:
        detail = _("This is sold by the piece.")
    if detail:
        raise InvalidInput(detail, faults=[Fault("invalid", detail, attr)])


def _told(notice: PurchaseNotice) -> dict[str, Any]:
    """What every event of a notice says beside its topic."""
    return {
        "object_type": "purchase_notice",
        "object_key": notice.number,
        "occurred_at": timezone.now(),
        "payload": {"location": notice.location.code, "expected": notice.expected_on.isoformat()},
    }
