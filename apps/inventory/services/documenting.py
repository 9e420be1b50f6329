"""The paper behind what people book by hand: a document for each reference, once."""

import datetime as dt

from apps.core.acting import because
from apps.core.days import business_date
from apps.core.events.log import Happened, record
from apps.core.numbers import STOCK_DOCUMENT, next_number
from apps.inventory.models import StockDocument
from apps.inventory.services.types import Cause
from apps.network.models import Location


def document_of(
    *,
    location: Location,
    reason: str,
    reference: str,
    actor: str,
    at: dt.datetime,
    lines: int,
    note: str = "",
    kind: StockDocument.Kind = StockDocument.Kind.ADJUSTMENT,
) -> tuple[StockDocument, bool]:
    """The document of this reference and whether it is new; a new one is told to the event log."""
    written = {
        "number": next_number(STOCK_DOCUMENT),
        "reason": reason,
        "occurred_at": at,
        "business_date": business_date(at, location.time_zone),
        "actor": actor,
    }
    is_new = True
    if reference:
        # A twin of the same form waits here until this one is booked, and then finds it.
        document, is_new = StockDocument.objects.get_or_create(
            kind=kind, location=location, reference=reference, defaults=written
        )
    else:
        document = StockDocument.objects.create(kind=kind, location=location, **written)
    if is_new:
        with because(note):
            record(
                Happened(
                    topic="stock.placed" if kind == StockDocument.Kind.PLACING else "stock.changed",
                    object_type="stock_document",
                    object_key=document.number,
                    occurred_at=at,
                    payload={"location": location.code, "lines": lines},
                )
            )
    return document, is_new


def cause_of(document: StockDocument) -> Cause:
    """What its movements say of why they were booked."""
    day = document.business_date
    return Cause("stock_document", document.number, day, document.occurred_at, day, document.actor)
