"""The register of personal data: every column that can hold words says whether they are about somebody.

Each app's `privacy.py` declares its own columns with `declare`. A column declared neither personal nor impersonal fails a
test, so that nobody adds a note field without deciding what happens to it when a customer asks for their data, or asks
to be forgotten.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db import models

from apps.core.events.models import Event
from apps.core.ledger.models import LedgerRow


class Basis(StrEnum):
    """Why the data may be kept (AVG, article 6)."""

    CONTRACT = "contract"
    CONSENT = "consent"
    LAW = "law"
    INTEREST = "interest"


class About(StrEnum):
    """Whom the data is about."""

    CUSTOMER = "customer"
    STAFF = "staff"
    PARTNER = "partner"


class Erase(StrEnum):
    """What happens when that person is forgotten."""

    BLANK = "blank"  # the words go, the row stays
    NAMELESS = "nameless"  # whoever they name goes out of them; they are kept as the proof of what we did
    KEEP = "keep"  # the law or the proof of what we did asks for it
    EXPIRES = "expires"  # gone by itself within days


@dataclass(frozen=True)
class Personal:
    """One personal column: what it is in the register's words, why it is kept, and what an erasure does to it.

    With `export` it belongs to the answer to somebody who asks what is known of them.
    """

    what: str
    basis: Basis = Basis.CONTRACT
    about: About = About.CUSTOMER
    erase: Erase = Erase.BLANK
    export: bool = True


BY_WORDS = ("",)
"""The subject of a table that no key leads to: its rows are found by what identifies the person."""


@dataclass(frozen=True)
class Declaration:
    """`subjects` are the ways from a row to the source records of whom it is about, as the ORM spells them.

    `is_of_one`: where only words lead to a person, a row is about one person, so all of it is theirs once it names them.
    """

    personal: Mapping[str, Personal]
    impersonal: frozenset[str]
    subjects: tuple[str, ...] = ()
    is_of_one: bool = False


_register: dict[type[models.Model], Declaration] = {}

_WORDS = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.FileField,
    models.GenericIPAddressField,
)


def declare(
    model: type[models.Model],
    *,
    personal: Mapping[str, Personal] | None = None,
    impersonal: Collection[str] = (),
    subject: str | tuple[str, ...] = (),
    is_of_one: bool = False,
) -> None:
    """Say of each column of a model that can hold words what it is. Ledgers and events can hold nothing personal.

    What is about customers names its `subject`: how a row leads to the source record of whom it is about ("source_record",
    "order__source_record"; several where it is about several), or BY_WORDS where nothing does; then `is_of_one` says that a
    row is about one person only.
    """
    personal = personal or {}
    if model in _register:
        raise ImproperlyConfigured(f"{model._meta.label} is declared twice")
    if both := set(personal) & set(impersonal):
        raise ImproperlyConfigured(f"{model._meta.label}: {sorted(both)} cannot be personal and impersonal")
    for name in (*personal, *impersonal):
        try:
            model._meta.get_field(name)
        except FieldDoesNotExist as error:
            raise ImproperlyConfigured(f"{model._meta.label} has no column {name}") from error
    if personal and issubclass(model, LedgerRow | Event):
        raise ImproperlyConfigured(f"{model._meta.label} is written for ever, so it holds nothing personal")
    subjects = (subject,) if isinstance(subject, str) else subject
    _register[model] = Declaration(dict(personal), frozenset(impersonal), subjects, is_of_one)


def personal_fields(*, about: About | None = None) -> dict[type[models.Model], Mapping[str, Personal]]:
    """The personal columns by model, of everybody or of one kind of person."""
    found = {
        model: {name: p for name, p in declaration.personal.items() if about is None or p.about == about}
        for model, declaration in _register.items()
    }
    return {model: fields for model, fields in found.items() if fields}


def subjects_of(model: type[models.Model]) -> tuple[str, ...]:
    """How rows of a declared model lead to source records; BY_WORDS where only words do."""
    return _register[model].subjects


def is_of_one(model: type[models.Model]) -> bool:
    """Whether a row that only words lead to is about one person."""
    return _register[model].is_of_one


def without_subject() -> list[str]:
    """Tables with columns about customers of which nobody said how a row leads to the person."""
    return [model._meta.label for model in personal_fields(about=About.CUSTOMER) if not subjects_of(model)]


def undecided(those: Iterable[type[models.Model]] | None = None) -> list[str]:
    """Columns that can hold words and that nobody decided about, as "orders.Order.note"."""
    chosen = own_models() if those is None else those
    return [
        f"{model._meta.label}.{field.name}"
        for model in chosen
        for field in model._meta.local_fields
        if _can_hold_words(field) and not _is_decided(model, field.name)
    ]


def own_models() -> list[type[models.Model]]:
    """The models of our own apps, with the tables between two of them."""
    return [
        model
        for config in apps.get_app_configs()
        if config.name.startswith("apps.")
        for model in config.get_models(include_auto_created=True)
    ]


def _can_hold_words(field: Any) -> bool:
    held = field.base_field if isinstance(field, ArrayField) else field
    return isinstance(held, _WORDS)


def _is_decided(model: type[models.Model], name: str) -> bool:
    declaration = _register.get(model)
    return declaration is not None and (name in declaration.personal or name in declaration.impersonal)
