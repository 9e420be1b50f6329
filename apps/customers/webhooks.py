"""What webhooks tell of customers: which keys came to mean one person, and which no longer do."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.models import ApiClient
from apps.accounts.webhooks.topics import Document, Topic, contribute
from apps.customers.models import Customer


def _customers(client: ApiClient, wanted: Mapping[str, Any]) -> dict[str, Document]:
    """Customers by the keys that mean them now. Nothing is said of who they are: a client looks them up as ever."""
    rows = Customer.objects.filter(key__in=list(wanted)).select_related("merged_into").prefetch_related("merged")
    return {str(customer.key): _document(customer, wanted[str(customer.key)]) for customer in rows}


def _document(customer: Customer, happened: Any) -> Document:
    now = customer.merged_into or customer
    parted = {event.payload["parted"] for event in happened if "parted" in event.payload}
    return {
        "id": str(now.key),
        "merged": sorted(str(old.key) for old in now.merged.all()),
        "parted": sorted(parted - {str(old.key) for old in now.merged.all()}),
    }


contribute(
    Topic(
        name="customer.merged",
        permission="customers.view",
        documents=_customers,
        events=frozenset({"customer.joined", "customer.parted"}),
    )
)
