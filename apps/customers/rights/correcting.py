"""Correcting what is wrong about somebody (article 16): what they say to us is a fact of the desk, newer than what others told.

What other systems told stays as their fact and is not overwritten; of each field the newest counts, and that is now the desk's.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.core.actors import actor_of
from apps.core.ids import new_id
from apps.customers.models import (
    Basis,
    Customer,
    Edge,
    MatchEvent,
    PersonDetails,
    PrivacyRequest,
    PrivacyStep,
    SourceRecord,
)
from apps.customers.rights.handling import note_step
from apps.customers.services.projecting import rows_behind
from apps.customers.services.saying import RULE_VERSION
from apps.customers.services.signing_up import change_details
from apps.customers.services.sources import DESK

NAME = ("first_name", "initials", "infix", "last_name")
ADDRESS = ("street", "house_number", "house_number_suffix", "postcode", "city", "country")


def known_of(customer: Customer) -> dict[str, Any]:
    """What is known now of name, birth date and address, as a form begins with it."""
    behind = rows_behind(customer)
    rows = PersonDetails.objects.in_bulk([behind[name] for name in ("name", "address") if name in behind])
    known: dict[str, Any] = {}
    for field, columns in (("name", NAME), ("address", ADDRESS)):
        if field in behind:
            known |= {column: getattr(rows[behind[field]], column) for column in columns}
    born = PersonDetails.objects.filter(source_record__customer=customer, birth_date__isnull=False)
    return known | {"birth_date": born.order_by("-pk").values_list("birth_date", flat=True).first()}


@transaction.atomic
def correct(*, customer: Customer, told: Mapping[str, Any], principal: Any) -> Customer:
    """Write down what somebody says is right of their name, birth date and address; what is as it was is not repeated.

    A name and an address are told as a whole. Open requests for rectification get a step.
    """
    known = known_of(customer)
    changes: dict[str, str] = {}
    for columns in (NAME, ADDRESS, ("birth_date",)):
        if any((told.get(column) or "") != (known.get(column) or "") for column in columns):
            changes |= {column: str(told.get(column) or "") for column in columns}
    if not changes:
        return customer
    _desk_record(customer, actor=actor_of(principal))
    customer = change_details(customer=customer, source=DESK, changes=changes)
    open_requests = PrivacyRequest.objects.filter(
        source_record__customer=customer,
        kind=PrivacyRequest.Kind.RECTIFICATION,
        status=PrivacyRequest.Status.OPEN,
    )
    for request in open_requests:
        note_step(request, PrivacyStep.Kind.CORRECTED, principal=principal)
    return customer


def _desk_record(customer: Customer, *, actor: str) -> SourceRecord:
    """The record that the desk keeps of a customer; a new one is joined to their oldest, for it was them who told."""
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    own = customer.source_records.filter(source=DESK).order_by("-pk").first()
    if own is not None:
        return own
    oldest = customer.source_records.order_by("pk")[0]
    record = SourceRecord.objects.create(source=DESK, external_id=f"desk:{new_id()}", customer=customer)
    edge = Edge.objects.create(
        left=oldest, right=record, kind=Edge.Kind.SAME, basis=Basis.BY_HAND, rule_version=RULE_VERSION, actor=actor
    )
    MatchEvent.objects.create(
        source_record=record,
        customer_key=customer.key,
        kind=MatchEvent.Kind.RECOGNISED,
        edge=edge,
        rule_version=RULE_VERSION,
        actor=actor,
    )
    return record
