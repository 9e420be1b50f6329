"""Whose receipt it is that somebody shows: known by what a till printed on it, its number for the day.

Nothing is kept for this. A receipt is found by the ticket's own key, and leads to whoever the sale or return was written to.
"""

import datetime as dt
import re
from typing import Any

from apps.core.reach import reach_of
from apps.network.models import Location
from apps.tills.models import Ticket

BY_RECEIPT = "receipt"
_PRINTED = re.compile(
    r"(?:(?P<store>[^/\s]{1,16})\s*/\s*)?(?P<till>[^/\s]{1,16})\s*/\s*(?P<day>\d{4}-\d\d-\d\d)\s*/\s*(?P<sequence>\d{1,18})"
)


def person_of_receipt(shown: str, principal: Any) -> int | None:
    """The source record of who bought or brought back on a receipt, as `till/day/number` or `store/till/day/number`.

    Tills of different stores number alike: without the store it is one of the asker's own stores, or of the only store
    that has it.
    """
    read = _PRINTED.fullmatch(shown.strip())
    if read is None:
        return None
    try:
        day = dt.date.fromisoformat(read["day"])
    except ValueError:
        return None
    stores = Location.objects.stores()
    if read["store"]:
        stores = stores.filter(code__in={read["store"], read["store"].upper()})
    tickets = Ticket.objects.filter(
        location__in=list(stores.values_list("pk", flat=True)),
        till__in={read["till"], read["till"].upper()},
        business_date=day,
        sequence=int(read["sequence"]),
    )
    reach = reach_of(principal)
    own = [] if reach.every_location else list(tickets.filter(location__in=reach.location_ids)[:2])
    found = own or list(tickets[:2])
    return _person_of(found[0]) if len(found) == 1 else None


def _person_of(ticket: Ticket) -> int | None:
    for booked in (ticket.order, ticket.rma):
        if booked is not None and booked.source_record_id is not None:
            return int(booked.source_record_id)
    return None
