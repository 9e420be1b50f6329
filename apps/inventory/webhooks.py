"""What webhooks tell of stock: levels batched per variant, since one sale after another changes them, and transfers."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from apps.accounts.models import ApiClient
from apps.accounts.webhooks.topics import Document, Topic, contribute
from apps.core.reach import reach_of
from apps.inventory.api_transfer_documents import of_transfer, with_parts
from apps.inventory.models import Transfer
from apps.inventory.models.news import TOPIC
from apps.inventory.services.availability import free_stock, plain_quantity
from apps.network.models import Location


def _availability(client: ApiClient, wanted: Mapping[str, Any]) -> dict[str, Document]:
    """What of each SKU can be promised now: for delivery, and at the locations (ids) that changed."""
    directory, stock = free_stock(list(wanted))
    reach = reach_of(client)
    told = {*directory.by_id} if reach.may("inventory.view_everywhere") else set(_own(client))
    as_of = timezone.now().isoformat()
    return {
        sku: {
            "sku": sku,
            "as_of": as_of,
            "delivery": {"available": plain_quantity(free.sent_from(directory.shipping, client.channel.code))},
            "locations": [
                {
                    "code": directory.by_id[id_].code,
                    "available": plain_quantity(free.collect.get(id_, 0) if id_ in directory.active else 0),
                }
                for id_ in sorted(wanted[sku])
                if id_ in told
            ],
        }
        for sku, free in stock.items()
    }


def _own(client: ApiClient) -> list[int]:
    return list(Location.objects.visible_to(client).values_list("pk", flat=True))


def _merged(first: Document, second: Document) -> Document:
    """The newest word on each location that changed since the last message that arrived."""
    locations = {here["code"]: here for here in [*first["locations"], *second["locations"]]}
    return second | {"locations": [locations[code] for code in sorted(locations)]}


def _transfers(client: ApiClient, wanted: Mapping[str, Any]) -> dict[str, Document]:
    """Transfers from and to the client's locations, as the API writes them."""
    rows = with_parts(Transfer.objects.visible_to(client)).filter(number__in=list(wanted))
    return {transfer.number: of_transfer(transfer) for transfer in rows}


contribute(Topic(name=TOPIC, permission="inventory.view", documents=_availability, merges=True, merged=_merged))
contribute(
    Topic(
        name="transfer.updated",
        permission="inventory.transfer",
        documents=_transfers,
        events=frozenset(
            {
                "transfer.requested",
                "transfer.agreed",
                "transfer.sent",
                "transfer.received",
                "transfer.cancelled",
            }
        ),
    )
)
