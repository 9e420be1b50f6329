"""People as columns: every value cleaned, each distinct value once, rows as numbers that point at values."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from hashlib import blake2b
from itertools import count
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from . import cleaning
from .helping import Crew, Texts, helpers_for

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
        places: defaultdict[str | None, int] = defaultdict(count(1).__next__, {"": 0})
        codes = np.fromiter(map(places.__getitem__, raw), np.int32, len(raw))
        return cls([value or "" for value in places], codes)

    def __reduce__(self) -> tuple[Callable[[Texts, Codes], "Column"], tuple[Texts, Codes]]:
        return _received, (Texts(self.values), self.codes)

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

    def know(self, find: Callable[[list[str]], T], found: T) -> None:
        """Take over a fact that was found elsewhere."""
        self._facts[find] = found

    def map(self, clean: Callable[[str], str]) -> "Column":
        """The column with `clean` done to every distinct value."""
        if len(self.values) == 1:
            return self  # nothing is known of anybody
        places = {"": 0}
        moved = [places.setdefault(clean(value) if value else "", len(places)) for value in self.values]
        return Column(list(places), np.array(moved, np.int32)[self.codes])

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


def _received(values: Texts, codes: Codes) -> Column:
    return Column(cast("list[str]", values.texts), codes)


def _as_objects(values: list[str]) -> NDArray[np.object_]:
    return np.array(values, dtype=object)


def digest(value: str) -> str:
    return blake2b(value.encode(), digest_size=8).hexdigest()


def digests(values: list[str], secret: bytes = b"") -> NDArray[np.uint64]:
    """The same of many values, as numbers; with a secret such as nobody else can make."""
    every = b"".join([blake2b(value.encode(), digest_size=8, key=secret).digest() for value in values])
    return np.frombuffer(every, ">u8").astype(np.uint64)


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
    account, `named` (whose e-mail address says no more than the name), and `x:` plus the name of each extra field."""

    ids: Sequence[str]
    columns: dict[str, Column]
    reading: Reading = field(default_factory=Reading)
    _notes: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, name: str) -> Column:
        if (column := self.columns.get(name)) is None:
            column = self.columns[name] = Column.empty(len(self.ids))
        return column

    def note(self, key: object, make: Callable[[], T]) -> T:
        """What was made of the table before, or is made of it now, until `forget`."""
        if key not in self._notes:
            self._notes[key] = make()
        noted: T = self._notes[key]
        return noted

    def noted(self, key: type[T]) -> T:
        noted: T = self._notes[key]
        return noted

    def forget(self) -> None:
        self._notes.clear()

    def __reduce__(self) -> tuple[type["Table"], tuple[Sequence[str], dict[str, Column], Reading]]:
        """What another process is sent: without ids and notes, and of the columns there are now, which may become more."""
        return Table, (cast("Sequence[str]", range(len(self))), dict(self.columns), self.reading)

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

    texts = {name: Texts(values) for name, values in raw.items()}
    free = {name: Texts(values) for name, values in (extra or {}).items()}
    extras = reading.extras if reading else tuple(sorted(free))
    births = partial(_births, texts.get("birth_date"), reading.month_first if reading else None)
    # The longest first, so that nobody waits for it in the end.
    tasks: list[Callable[[int], dict[str, Column]]] = [
        partial(_cleaned, "email", texts.get("email"), cleaning.email),
        partial(_cleaned, "phone", texts.get("phone"), cleaning.phone),
        partial(_house, texts.get("street"), texts.get("number"), texts.get("suffix")),
        partial(_cleaned, "postcode", texts.get("postcode"), cleaning.postcode),
        partial(_forenames, texts.get("given_name"), texts.get("initials")),
        partial(_cleaned, "surname", texts.get("surname"), cleaning.surname),
        partial(_cleaned, "city", texts.get("city"), cleaning.plain),
        partial(_cleaned, "account", texts.get("account"), str.strip),
        *(partial(_cleaned, f"x:{name}", free.get(name), cleaning.plain) for name in extras),
    ]
    with Crew(size, helpers_for(size)) as crew:
        every: list[Callable[[int], Any]] = [births, *tasks]
        (birth, month_first), *made = crew.each(_done, every)
    columns: dict[str, Column] = {name: column for some in made for name, column in some.items()}
    if reading is None:
        january = cleaning.year_only(zip(birth.values, birth.counts().tolist(), strict=True))
        reading = Reading(month_first, january, extras, _common(columns["given"]))
    if reading.first_of_january_is_a_year:
        birth = birth.map(_without_first_of_january)
    columns["birth"] = birth
    _complete_given_names(columns, reading.names)
    columns["named"] = _named(columns)
    return Table(ids, columns, reading)


def _done(size: int, task: Callable[[int], Any]) -> Any:
    return task(size)


def _source(raw: Texts | None, size: int) -> Column:
    return Column.of(raw.texts) if raw else Column.empty(size)


def _cleaned(name: str, raw: Texts | None, clean: Callable[[str], str], size: int) -> dict[str, Column]:
    return {name: _source(raw, size).map(clean)}


def _births(raw: Texts | None, month_first: bool | None, size: int) -> tuple[Column, bool]:
    """The dates of birth, and whether months come before days."""
    births = _source(raw, size)
    dates = cleaning.Dates(births.values, month_first=month_first)
    return births.map(dates.read), dates.month_first


def _forenames(given_name: Texts | None, initials: Texts | None, size: int) -> dict[str, Column]:
    given, letters = _source(given_name, size), _source(initials, size)
    return {
        "given": given.map(cleaning.given_name),
        "initials": given.map(cleaning.initials).or_else(letters.map(cleaning.initials_alone)),
    }


def _house(street: Texts | None, number: Texts | None, suffix: Texts | None, size: int) -> dict[str, Column]:
    streets, numbers = _source(street, size), joined(_source(number, size), _source(suffix, size))
    return {
        "street": streets.map(cleaning.street),
        "number": numbers.map(cleaning.house_number).or_else(streets.map(cleaning.number_in_street)),
    }


def _without_first_of_january(date: str) -> str:
    return date[:4] if date.endswith("0101") else date


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
    spelled = _spelled(names)
    told, back = _each_way(rows, email, initials, surname)
    found = Column.of([cleaning.name_in_email(mail, first, last, spelled) for mail, first, last in told])
    places = {value: n for n, value in enumerate(given.values)}
    moved = np.fromiter((places.setdefault(value, len(places)) for value in found.values), np.int32)
    codes = given.codes.copy()
    codes[rows] = moved[found.codes[back]]
    columns["given"] = Column(list(places), codes)


@lru_cache(maxsize=4)
def _spelled(names: frozenset[str]) -> dict[str, str]:
    """Given names by how they stand in an address; kept for those of the model that is in force."""
    return {name.replace(" ", "").replace("ij", "y"): name for name in names}


def _named(columns: dict[str, Column]) -> Column:
    """Whose e-mail address says no more than their name. Only asked of addresses that several records have."""
    given, initials, surname, email = (columns[name] for name in ("given", "initials", "surname", "email"))
    bare = np.fromiter((not _DIGIT.search(value) for value in email.values), bool, len(email.values))
    rows = np.flatnonzero(email.known & surname.known & (bare & (email.counts() > 1))[email.codes])
    codes = np.zeros(len(email), np.int32)
    if len(rows):
        told, back = _each_way(rows, email, given, initials, surname)
        codes[rows] = np.fromiter((cleaning.only_a_name(*one) for one in told), bool, len(told))[back]
    return Column(["", "1"], codes)


def _each_way(rows: NDArray[np.intp], *columns: Column) -> tuple[list[tuple[str, ...]], NDArray[np.intp]]:
    """The different texts of some rows side by side, and for each row which of them it has."""
    packed = np.zeros(len(rows), np.int64)
    for column in columns:
        if int(packed.max(initial=0)) * len(column.values) >= 2**62:
            packed = np.unique(packed, return_inverse=True)[1].astype(np.int64)
        packed = packed * len(column.values) + column.codes[rows]
    _, first, back = np.unique(packed, return_index=True, return_inverse=True)
    texts = (map(column.values.__getitem__, column.codes[rows[first]].tolist()) for column in columns)
    return list(zip(*texts, strict=True)), back


_DIGIT = re.compile("[0-9]")
