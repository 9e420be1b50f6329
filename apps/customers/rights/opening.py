"""Opening a customer because of their request: for half an hour, with the request as case."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from apps.accounts.services import grant_access
from apps.customers.models import Customer, PrivacyRequest
from apps.customers.review.noting import note_look_up
from apps.customers.services.lookup import Purpose


@transaction.atomic
def open_for_request(*, request: PrivacyRequest, principal: Any) -> Customer:
    """Open the customer of a request to whoever handles it, and write that down."""
    customer = Customer.objects.get(source_records=request.source_record_id)
    grant = grant_access(
        principal=principal,
        object_type="customer",
        object_key=str(customer.key),
        purpose=Purpose.PRIVACY,
        evidence="privacy_request",
        case=request.number,
    )
    note_look_up(
        principal=principal,
        given={"request": request.number},
        outcome="one",
        purpose=Purpose.PRIVACY,
        case=request.number,
        customer_key=customer.key,
        grant_key=grant.key,
    )
    return customer


def requests_near(source_record_ids: Sequence[int], since: dt.datetime, until: dt.datetime) -> set[int]:
    """The records with a request that was open in that time: it explains that somebody looked."""
    rows = PrivacyRequest.objects.filter(source_record__customer__source_records__in=source_record_ids)
    rows = rows.filter(registered_at__lte=until).exclude(closed_at__lt=since)
    found = rows.values_list("source_record__customer__source_records", flat=True)
    return set(source_record_ids).intersection(found)
