"""The mail that says what comes back to the customer."""

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.utils import translation

from apps.core.languages import known_locale
from apps.customers.services.reading import current_details
from apps.messages.services import Letter, queue_messages
from apps.orders.models import OrderContact
from apps.portal import formats
from apps.returns.models import Return, ReturnLine
from apps.returns.services.paying import refunded_by


def tell_refunds(*, numbers: Collection[str]) -> None:
    """Queue one mail for each return of which money went back, to whoever the order or the customer's record names."""
    returns = list(Return.objects.filter(number__in=numbers).select_related("channel").order_by("pk"))
    lines: dict[int, list[ReturnLine]] = defaultdict(list)
    for line in ReturnLine.objects.filter(rma__in=returns).order_by("line"):
        lines[line.rma_id].append(line)
    refunded = refunded_by(numbers)
    contacts = {
        contact.order_id: contact
        for contact in OrderContact.objects.filter(order__in={ln.order_id for part in lines.values() for ln in part})
    }
    details = current_details([rma.source_record_id for rma in returns if rma.source_record_id is not None])
    letters = []
    for rma in returns:
        known = [contacts[ln.order_id] for ln in lines[rma.pk] if ln.order_id in contacts]
        contact = next((c for c in known if c.email), None)
        person = details.get(rma.source_record_id or 0)
        address = contact.email if contact else person.email if person else ""
        if address and refunded.get(rma.number):
            name = contact.name if contact else str(person)
            letters.append(_letter(rma, lines[rma.pk], refunded[rma.number], name, address))
    queue_messages(letters)


def _letter(rma: Return, lines: Collection[ReturnLine], refunded: Decimal, name: str, address: str) -> Letter:
    with translation.override(known_locale(rma.channel.locale)):
        context: dict[str, Any] = {
            "name": name,
            "number": rma.number,
            "amount": formats.money(refunded, rma.currency),
            "lines": [{"quantity": formats.quantity(line.quantity), "name": line.name} for line in lines],
            "shop": rma.channel.name,
        }
    return Letter(
        template="refund_done",
        address=address,
        locale=rma.channel.locale,
        context=context,
        source_record_id=rma.source_record_id,
        dedupe_key=f"refund_done:{rma.number}",
    )
