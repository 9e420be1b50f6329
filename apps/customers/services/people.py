"""A person as a caller tells of them, and the same in normal form."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from apps.customers.models import Identifier
from apps.customers.services import normalising

Kind = Identifier.Kind


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody as one system knows them. Blank or None means that the system did not say.

    `source` names the system (see `sources.py`), `external_id` its own key for the person; without one it is derived
    from the strongest identifier given. `email_is_verified` says that the system had the address confirmed.
    """

    source: str
    external_id: str | None = None
    first_name: str = ""
    last_name: str = ""
    organisation: str = ""
    email: str | None = ""
    phone: str | None = ""
    loyalty_card: str | None = ""
    account_id: str | None = ""
    street: str = ""
    house_number: str = ""
    house_number_suffix: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    email_is_verified: bool = False
    home_location_id: int | None = None


class Details(NamedTuple):
    """What is kept of a person's details, in the columns of `PersonDetails`."""

    first_name: str = ""
    last_name: str = ""
    organisation: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    house_number: str = ""
    house_number_suffix: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""

    @property
    def has_address(self) -> bool:
        return bool(self.postcode or self.street or self.house_number)

    def overlaid_by(self, newer: "Details") -> "Details":
        """What is known after `newer` was told: blanks say nothing, and an address is replaced as a whole."""
        merged = {name: getattr(newer, name) or getattr(self, name) for name in self._fields}
        address = newer if newer.has_address else self
        return Details(**merged | {name: getattr(address, name) for name in ADDRESS_FIELDS})

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256("\x1f".join(self).encode()).hexdigest()


ADDRESS_FIELDS = ("street", "house_number", "house_number_suffix", "postcode", "city", "country")


class Sign(NamedTuple):
    """An identifier in normal form. `verified` makes it proof of who somebody is; else it is only evidence."""

    kind: str
    value: str
    verified: bool


@dataclass(frozen=True)
class Told:
    """A person in normal form, under the key of the source record they belong to."""

    source: str
    external_id: str
    details: Details
    signs: tuple[Sign, ...] = ()
    home_location_id: int | None = None

    @property
    def record_key(self) -> tuple[str, str]:
        return (self.source, self.external_id)

    def overlaid_by(self, newer: "Told") -> "Told":
        """The same person told of twice."""
        return Told(
            self.source,
            self.external_id,
            self.details.overlaid_by(newer.details),
            tuple(dict.fromkeys((*self.signs, *newer.signs))),
            self.home_location_id or newer.home_location_id,
        )


def normal_form(person: Person) -> Told | None:
    """The person in normal form; None when nothing tells them from anybody else."""
    details = details_of(person)
    signs = tuple(_signs(person, details))
    external_id = normalising.text(person.external_id, 128) or _derived_key(signs)
    if not external_id:
        return None
    return Told(normalising.text(person.source, 48), external_id, details, signs, person.home_location_id)


def details_of(person: Person) -> Details:
    """A person's details in normal form, each no longer than its column."""
    number, suffix = normalising.house_number(person.house_number, person.house_number_suffix)
    country = normalising.text(person.country, 2).upper()
    return Details(
        first_name=normalising.text(person.first_name, 60),
        last_name=normalising.text(person.last_name, 80),
        organisation=normalising.text(person.organisation, 120),
        # What cannot be an address or number is kept as it was typed: somebody may still make sense of it.
        email=normalising.email(person.email) or normalising.text(person.email, 254),
        phone=normalising.phone(person.phone, country) or normalising.text(person.phone, 20),
        street=normalising.text(person.street, 80),
        house_number=number,
        house_number_suffix=suffix,
        postcode=normalising.postcode(person.postcode),
        city=normalising.text(person.city, 60),
        country=country,
    )


def _signs(person: Person, details: Details) -> Iterator[Sign]:
    """The identifiers given, strongest first. A card or account of the system itself is proof by what it is."""
    country = details.country
    found = (
        Sign(Kind.CARD, normalising.card(person.loyalty_card), True),
        Sign(Kind.ACCOUNT, normalising.account(person.account_id), True),
        Sign(Kind.EMAIL, normalising.email(person.email), person.email_is_verified),
        Sign(Kind.PHONE, normalising.phone(person.phone, country), False),
        Sign(Kind.ADDRESS, normalising.address_key(details.postcode, details.house_number), False),
    )
    return (sign for sign in found if sign.value)


_KEY_PREFIX = {Kind.ACCOUNT: "account", Kind.CARD: "card", Kind.EMAIL: "email", Kind.PHONE: "phone"}
_KEY_ROOM = 128


def _derived_key(signs: Iterable[Sign]) -> str:
    """A key for somebody without one: account:web-77, card:…, email:…, phone:…; an address is a house, not a person."""
    values = {sign.kind: sign.value for sign in signs}
    for kind, prefix in _KEY_PREFIX.items():
        if kind in values:
            return _fitting(f"{prefix}:{values[kind]}")
    return ""


def _fitting(key: str) -> str:
    """The key, or a digest in its place when it is longer than the column."""
    if len(key) <= _KEY_ROOM:
        return key
    return f"{key.partition(':')[0]}:sha256:{hashlib.sha256(key.encode()).hexdigest()}"
