"""A supplier's goods are here: all at once or in goes, more or fewer than announced, and on which shelf they went."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.core.errors import Conflict, InvalidInput
from apps.core.money import ZERO
from apps.core.retry import retried
from apps.inventory.models import NoticeLine, PurchaseNotice, StockDocument, StockMovement, status_after
from apps.inventory.services.purchases.announcing import check_open, check_quantity
from apps.inventory.services.receiving import receive_goods


class ReceivedMeanwhile(Conflict):
    """Somebody booked another part of the delivery since it was counted."""

    code = "received_meanwhile"


@dataclass(frozen=True, slots=True)
class Came:
    """So many of a variant were in the box, and went on this shelf (blank: none yet)."""

    variant: Variant
    quantity: Decimal
    shelf: str = ""


@retried
@transaction.atomic
def receive_delivery(
    *,
    number: str,
    came: Sequence[Came],
    go: int,
    actor: str,
    occurred_at: dt.datetime | None = None,
) -> tuple[PurchaseNotice, StockDocument]:
    """Book what came of a notice as the receipt number `go` (from 1): saleable stock of the location's owner of the day.

    More than was announced, and what was not announced at all, is booked as it came: goods on the floor are a fact. The same
    go again gives its document and changes nothing; a later one than the next raises `ReceivedMeanwhile`. Call it last in a
    transaction: it locks stock levels.
    """
    notice = PurchaseNotice.objects.select_for_update(of=("self",)).select_related("location").get(number=number)
    reference = f"{notice.number}/{go}"
    if go <= notice.goes:
        return notice, _booked_before(notice, reference, came)
    check_open(notice)
    if go > notice.goes + 1:
        raise ReceivedMeanwhile(_("Goods of this delivery were booked meanwhile; look at what is still to come."))
    counted = _counted(came)
    lines = {line.variant_id: line for line in notice.lines.all()}
    extra = [
        NoticeLine(notice=notice, line=n, variant=one.variant, announced=ZERO, is_open=False)
        for n, one in enumerate((c for c in counted if c.variant.pk not in lines), start=len(lines) + 1)
    ]
    lines |= {line.variant_id: line for line in extra}
    for one in counted:
        line = lines[one.variant.pk]
        line.received += one.quantity
        line.is_open = line.received < line.announced
    NoticeLine.objects.bulk_create(extra)
    NoticeLine.objects.bulk_update(lines.values(), ["received", "is_open"])
    notice.goes, notice.status = go, status_after(lines.values())
    notice.save(update_fields=["goes", "status"])
    document = receive_goods(
        location=notice.location,
        lines=[(one.variant.pk, one.quantity) for one in counted],
        reference=reference,
        occurred_at=occurred_at or timezone.now(),
        actor=actor,
        shelves={one.variant.pk: one.shelf for one in counted if one.shelf},
    )
    return notice, document


def _counted(came: Sequence[Came]) -> list[Came]:
    """What came in any number, each variant once."""
    for n, one in enumerate(came):
        check_quantity(one.variant, one.quantity, attr=f"lines.{n}.quantity")
    counted = [one for one in came if one.quantity > 0]
    if not counted:
        raise InvalidInput(_("Say what came."), code="no_lines")
    if len({one.variant.pk for one in counted}) < len(counted):
        raise InvalidInput(_("This product stands on another line already."), code="invalid")
    return counted


def _booked_before(notice: PurchaseNotice, reference: str, came: Sequence[Came]) -> StockDocument:
    """The document of a go that was booked, if it was booked with these goods."""
    document = StockDocument.objects.get(kind=StockDocument.Kind.RECEIPT, location=notice.location, reference=reference)
    if _brought_in(document) != {one.variant.pk: one.quantity for one in came if one.quantity > 0}:
        raise ReceivedMeanwhile(_("Goods of this delivery were booked meanwhile; look at what is still to come."))
    return document


def _brought_in(document: StockDocument) -> dict[int, Decimal]:
    """What a receipt brought in: {variant id: quantity}."""
    moves = StockMovement.objects.filter(cause_type="stock_document", cause_id=document.number, kind="receipt")
    return dict(moves.values_list("variant_id", "quantity"))
