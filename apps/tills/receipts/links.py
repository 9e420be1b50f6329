"""Links to receipts: signed, and naming a ticket and the question that went with its mail, so nothing personal."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.errors import LinkGone
from apps.customers.models import ConfirmationAsked
from apps.tills.models import Ticket

_SALT = "toonbank.receipt"


@dataclass(frozen=True)
class MailedReceipt:
    """The ticket whose receipt a link opens, and what it asks: whether the address it was mailed to is the buyer's."""

    ticket: Ticket
    asked: ConfirmationAsked


def receipt_link(ticket_id: int, asked: ConfirmationAsked) -> str:
    """The address of a receipt, for the mail with it. It opens for as long as the address is the buyer's: a receipt is a
    warranty too."""
    token = signing.dumps([ticket_id, asked.key.hex], salt=_SALT)
    return settings.BASE_URL + reverse("receipt:receipt", args=[token])


def receipt_by(token: str) -> MailedReceipt:
    """What a link opens. Raises LinkGone for one that is not ours, or of somebody who was forgotten."""
    try:
        named: Any = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        raise _gone() from None
    if not isinstance(named, list) or len(named) != 2:
        raise _gone()
    asked = ConfirmationAsked.objects.filter(key=named[1]).exclude(address="").first()
    ticket = Ticket.objects.select_related("location", "order__seller", "rma").filter(pk=named[0]).first()
    if asked is None or ticket is None:
        raise _gone()
    return MailedReceipt(ticket, asked)


def _gone() -> LinkGone:
    return LinkGone(_("This receipt is no longer to be seen here. Ask for it in the store."))
