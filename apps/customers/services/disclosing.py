"""How much of somebody a purpose lets one see: at a counter, enough to check that it is them; at the desk, all of it."""

from dataclasses import dataclass

import phonenumbers

from apps.customers.models import Customer
from apps.customers.services.lookup import Purpose

HIDDEN = "••"


@dataclass(frozen=True)
class Reachable:
    """How somebody can be reached, as far as the purpose allows; blank where it is not known."""

    email: str
    phone: str
    street: str
    place: str


def disclose(customer: Customer, purpose: str) -> Reachable:
    """The ways to reach a customer. In a store most of each is hidden, and the street is not shown."""
    place = f"{customer.postcode} {customer.city}".strip()
    if purpose == Purpose.COUNTER:
        return Reachable(masked_email(customer.email), masked_phone(customer.phone), "", place)
    street = f"{customer.street} {customer.house_number}".strip()
    return Reachable(customer.email, spoken_phone(customer.phone), street, place)


def masked_email(address: str) -> str:
    """f.postma@example.org is f••@example.org."""
    box, at, domain = address.partition("@")
    return f"{box[:1]}{HIDDEN}{at}{domain}" if at else ""


def masked_phone(number: str) -> str:
    """+31612344812 is •• 4812."""
    return f"{HIDDEN} {number[-4:]}" if number else ""


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
