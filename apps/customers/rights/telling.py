"""What we tell somebody who asks what we know of them (article 15): chapters that apps contribute, each with what it is for.

    @tells("orders.orders", title=…, purpose=…, kept=…, columns=(("number", _("Number")), …), models=(OrderContact,), order=30)
    def orders(asked: Asked) -> Iterable[Row]: ...

A reader reads rows of the records it is given only. What people wrote freely goes through `asked.withhold`.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone, translation

from apps.core.privacy.register import Basis
from apps.customers.models import Customer
from apps.customers.rights.withholding import Withholding
from apps.customers.services.reading import source_records_of

Row = dict[str, Any]
"""A value by the name of its column: text, a number, a day or a moment."""


@dataclass(frozen=True)
class Asked:
    """Whose data is asked for, and how to leave others out of what somebody wrote: `withhold(text, also names)`."""

    customer: Customer
    records: Sequence[int]
    withhold: Withholding


Reader = Callable[[Asked], Iterable[Row]]


@dataclass(frozen=True, kw_only=True)
class Telling:
    """One chapter: its title, what the data is used for and on what basis, how long it is kept. `models` are the tables of
    the register that it tells of."""

    name: str
    title: Any
    purpose: Any
    basis: Basis
    kept: Any
    columns: Sequence[tuple[str, Any]]
    models: Sequence[type]
    read: Reader
    order: int


@dataclass(frozen=True)
class Chapter:
    """A chapter of one person's answer, in the language it was read in."""

    name: str
    title: str
    purpose: str
    basis: str
    kept: str
    columns: list[tuple[str, str]]
    rows: list[Row]


@dataclass(frozen=True)
class Answer:
    """All that is told to one person."""

    name: str
    language: str
    made_at: dt.datetime
    chapters: list[Chapter]

    @property
    def rows(self) -> int:
        return sum(len(chapter.rows) for chapter in self.chapters)


_tellings: dict[str, Telling] = {}


def tells(
    name: str, *, basis: Basis = Basis.CONTRACT, models: Sequence[type] = (), **terms: Any
) -> Callable[[Reader], Reader]:
    """Contribute a chapter."""

    def register(read: Reader) -> Reader:
        known = _tellings.get(name)
        if known is not None and known.read.__qualname__ != read.__qualname__:
            raise ValueError(f"two chapters are called {name}")
        _tellings[name] = Telling(name=name, basis=basis, models=tuple(models), read=read, **terms)
        return read

    return register


def tellings() -> list[Telling]:
    return sorted(_tellings.values(), key=lambda telling: (telling.order, telling.name))


def answer(customer: Customer, *, language: str) -> Answer:
    """Read all that we tell a customer, in a language. Nothing is written."""
    records = source_records_of(customer)
    with translation.override(language):
        asked = Asked(customer, records, Withholding.of(records))
        chapters = [
            Chapter(
                telling.name,
                str(telling.title),
                str(telling.purpose),
                str(telling.basis),
                str(telling.kept),
                [(name, str(label)) for name, label in telling.columns],
                [_plain(row) for row in telling.read(asked)],
            )
            for telling in tellings()
        ]
        return Answer(str(customer), language, timezone.now(), chapters)


def _plain(row: Row) -> Row:
    """Words that are lazy said now, what is blank left out."""
    return {
        name: value if isinstance(value, int | float | dt.date) else str(value)
        for name, value in row.items()
        if value is not None and value != ""
    }
