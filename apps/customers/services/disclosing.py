"""How much of somebody a purpose lets one see: at a counter, enough to check that it is them; at the desk, all of it.

Whether a field is shown at all is its tag (apps.customers.discretion); how much of it, is decided here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers

from apps.customers.discretion import Tags
from apps.customers.models import BarredValue, Customer, Identifier
from apps.customers.services.lookup import Purpose
from apps.customers.services.provenance import RecordStory

HIDDEN = "••"


@dataclass(frozen=True)
class Reachable:
    """How somebody can be reached, as far as the purpose allows; blank where it is not known."""

    email: str
    phone: str
    street: str
    place: str


def disclose(customer: Customer, tags: Tags) -> Reachable:
    """The ways to reach a customer, blank where the tag is hidden. In a store others look along: most of each is masked."""
    masks = tags.purpose == Purpose.COUNTER
    email = masked_email(customer.email) if masks else customer.email
    phone = masked_phone(customer.phone) if masks else spoken_phone(customer.phone)
    return Reachable(
        email=email if tags.shows("customers.email") else "",
        phone=phone if tags.shows("customers.phone") else "",
        street=f"{customer.street} {customer.house_number}".strip() if tags.shows("customers.street") else "",
        place=f"{customer.postcode} {customer.city}".strip() if tags.shows("customers.place") else "",
    )


_DETAILS = {
    "customers.name": ("first_name", "initials", "infix", "last_name", "organisation"),
    "customers.email": ("email",),
    "customers.phone": ("phone",),
    "customers.street": ("street", "house_number", "house_number_suffix"),
    "customers.place": ("postcode", "city"),
}
_IDENTIFIERS = {
    Identifier.Kind.EMAIL: "customers.email",
    Identifier.Kind.PHONE: "customers.phone",
    Identifier.Kind.CARD: "customers.loyalty_card",
    Identifier.Kind.ADDRESS: "customers.place",
    Identifier.Kind.KVK: "customers.name",
    Identifier.Kind.VAT: "customers.name",
}


def veil(stories: Iterable[RecordStory], tags: Tags) -> list[RecordStory]:
    """Stories of records without what is hidden; none of it is written."""
    told = list(stories)
    for story in told:
        for datum, columns in _DETAILS.items():
            if story.details and not tags.shows(datum):
                for column in columns:
                    setattr(story.details, column, "")
        hidden = {kind for kind, datum in _IDENTIFIERS.items() if not tags.shows(datum)}
        story.identifiers = [identifier for identifier in story.identifiers if identifier.kind not in hidden]
    return told


def masked_email(address: str) -> str:
    """f.postma@example.org is f••@example.org."""
    box, at, domain = address.partition("@")
    return f"{box[:1]}{HIDDEN}{at}{domain}" if at else ""


def masked_phone(number: str) -> str:
    """+31612344812 is •• 4812."""
    return f"{HIDDEN} {number[-4:]}" if number else ""


def masked_value(barred: BarredValue) -> str:
    """A barred identifier for a list. A pattern is nobody's, so it stands there as it is."""
    if barred.is_pattern:
        return barred.value
    return masked_email(barred.value) or masked_phone(barred.value)


def spoken_phone(number: str) -> str:
    """+31612344812 is +31 6 12344812; what is no number stays as it was typed."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def hint(customer: Customer) -> str:
    """Just enough to choose between people who may be meant: initials and street, "J. J., Oudegracht, Utrecht"."""
    initials = " ".join(f"{word[0].upper()}." for word in customer.name.split()[:3])
    return ", ".join(part for part in (initials, customer.street, customer.city) if part)
