"""The shelf list by mail: a customer takes it along to the store."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from apps.core.errors import InvalidInput
from apps.core.languages import known_locale
from apps.inventory.handing_out import Stand
from apps.messages.services import queue_message
from apps.network.models import Channel, Location
from apps.orders.models import Order
from apps.portal import formats

TEMPLATE = "shelf_list"


@transaction.atomic
def mail_shelf_list(
    *,
    stands: Sequence[Stand],
    store: Location,
    channel: Channel,
    token: str,
    address: str = "",
    order: Order | None = None,
) -> None:
    """Mail where everything stands in a store: to the address given, or to the customer of the order.

    It answers a question the customer asked, so no consent to marketing is needed. The address is kept nowhere but in the
    outbox. The same `token` is mailed once. Raises InvalidInput where there is no address, or nothing on the list.
    """
    if not stands:
        raise InvalidInput(_("There is nothing on this list."), code="no_lines")
    contact = getattr(order, "contact", None) if order is not None else None
    is_theirs = not address or (contact is not None and contact.email == address)
    to = address or (contact.email if contact is not None else "")
    if not to:
        raise InvalidInput(_("This order has no e-mail address."), code="no_address")
    queue_message(
        template=TEMPLATE,
        address=to,
        locale=channel.locale,
        context=_context(stands, store, channel, contact.name if contact is not None and is_theirs else ""),
        source_record_id=order.source_record_id if order is not None and is_theirs else None,
        dedupe_key=f"{TEMPLATE}:{token}",
    )


def _context(stands: Sequence[Stand], store: Location, channel: Channel, name: str) -> dict[str, Any]:
    with translation.override(known_locale(channel.locale)):
        return {
            "name": name,
            "store": store,
            "shop": channel.name,
            "here": [
                {
                    "quantity": formats.quantity(one.here),
                    "name": one.variant.name,
                    "shelves": ", ".join(one.shelves),
                }
                for one in stands
                if one.here
            ],
            "missing": [
                {
                    "quantity": formats.quantity(one.missing),
                    "name": one.variant.name,
                    "store": one.nearest.location.name if one.nearest else "",
                    "is_sent": one.is_sent,
                }
                for one in stands
                if one.missing
            ],
        }
