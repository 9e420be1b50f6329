"""A person as a caller tells of them, and the same in normal form."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from apps.customers.models import Identifier, PersonDetails
from apps.customers.models.records import called
from apps.customers.services import barring, digests, normalising

Kind = Identifier.Kind


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody as one system knows them. Blank or None means that the system did not say.

    `source` names the system (see `sources.py`), `external_id` its own key for the person; without one it is derived
    from the strongest identifier given. `email_is_verified` and `phone_is_verified` say that the system had them confirmed.
    `payment_token` is the digest of a payment card (`digests.payment_token`), given only where the person allowed that.
    """

    source: str
    external_id: str | None = None
    first_name: str = ""
    initials: str = ""
    infix: str = ""
    last_name: str = ""
    birth_date: dt.date | str | None = None
    organisation: str = ""
    kvk: str | None = ""
    vat: str | None = ""
    email: str | None = ""
    phone: str | None = ""
    loyalty_card: str | None = ""
    account_id: str | None = ""
    payment_token: str | None = ""
    street: str = ""
    house_number: str = ""
    house_number_suffix: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    email_is_verified: bool = False
    phone_is_verified: bool = False
    home_location_id: int | None = None


class Details(NamedTuple):
    """What is kept of a person's details, in the columns of `PersonDetails`; a date of birth as 1974-03-21."""

    first_name: str = ""
    initials: str = ""
    infix: str = ""
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
    birth_date: str = ""

    @classmethod
    def of(cls, row: PersonDetails) -> "Details":
        """The details as they stand in a row."""
        return cls(*(_as_text(getattr(row, name)) for name in cls._fields))

    @property
    def columns(self) -> dict[str, Any]:
        """The values of the row."""
        return self._asdict() | {"birth_date": self.birth_date or None}

    @property
    def name(self) -> str:
        return called(self.first_name, self.initials, self.infix, self.last_name, self.organisation)

    @property
    def has_address(self) -> bool:
        return bool(self.postcode or self.street or self.house_number)

    @property
    def household(self) -> uuid.UUID | None:
        """The household at the address."""
        return digests.household_key(
            country=self.country,
            postcode=self.postcode,
            house_number=self.house_number,
            suffix=self.house_number_suffix,
        )

    def overlaid_by(self, newer: "Details") -> "Details":
        """What is known after `newer` was told: blanks say nothing, and an address is replaced as a whole."""
        merged = {name: getattr(newer, name) or getattr(self, name) for name in self._fields}
        address = newer if newer.has_address else self
        return Details(**merged | {name: getattr(address, name) for name in ADDRESS_FIELDS})

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256("\x1f".join(self).encode()).hexdigest()


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else value or ""


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

    @property
    def household(self) -> uuid.UUID | None:
        """The household at the address they gave."""
        told = self.details
        return digests.household_key(
            country=told.country,
            postcode=told.postcode,
            house_number=told.house_number,
            suffix=told.house_number_suffix,
        )

    @property
    def organisation_key(self) -> uuid.UUID | None:
        """The organisation they speak for, by its number in a register."""
        return digests.organisation_key(kvk=self.sign_of(Kind.KVK), vat=self.sign_of(Kind.VAT))

    def sign_of(self, kind: str) -> str:
        """The identifier they gave of a kind, blank where they gave none."""
        return next((sign.value for sign in self.signs if sign.kind == kind), "")

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
        initials=normalising.text(person.initials, 20),
        infix=normalising.text(person.infix, 20),
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
        birth_date=normalising.birth_date(person.birth_date),
    )


def _signs(person: Person, details: Details) -> Iterator[Sign]:
    """The identifiers given, strongest first. A card or account of the system itself is proof by what it is."""
    country = details.country
    found = (
        Sign(Kind.CARD, normalising.card(person.loyalty_card), True),
        Sign(Kind.ACCOUNT, normalising.account(person.account_id), True),
        Sign(Kind.EMAIL, normalising.email(person.email), person.email_is_verified),
        Sign(Kind.PHONE, normalising.phone(person.phone, country), person.phone_is_verified),
        Sign(Kind.PAYMENT_TOKEN, normalising.token(person.payment_token), True),
        Sign(Kind.ADDRESS, normalising.address_key(details.postcode, details.house_number), False),
        Sign(Kind.KVK, normalising.kvk(person.kvk), False),
        Sign(Kind.VAT, normalising.vat(person.vat), False),
    )
    return (sign for sign in found if sign.value)


_KEY_PREFIX = {Kind.ACCOUNT: "account", Kind.CARD: "card", Kind.EMAIL: "email", Kind.PHONE: "phone"}
_KEY_ROOM = 128


def _derived_key(signs: Iterable[Sign]) -> str:
    """A key for somebody without one: account:web-77, card:…, email:…, phone:…; an address is a house, not a person, and what
    is barred is nobody."""
    rules = barring.book()
    values = {sign.kind: sign.value for sign in signs if not rules.bars(sign.kind, sign.value)}
    for kind, prefix in _KEY_PREFIX.items():
        if kind in values:
            return _fitting(f"{prefix}:{values[kind]}")
    return ""


def _fitting(key: str) -> str:
    """The key, or a digest in its place when it is longer than the column."""
    if len(key) <= _KEY_ROOM:
        return key
    return f"{key.partition(':')[0]}:sha256:{hashlib.sha256(key.encode()).hexdigest()}"
