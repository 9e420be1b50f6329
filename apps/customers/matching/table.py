"""People as columns: every value cleaned, each distinct value once, rows as numbers that point at values."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from . import cleaning

Codes = NDArray[np.int32]
T = TypeVar("T")

PERSON_FIELDS = (
    *("given_name", "initials", "infix", "surname", "birth_date", "street", "number", "suffix", "postcode", "city"),
    *("email", "phone", "account"),
)


class Column:
    """`values[codes[row]]` is the value of a row; value 0 is always the empty text: nothing known."""

    def __init__(self, values: list[str], codes: Codes) -> None:
        self.values, self.codes = values, codes
        self._facts: dict[object, Any] = {}

    @classmethod
    def of(cls, raw: Sequence[str | None]) -> "Column":
        distinct: dict[str | None, None] = dict.fromkeys(chain(("",), raw))
        places = {value: place for place, value in enumerate(distinct)}
        codes = np.fromiter(map(places.__getitem__, raw), np.int32, len(raw))
        return cls([value or "" for value in distinct], codes)

    @classmethod
    def empty(cls, size: int) -> "Column":
        return cls([""], np.zeros(size, np.int32))

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def known(self) -> NDArray[np.bool_]:
        return self.codes > 0

    @property
    def objects(self) -> NDArray[np.object_]:
        return self.fact(_as_objects)

    def fact(self, find: Callable[[list[str]], T]) -> T:
        """What `find` says of the distinct values, found once."""
        if find not in self._facts:
            self._facts[find] = find(self.values)
        found: T = self._facts[find]
        return found

    def map(self, clean: Callable[[str], str]) -> "Column":
        """The column with `clean` done to every distinct value."""
        new = Column.of([clean(value) if value else "" for value in self.values])
        return Column(new.values, new.codes[self.codes])

    def or_else(self, other: "Column") -> "Column":
        """This column, and the other one's value where this one has none."""
        if not other.known.any():
            return self
        places = {value: n for n, value in enumerate(self.values)}
        moved = np.fromiter((places.setdefault(value, len(places)) for value in other.values), np.int32)
        return Column(list(places), np.where(self.known, self.codes, moved[other.codes]))

    def counts(self) -> NDArray[np.int64]:
        """How many rows have each value."""
        return np.bincount(self.codes, minlength=len(self.values))

    def rows(self, rows: NDArray[np.intp]) -> "Column":
        some = Column(self.values, self.codes[rows])
        some._facts = self._facts
        return some


def _as_objects(values: list[str]) -> NDArray[np.object_]:
    return np.array(values, dtype=object)


def joined(*columns: Column) -> Column:
    """The texts of the columns side by side, separated by a space."""
    result = columns[0]
    for column in columns[1:]:
        if not column.known.any():
            continue
        both = result.codes.astype(np.int64) * len(column.values) + column.codes
        distinct, codes = np.unique(both, return_inverse=True)
        texts = Column(
            [
                f"{result.values[n // len(column.values)]} {column.values[n % len(column.values)]}".strip()
                for n in distinct.tolist()
            ],
            codes.astype(np.int32),
        )
        result = Column.of(["", *texts.values])
        result = Column(result.values, result.codes[1:][texts.codes])
    return result


def combined(*columns: Column) -> NDArray[np.int64]:
    """One number per row that is equal exactly where all columns are equal; 0 where one of them says nothing."""
    total, known = columns[0].codes.astype(np.int64), columns[0].known
    for column in columns[1:]:
        if int(total.max(initial=0)) * len(column.values) >= 2**62:
            total = np.unique(total, return_inverse=True)[1].astype(np.int64)
        total = total * len(column.values) + column.codes
        known = known & column.known
    return np.where(known, total, 0)


@dataclass
class Reading:
    """How a table's raw values are read; a model keeps it, so that a single record is read alike.

    `names` are the given names that many have, told from typing errors by that.
    """

    month_first: bool = False
    first_of_january_is_a_year: bool = False
    extras: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()


@dataclass
class Table:
    """People with cleaned columns: given, initials, surname, birth, street, number, postcode, city, email, phone,
    account, and `x:` plus the name of each extra field."""

    ids: Sequence[str]
    columns: dict[str, Column]
    reading: Reading = field(default_factory=Reading)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, name: str) -> Column:
        if (column := self.columns.get(name)) is None:
            column = self.columns[name] = Column.empty(len(self.ids))
        return column

    def common(self, given: Sequence[str]) -> NDArray[np.bool_]:
        """Which given names are names that many have."""
        return np.fromiter((name in self.reading.names for name in given), bool, len(given))

    @property
    def extras(self) -> list[str]:
        return sorted(name for name in self.columns if name.startswith("x:"))


def read_table(
    ids: Sequence[str],
    raw: Mapping[str, Sequence[str | None]],
    *,
    extra: Mapping[str, Sequence[str | None]] | None = None,
    reading: Reading | None = None,
) -> Table:
    """Clean a person table.

    `raw` has any of PERSON_FIELDS, `extra` any other columns; all as long as `ids`. How dates are written is guessed
    from the column unless `reading` (of a model) says so.
    """
    size = len(ids)
    for name, values in {**raw, **(extra or {})}.items():
        if len(values) != size:
            raise ValueError(f"{name} has {len(values)} values for {size} records")
    if unknown := set(raw) - set(PERSON_FIELDS):
        raise ValueError(f"no fields of a person: {', '.join(sorted(unknown))}")

    def source(name: str) -> Column:
        return Column.of(raw[name]) if name in raw else Column.empty(size)

    given, initials = source("given_name"), source("initials")
    street, number = source("street"), joined(source("number"), source("suffix"))
    births = source("birth_date")
    dates = cleaning.Dates(births.values, month_first=reading.month_first if reading else None)
    birth = births.map(dates.read)
    if reading is None:
        january = cleaning.year_only(zip(birth.values, birth.counts().tolist(), strict=True))
        names = _common(given.map(cleaning.given_name))
        reading = Reading(dates.month_first, january, tuple(sorted(extra or ())), names)
    if reading.first_of_january_is_a_year:
        birth = birth.map(lambda value: value[:4] if value.endswith("0101") else value)
    columns = {
        "given": given.map(cleaning.given_name),
        "initials": given.map(cleaning.initials).or_else(initials.map(cleaning.initials_alone)),
        "surname": source("surname").map(cleaning.surname),
        "birth": birth,
        "street": street.map(cleaning.street),
        "number": number.map(cleaning.house_number).or_else(street.map(cleaning.number_in_street)),
        "postcode": source("postcode").map(cleaning.postcode),
        "city": source("city").map(cleaning.plain),
        "email": source("email").map(cleaning.email),
        "phone": source("phone").map(cleaning.phone),
        "account": source("account").map(str.strip),
    }
    _complete_given_names(columns, reading.names)
    for name in reading.extras:
        free = Column.of(extra[name]) if extra and name in extra else Column.empty(size)
        columns[f"x:{name}"] = free.map(cleaning.plain)
    return Table(ids, columns, reading)


_COMMON = 2e-4


def _common(given: Column) -> frozenset[str]:
    """The given names of so many records that they are no typing errors."""
    counts = given.counts()
    counts[0] = 0
    least = max(5, _COMMON * int(counts.sum()))
    return frozenset(given.values[n] for n in np.flatnonzero(counts >= least).tolist() if len(given.values[n]) > 1)


def _complete_given_names(columns: dict[str, Column], names: frozenset[str]) -> None:
    """Write out the given name of who has initials and an e-mail address that says it: J. at jan.smit@ is Jan."""
    given, initials, surname, email = (columns[name] for name in ("given", "initials", "surname", "email"))
    rows = np.flatnonzero(~given.known & initials.known & email.known)
    if not len(rows) or not names:
        return
    spelled = {name.replace(" ", "").replace("ij", "y"): name for name in names}
    told = zip(_texts(email, rows), _texts(initials, rows), _texts(surname, rows), strict=True)
    found = Column.of([cleaning.name_in_email(mail, first, last, spelled) for mail, first, last in told])
    places = {value: n for n, value in enumerate(given.values)}
    moved = np.fromiter((places.setdefault(value, len(places)) for value in found.values), np.int32)
    codes = given.codes.copy()
    codes[rows] = moved[found.codes]
    columns["given"] = Column(list(places), codes)


def _texts(column: Column, rows: NDArray[np.intp]) -> Iterator[str]:
    return map(column.values.__getitem__, column.codes[rows].tolist())
