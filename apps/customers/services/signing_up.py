"""Signing up with a card at once, and changing what a system knows of somebody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.customers.models import Customer, SourceRecord
from apps.customers.services import appending
from apps.customers.services.people import Details, Kind, Person, Sign, normal_form
from apps.customers.services.projecting import refresh_customers
from apps.customers.services.recognising import recognise


class CardIssuer(Protocol):
    """Gives somebody a loyalty card that works at once and returns its number; the number they have when they have one."""

    def __call__(self, *, source_record_id: int, location_id: int | None, actor: str) -> str: ...


_issuers: list[CardIssuer] = []


def card_issuer(issue: CardIssuer) -> CardIssuer:
    """Register the loyalty programme, which lives on a floor above."""
    if _issuers and _issuers[0] is not issue:
        raise ValueError("there is one loyalty programme")
    _issuers[:] = [issue]
    return issue


@dataclass(frozen=True)
class SignedUp:
    customer: Customer
    source_record_id: int
    card_number: str


@transaction.atomic
def sign_up(*, person: Person, actor: str) -> SignedUp:
    """Make somebody known, or recognise them, and give them a card.

    Raises InvalidInput for a person without any identifier.
    """
    [record_id] = recognise([person], actor=actor)
    if record_id is None:
        detail = _("Give an e-mail address, phone number, account or card, so that we can recognise the customer.")
        raise InvalidInput(detail, faults=[Fault("required", detail, "email")])
    number = ""
    for issue in _issuers:
        number = issue(source_record_id=record_id, location_id=person.home_location_id, actor=actor)
        appending.append_signs([(record_id, Sign(Kind.CARD, number, True))])
    customer = Customer.objects.get(source_records=record_id)
    return SignedUp(customer, record_id, number)


def record_for(customer: Customer, *, source: str) -> SourceRecord:
    """The record that a system keeps of a customer; of the newest other system when it has none."""
    own = customer.source_records.filter(source=source).order_by("-pk").first()
    return own or customer.source_records.order_by("-pk")[0]


@transaction.atomic
def change_details(
    *, customer: Customer, source: str, changes: Mapping[str, Any], email_is_verified: bool = False
) -> Customer:
    """Write what somebody says has changed. A blank takes a detail away; an address is given as a whole.

    A number in a register says for which organisation they speak from now on.
    """
    record = record_for(customer, source=source)
    newest = record.details.order_by("-pk").first()
    before = Details.of(newest) if newest else Details()
    told = normal_form(
        Person(
            source=record.source,
            external_id=record.external_id,
            email_is_verified=email_is_verified,
            **before._asdict() | dict(changes),
        )
    )
    assert told is not None  # it has the record's own key
    if told.details != before:
        appending.append_details([(record.pk, told.details)])
        if told.details.household != before.household:
            appending.move_house([(record.pk, told.details.household)])
    if told.organisation_key is not None:
        kvk, vat = told.sign_of(Kind.KVK), told.sign_of(Kind.VAT)
        appending.speak_for([(record.pk, appending.Post(told.organisation_key, told.details.organisation, kvk, vat))])
    appending.append_signs((record.pk, sign) for sign in told.signs if _is_told(sign, changes))
    refresh_customers([customer.pk])
    customer.refresh_from_db()
    return customer


_TOLD_BY: dict[str, frozenset[str]] = {
    Kind.EMAIL: frozenset({"email"}),
    Kind.PHONE: frozenset({"phone", "phone_is_verified"}),
    Kind.ADDRESS: frozenset({"postcode", "house_number"}),
    Kind.KVK: frozenset({"kvk"}),
    Kind.VAT: frozenset({"vat"}),
}


def _is_told(sign: Sign, changes: Mapping[str, str]) -> bool:
    """Whether an identifier comes from what changed, rather than from what was known before, verified or not."""
    return not _TOLD_BY.get(sign.kind, frozenset()).isdisjoint(changes)
