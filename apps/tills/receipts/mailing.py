"""Mailing receipts to who asked for theirs at the till. Service mail: it says what was bought and nothing else."""

from collections.abc import Mapping

from django.conf import settings
from django.utils import timezone, translation

from apps.core.languages import known_locale
from apps.customers.models import Identifier
from apps.customers.services import barring, normalising
from apps.customers.services.confirming import keep_question
from apps.messages.services.queueing import NEWS_FOR, Letter, queue_messages
from apps.portal import formats
from apps.portal.pages.public import Limit, digest_of
from apps.tills.models import Ticket
from apps.tills.receipts.links import receipt_link

RECEIPT = "receipt"


def mail_receipts(addresses: Mapping[int, str]) -> None:
    """Mail the receipts of tickets that were booked just now: {ticket id: the address that the customer gave}.

    In the caller's transaction; a ticket is mailed once. Left out is what happened too long ago to be news, what became
    neither a sale nor a return, an address that everybody's till types, and more of them a day than anybody buys.
    """
    if not addresses:
        return
    rules = barring.book()
    since = timezone.now() - NEWS_FOR
    wanted = {ticket_id: normalising.email(typed) for ticket_id, typed in addresses.items()}
    tickets = Ticket.objects.select_related("location", "order__channel", "rma__channel")
    letters = [
        _letter(ticket, address)
        for ticket in tickets.filter(pk__in=wanted, occurred_at__gte=since).order_by("pk")
        for address in (wanted[ticket.pk],)
        if address
        and _buyer_of(ticket)
        and not rules.bars(Identifier.Kind.EMAIL, address)
        and Limit("receipt-mail", settings.RECEIPT_MAIL_RATE).lets_through(digest_of(address))
    ]
    queue_messages(letters)


def _buyer_of(ticket: Ticket) -> int | None:
    booked = ticket.order or ticket.rma
    return booked.source_record_id if booked is not None else None


def _letter(ticket: Ticket, address: str) -> Letter:
    booked = ticket.order or ticket.rma
    buyer = _buyer_of(ticket)
    assert booked is not None and buyer is not None  # `mail_receipts` leaves out the others
    locale = booked.channel.locale
    asked = keep_question(
        source_record_id=buyer, address=address, proof=f"receipt, {ticket.location.code}", locale=locale
    )
    with translation.override(known_locale(locale)):
        total = formats.money(ticket.total, ticket.currency)
        at = formats.when(ticket.occurred_at)
    return Letter(
        template=RECEIPT,
        address=address,
        locale=locale,
        context={
            "shop": ticket.location.name,
            "number": ticket.number,
            "total": total,
            "at": at,
            "link": receipt_link(ticket.pk, asked),
        },
        source_record_id=buyer,
        dedupe_key=f"{RECEIPT}:{ticket.pk}",
    )
