"""Tickets as they come in: stored raw, read, told apart from repeats, booked; what cannot be booked is set apart.

One bad ticket never costs the others: when the domain refuses a batch its halves are booked, down to the one that is refused.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from apps.core.bulk import insert_rows
from apps.core.errors import DomainError
from apps.core.idempotency.service import fingerprint_of
from apps.core.inbox.documents import Defect, Flaw, RawDocument, Received, quarantine, receive, settle
from apps.core.inbox.models import DocumentStatus, InboxDocument
from apps.core.reach import Reach
from apps.inventory.services.drifting import hear
from apps.network.models import Location
from apps.tills.adapters.canonical import SOURCE, holds_null_byte, read_tickets, without_payment_cards
from apps.tills.models import Ticket
from apps.tills.receipts.mailing import mail_receipts
from apps.tills.services import ticket_flaws as flaws
from apps.tills.services.booking_tickets import book_tickets
from apps.tills.services.resolving import ResolvedTicket, resolve_tickets
from apps.tills.tickets import CanonicalTicket

_PLAIN = re.compile(r"[\w.-]{1,24}", re.ASCII)

Key = tuple[str, str, str, int]  # store, till, business date, sequence


@dataclass(slots=True)
class Outcome:
    """What became of one ticket: accepted (or a duplicate of one that was) under `number`, or set apart for a defect."""

    number: str = ""
    is_duplicate: bool = False
    defect: Defect | None = None


@dataclass(slots=True)
class Incoming:
    """A ticket on its way through."""

    document: Received
    read: CanonicalTicket | Defect
    outcome: Outcome | None = None


@transaction.atomic
def receive_tickets(raws: Sequence[Any], *, reach: Reach, actor: str) -> list[Outcome]:
    """Take in tickets from a till system; return what became of each, in order. Never raises for a ticket's sake."""
    raws, cards = without_payment_cards(raws)
    read = [_paid_with(ticket, card) for ticket, card in zip(read_tickets(raws), cards, strict=True)]
    documents = receive(source=SOURCE, documents=[_document(*pair) for pair in zip(raws, read, strict=True)])
    return _take_in([Incoming(*pair) for pair in zip(documents, read, strict=True)], reach=reach, actor=actor)


@transaction.atomic
def replay_tickets(documents: Sequence[InboxDocument], *, reach: Reach, actor: str) -> list[Outcome]:
    """Try tickets again that were set apart, now that what was wrong may have been mended."""
    received = [Received(d.pk, d.external_id, d.fingerprint, d.status) for d in documents]
    read = read_tickets([_as_it_came(document.body) for document in documents])
    return _take_in([Incoming(*pair) for pair in zip(received, read, strict=True)], reach=reach, actor=actor)


def _paid_with(ticket: CanonicalTicket | Defect, card: str) -> CanonicalTicket | Defect:
    """A ticket with the digest of the payment card that went with it, for as long as it is on its way through."""
    if not card or not isinstance(ticket, CanonicalTicket) or ticket.customer is None:
        return ticket
    return replace(ticket, customer=replace(ticket.customer, payment_token=card))


def _document(raw: Any, read: CanonicalTicket | Defect) -> RawDocument:
    """The ticket as it came, under its own key; one without a readable key under a digest.

    What the database cannot keep as JSON, null and null characters, is kept as the text of it.
    """
    fingerprint = fingerprint_of(raw)
    body = orjson.dumps(raw).decode() if raw is None or holds_null_byte(raw) else raw
    if isinstance(read, CanonicalTicket):
        return RawDocument(f"{read.store}/{read.number_in_store}", fingerprint, body)
    return RawDocument(_key_in(raw) or f"unread/{fingerprint[:32]}", fingerprint, body)


def _key_in(raw: Any) -> str:
    """The key of a ticket that cannot be read as a whole, so that its corrected version takes its place; blank for none."""
    parts = [raw.get(part) for part in ("store", "till", "business_date", "sequence")] if isinstance(raw, dict) else []
    texts = [str(part) for part in parts if isinstance(part, str | int) and _PLAIN.fullmatch(str(part))]
    return "/".join(texts) if len(texts) == 4 else ""


def _as_it_came(body: Any) -> Any:
    if not isinstance(body, str):
        return body
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body


def _take_in(incoming: Sequence[Incoming], *, reach: Reach, actor: str) -> list[Outcome]:
    """Unreadable, known already, not to be booked as it stands, or booked: in that order, for all of them at once."""
    for one, defect in _with_stores(incoming, reach):
        one.outcome = Outcome(defect=defect)
    _compare(_waiting(incoming), reach)
    fresh: dict[Key, tuple[Incoming, ResolvedTicket]] = {}
    waiting = _waiting(incoming)
    for (one, ticket), found in zip(
        waiting, resolve_tickets([ticket for _one, ticket in waiting], reach=reach), strict=True
    ):
        if isinstance(found, Defect):
            one.outcome = Outcome(defect=found)
        else:
            fresh.setdefault(_key(ticket), (one, found))
    _book(sorted(fresh.items(), key=lambda item: item[0]), actor)
    _compare(_waiting(incoming), reach)
    _repeat(incoming)
    _write_down(incoming)
    return [one.outcome for one in incoming if one.outcome is not None]


def _with_stores(incoming: Sequence[Incoming], reach: Reach) -> list[tuple[Incoming, Defect]]:
    """The tickets that cannot be read, each with the store that may see it, where at least its code can be read."""
    unread = [(one, one.read) for one in incoming if isinstance(one.read, Defect)]
    codes = {one.document.external_id.partition("/")[0] for one, _defect in unread}
    stores = dict(Location.objects.filter(reach.q("pk"), code__in=codes).values_list("code", "pk")) if codes else {}
    return [
        (one, replace(defect, locations=(id_,)) if id_ is not None else defect)
        for one, defect in unread
        for id_ in (stores.get(one.document.external_id.partition("/")[0]),)
    ]


def _waiting(incoming: Sequence[Incoming]) -> list[tuple[Incoming, CanonicalTicket]]:
    return [(one, one.read) for one in incoming if one.outcome is None and isinstance(one.read, CanonicalTicket)]


def _key(ticket: CanonicalTicket) -> Key:
    return (ticket.store, ticket.till, ticket.business_date.isoformat(), ticket.sequence)


def _compare(waiting: Sequence[tuple[Incoming, CanonicalTicket]], reach: Reach) -> None:
    """Tell what is in the books already: the same content is a duplicate, other content under the same key a conflict."""
    if not waiting:
        return
    tickets = [ticket for _one, ticket in waiting]
    known = {
        (store, till, day.isoformat(), sequence): (fingerprint, number, location_id)
        for store, till, day, sequence, fingerprint, number, location_id in Ticket.objects.filter(
            reach.q("location"),
            location__code__in={t.store for t in tickets},
            till__in={t.till for t in tickets},
            business_date__in={t.business_date for t in tickets},
            sequence__in={t.sequence for t in tickets},
        ).values_list("location__code", "till", "business_date", "sequence", "fingerprint", "number", "location_id")
    }
    for one, ticket in waiting:
        if (found := known.get(_key(ticket))) is not None:
            fingerprint, number, location_id = found
            if fingerprint == ticket.fingerprint:
                one.outcome = Outcome(number, is_duplicate=True)
            else:
                one.outcome = Outcome(defect=_of_ticket(ticket, location_id, flaws.CONFLICT, ticket.number_in_store))


def _of_ticket(ticket: CanonicalTicket, location_id: int, flaw: Flaw, value: str, **params: str) -> Defect:
    return Defect(
        flaw,
        raw=None,
        value=value,
        params=params,
        amount=ticket.paid,
        currency=ticket.currency,
        locations=(location_id,),
    )


Fresh = tuple[Key, tuple[Incoming, ResolvedTicket]]


def _book(tickets: Sequence[Fresh], actor: str) -> None:
    """Book tickets of different keys, in the order of their keys, so that two senders never wait in a circle."""
    if not tickets:
        return
    try:
        with transaction.atomic():
            _book_together(tickets, actor)
    except DomainError as error:
        if len(tickets) > 1:
            middle = len(tickets) // 2
            _book(tickets[:middle], actor)
            _book(tickets[middle:], actor)
            return
        one, resolved = tickets[0][1]
        flaw = flaws.refused(error.code)
        one.outcome = Outcome(defect=_of_ticket(resolved.ticket, resolved.location_id, flaw, "", detail=error.detail))


def _book_together(tickets: Sequence[Fresh], actor: str) -> None:
    """The insert decides who is first: a twin that is sent at the same moment waits here, and is compared afterwards."""
    ids = _insert([resolved for _key, (_one, resolved) in tickets])
    new = [(ids[key], one, resolved) for key, (one, resolved) in tickets if key in ids]
    booked = book_tickets([resolved for _id, _one, resolved in new], actor=actor)
    if not new:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE tills_ticket AS ticket SET number = k.number, order_id = k.order_id, rma_id = k.rma_id
              FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[]) AS k(id, number, order_id, rma_id)
             WHERE ticket.id = k.id
            """,
            [
                [id_ for id_, _one, _resolved in new],
                [became.number for became in booked],
                [became.order_id for became in booked],
                [became.return_id for became in booked],
            ],
        )
    for (_id, one, _resolved), became in zip(new, booked, strict=True):
        one.outcome = Outcome(became.number)
    mail_receipts({id_: to for id_, _one, resolved in new if (to := resolved.ticket.receipt_to)})
    _hear([resolved for _id, _one, resolved in new])


def _hear(tickets: Sequence[ResolvedTicket]) -> None:
    """Tell stock how far the stores' tills have told of their sales."""
    until: dict[int, dt.datetime] = {}
    for resolved in tickets:
        at = resolved.ticket.occurred_at
        until[resolved.location_id] = max(at, until.get(resolved.location_id, at))
    hear(known_until=until)


def _insert(tickets: Sequence[ResolvedTicket]) -> dict[Key, int]:
    """Write the tickets that nobody wrote before: {key: id}."""
    now = timezone.now()
    stores = {resolved.location_id: resolved.ticket.store for resolved in tickets}
    written = insert_rows(
        Ticket,
        (
            "location",
            "till",
            "business_date",
            "sequence",
            "fingerprint",
            "number",
            "operator",
            "occurred_at",
            "currency",
            "total",
            "rounding",
            "recorded_at",
        ),
        [
            (
                resolved.location_id,
                told.till,
                told.business_date,
                told.sequence,
                told.fingerprint,
                "",
                told.operator,
                told.occurred_at,
                told.currency,
                told.paid,
                told.rounding,
                now,
            )
            for resolved in tickets
            for told in (resolved.ticket,)
        ],
        returning=("id", "location", "till", "business_date", "sequence"),
        on_conflict="DO NOTHING",
    )
    return {(stores[location_id], till, day.isoformat(), n): id_ for id_, location_id, till, day, n in written}


def _repeat(incoming: Sequence[Incoming]) -> None:
    """A ticket that stands twice in one array and could not be booked the first time could not the second time either."""
    first: dict[Key, Outcome] = {}
    for one in incoming:
        if isinstance(one.read, CanonicalTicket):
            if one.outcome is None:
                one.outcome = first[_key(one.read)]
            first.setdefault(_key(one.read), one.outcome)


def _write_down(incoming: Sequence[Incoming]) -> None:
    """What became of the documents: in quarantine with the reason, or booked."""
    statuses: dict[int, str] = {}
    defects: dict[int, tuple[Received, Defect]] = {}
    for one in incoming:
        if one.outcome is None or one.outcome.defect is None:
            statuses[one.document.id] = DocumentStatus.BOOKED
            defects.pop(one.document.id, None)
        elif statuses.get(one.document.id) != DocumentStatus.BOOKED:
            statuses[one.document.id] = DocumentStatus.QUARANTINED
            defects[one.document.id] = (one.document, one.outcome.defect)
    quarantine(source=SOURCE, defects=defects.values())
    settle(statuses.items())
