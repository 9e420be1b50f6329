"""What webhooks tell of orders."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.models import ApiClient
from apps.accounts.webhooks.topics import Document, Topic, contribute
from apps.orders.api_documents import of_order, with_parts
from apps.orders.models import Order

_SAID_TO_THE_CUSTOMER_ONLY = {"collect_code"}
# The carrier's page tells where it went, and its refusal may name whom it was for.
_LEADS_TO_THE_CUSTOMER = {"tracking_number", "tracking_url", "failure"}


def _orders(client: ApiClient, wanted: Mapping[str, Any]) -> dict[str, Document]:
    """Orders of the client's channel or stores, as it may read them, without what only the customer should know."""
    orders = with_parts(Order.objects.visible_to(client)).filter(number__in=list(wanted))
    return {order.number: _told(of_order(order, reader=client)) for order in orders}


def _told(document: Document) -> Document:
    told = {name: value for name, value in document.items() if name not in _SAID_TO_THE_CUSTOMER_ONLY}
    parcels = document.get("parcels", [])
    return told | {"parcels": [{n: v for n, v in one.items() if n not in _LEADS_TO_THE_CUSTOMER} for one in parcels]}


contribute(
    Topic(
        name="order.updated",
        permission="orders.view",
        documents=_orders,
        events=frozenset(
            {
                "order.placed",
                "order.paid",
                "order.picked",
                "order.moved",
                "order.kept_longer",
                "order.ready",
                "order.parcel_left",
                "order.fulfilled",
                "order.refused",
                "order.sent_on",
                "order.arrived",
                "order.lost_on_the_way",
                "order.rerouted",
                "order.time_changed",
                "order.time_kept",
                "order.cancelled",
                "order.returned",
            }
        ),
    )
)
