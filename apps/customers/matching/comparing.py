"""What is compared of two people, and how alike it is: one level per field.

Level 0 means that one of the two says nothing; it counts neither for nor against. Levels of one field are divided into
groups that cannot be compared with each other: two written-out names are never "initial agrees", so how often names
are written out says nothing about who people are. Chances are learned within a group.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from .table import Column, Table

Levels = NDArray[np.uint8]
Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Field:
    """One comparison. `codes[level]` names a level in explanations; `groups[level]` numbers its group (0: nothing known).

    `same` and `house` are what is believed of one person's two records, and of two people of one household, before
    the data has spoken. `rarity` names the column whose frequent values make an exact agreement worth less.
    """

    name: str
    codes: tuple[str, ...]
    groups: tuple[int, ...]
    same: tuple[float, ...]
    house: tuple[float, ...]
    exact: int = 1
    rarity: str = ""
    personal: bool = True
    """Whether two people of one household differ in it as strangers do: a given name, and not a surname."""


GIVEN = Field(
    "given_name",
    ("unknown", "exact", "part", "near", "similar", "different", "swapped", "initials", "initial", "other_initial"),
    (0, 1, 1, 1, 1, 1, 1, 2, 2, 2),
    (1.0, 0.78, 0.05, 0.09, 0.03, 0.04, 0.01, 0.20, 0.76, 0.04),
    (1.0, 0.9, 0.05, 0.03, 0.01, 0.01, 0.001, 0.3, 0.69, 0.01),
    rarity="given",
)
SURNAME = Field(
    "surname",
    ("unknown", "exact", "part", "near", "similar", "different"),
    (0, 1, 1, 1, 1, 1),
    (1.0, 0.86, 0.03, 0.06, 0.02, 0.03),
    (1.0, 0.65, 0.04, 0.03, 0.02, 0.26),
    rarity="surname",
    personal=False,
)
BIRTH = Field(
    "birth_date",
    ("unknown", "exact", "near", "two_parts", "year", "other_year"),
    (0, 1, 1, 1, 1, 1),
    (1.0, 0.86, 0.07, 0.03, 0.01, 0.03),
    (1.0, 0.3, 0.2, 0.2, 0.2, 0.1),
    rarity="birth",
)
EMAIL = Field(
    "email",
    ("unknown", "exact", "near", "different"),
    (0, 1, 1, 1),
    (1.0, 0.6, 0.06, 0.34),
    (1.0, 0.15, 0.01, 0.84),
    rarity="email",
    personal=False,
)
PHONE = Field(
    "phone",
    ("unknown", "exact", "near", "different"),
    (0, 1, 1, 1),
    (1.0, 0.6, 0.05, 0.35),
    (1.0, 0.3, 0.02, 0.68),
    rarity="phone",
    personal=False,
)

PARTS = ("street", "number", "postcode", "city")
AGREES = (
    ("", "same", "near", "other"),
    ("", "same", "suffix", "other"),
    ("", "same", "near", "other"),
    ("", "same", "near", "other"),
)
HOME = np.array(((1, 0.84, 0.12, 0.04), (1, 0.92, 0.04, 0.04), (1, 0.9, 0.06, 0.04), (1, 0.9, 0.06, 0.04)))
MOVED = np.array(((1, 0.01, 0.03, 0.96), (1, 0.03, 0.01, 0.96), (1, 0.05, 0.05, 0.9), (1, 0.3, 0.02, 0.68)))


def address_grid() -> NDArray[np.uint8]:
    """How each of PARTS agrees, for every level of the address: 256 x 4."""
    return np.stack(np.unravel_index(np.arange(256), (4, 4, 4, 4)), axis=1).astype(np.uint8)


def _address() -> Field:
    """Street, number, postcode and town as one comparison: a house is one fact, however many columns it is written in."""
    grid = address_grid()
    at_home = HOME[np.arange(4), grid].prod(axis=1)
    moved = MOVED[np.arange(4), grid].prod(axis=1)
    codes = [
        " ".join(f"{part}:{AGREES[n][how]}" for n, (part, how) in enumerate(zip(PARTS, row, strict=True)) if how)
        for row in grid.tolist()
    ]
    groups = (grid > 0) @ np.array([8, 4, 2, 1])
    return Field(
        "address",
        ("unknown", *codes[1:]),
        tuple(groups.tolist()),
        tuple((0.85 * at_home + 0.15 * moved).tolist()),
        tuple((0.97 * at_home + 0.03 * moved).tolist()),
        exact=0,
        personal=False,
    )


ADDRESS = _address()


def extra_field(name: str) -> Field:
    return Field(
        f"x:{name}",
        ("unknown", "exact", "near", "different"),
        (0, 1, 1, 1),
        (1.0, 0.75, 0.1, 0.15),
        (1.0, 0.45, 0.05, 0.5),
        rarity=f"x:{name}",
        personal=False,
    )


def fields_for(extras: Sequence[str]) -> list[Field]:
    return [GIVEN, SURNAME, BIRTH, ADDRESS, EMAIL, PHONE, *(extra_field(name) for name in extras)]


def compare(table: Table, left: Rows, right: Rows, fields: Sequence[Field]) -> dict[str, Levels]:
    """The level of every field for each pair of rows."""
    levels: dict[str, Levels] = {}
    for field in fields:
        match field.name:
            case "given_name":
                levels[field.name] = _given(table, left, right)
            case "surname":
                levels[field.name] = _surname(table["surname"], left, right)
            case "birth_date":
                levels[field.name] = _birth(table["birth"], left, right)
            case "address":
                levels[field.name] = _addresses(table, left, right)
            case "email":
                levels[field.name] = _email(table["email"], left, right)
            case "phone":
                levels[field.name] = _phone(table["phone"], left, right)
            case extra:
                levels[extra] = _extra(table[extra], left, right)
    levels["surname"][levels["given_name"] == GIVEN.codes.index("swapped")] = 0  # one fact, counted once
    return levels


def _both(column: Column, left: Rows, right: Rows) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_]]:
    one, other = column.codes[left], column.codes[right]
    return one, other, (one > 0) & (other > 0)


def _alike(
    one: NDArray[np.object_], other: NDArray[np.object_], scorer: Callable[..., float] = JaroWinkler.similarity
) -> NDArray[np.float32]:
    if not len(one):
        return np.empty(0, np.float32)
    return cpdist(one.tolist(), other.tolist(), scorer=scorer, dtype=np.float32)


def _words_within(one: str, other: str) -> bool:
    """Whether all words of the shorter are in the longer: `jansen` in `jansen bakker`."""
    a, b = set(one.split()), set(other.split())
    return a <= b or b <= a


def _words_shared(one: NDArray[np.object_], other: NDArray[np.object_]) -> NDArray[np.bool_]:
    several = np.fromiter((" " in a or " " in b for a, b in zip(one, other, strict=True)), bool, len(one))
    places = np.flatnonzero(several)
    several[places] = [_words_within(one[n], other[n]) for n in places]
    return several


def _given(table: Table, left: Rows, right: Rows) -> Levels:
    column, initials, surname = table["given"], table["initials"], table["surname"]
    one, other, written = _both(column, left, right)
    level = np.zeros(len(left), np.uint8)
    level[written] = 5
    level[written & (one == other)] = 1
    differ = np.flatnonzero(written & (one != other))
    names_one, names_other = column.objects[one[differ]], column.objects[other[differ]]
    alike = _alike(names_one, names_other)
    level[differ[alike >= 0.8]] = 4
    level[differ[alike >= 0.9]] = 3
    level[differ[_words_shared(names_one, names_other)]] = 2
    unlike = differ[alike < 0.8]
    if len(unlike):
        level[unlike[_swapped(column, surname, left[unlike], right[unlike])]] = 6
    first, second, known = _both(initials, left, right)
    short = np.flatnonzero(~written & known)
    if len(short):
        letters = initials.objects
        pairs = zip(letters[first[short]], letters[second[short]], strict=True)
        level[short] = np.fromiter(
            ((7 if min(len(a), len(b)) > 1 else 8) if a.startswith(b) or b.startswith(a) else 9 for a, b in pairs),
            np.uint8,
            len(short),
        )
    return level


def _swapped(given: Column, surname: Column, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Given name and surname in each other's place, both nearly equal."""
    full = (surname.codes[left] > 0) & (surname.codes[right] > 0)
    result = np.zeros(len(left), bool)
    rows = np.flatnonzero(full)
    there = _alike(given.objects[given.codes[left[rows]]], surname.objects[surname.codes[right[rows]]]) >= 0.9
    rows = rows[there]
    back = _alike(surname.objects[surname.codes[left[rows]]], given.objects[given.codes[right[rows]]]) >= 0.9
    result[rows[back]] = True
    return result


def _surname(column: Column, left: Rows, right: Rows) -> Levels:
    one, other, known = _both(column, left, right)
    level = np.zeros(len(left), np.uint8)
    level[known] = 5
    level[known & (one == other)] = 1
    differ = np.flatnonzero(known & (one != other))
    names_one, names_other = column.objects[one[differ]], column.objects[other[differ]]
    alike = _alike(names_one, names_other)
    level[differ[alike >= 0.8]] = 4
    level[differ[alike >= 0.9]] = 3
    level[differ[_words_shared(names_one, names_other)]] = 2
    return level


def _digits_of(column: Column) -> NDArray[np.int8]:
    """Eight digits per date; a bare year has -1 for month and day."""
    text = "".join(value.ljust(8, "/") if value else "////////" for value in column.values)
    return (np.frombuffer(text.encode("ascii"), np.uint8).reshape(-1, 8).astype(np.int8)) - 48


def _birth(column: Column, left: Rows, right: Rows) -> Levels:
    one, other, known = _both(column, left, right)
    digits = _digits_of(column)
    level = np.zeros(len(left), np.uint8)
    level[known] = 5
    level[known & (one == other)] = 1
    rows = np.flatnonzero(known & (one != other))
    a, b = digits[one[rows]], digits[other[rows]]
    wrong = a != b
    year, month, day = wrong[:, :4].any(1), wrong[:, 4:6].any(1), wrong[:, 6:].any(1)
    full = (a[:, 4] >= 0) & (b[:, 4] >= 0)
    errors = wrong.sum(1)
    turned = np.zeros(len(rows), bool)
    for n in range(7):
        turned |= (errors == 2) & wrong[:, n] & wrong[:, n + 1] & (a[:, n] == b[:, n + 1]) & (a[:, n + 1] == b[:, n])
    crossed = ~year & (a[:, 4:6] == b[:, 6:]).all(1) & (a[:, 6:] == b[:, 4:6]).all(1)
    near = full & ((errors == 1) | turned | crossed)
    parts = full & (year.astype(int) + month + day == 1)
    level[rows[~year]] = 4
    level[rows[parts]] = 3
    level[rows[near]] = 2
    bare = np.flatnonzero(known & (one == other))
    level[bare[digits[one[bare], 4] < 0]] = 4
    return level


def _addresses(table: Table, left: Rows, right: Rows) -> Levels:
    street, number, postcode, city = table["street"], table["number"], table["postcode"], table["city"]
    one, other, known = _both(street, left, right)
    streets = np.zeros(len(left), np.uint8)
    streets[known] = 3
    streets[known & (one == other)] = 1
    differ = np.flatnonzero(known & (one != other))
    streets[differ[_alike(street.objects[one[differ]], street.objects[other[differ]]) >= 0.88]] = 2

    one, other, known = _both(number, left, right)
    bare = _bare_numbers(number)
    numbers = np.zeros(len(left), np.uint8)
    numbers[known] = 3
    numbers[known & (bare[one] == bare[other])] = 2
    numbers[known & (one == other)] = 1

    one, other, known = _both(postcode, left, right)
    codes = np.zeros(len(left), np.uint8)
    codes[known] = 3
    codes[known & (one == other)] = 1
    rows = np.flatnonzero(known & (one != other))
    near = _alike(postcode.objects[one[rows]], postcode.objects[other[rows]], OSA.distance) <= 1
    codes[rows[near]] = 2

    one, other, known = _both(city, left, right)
    cities = np.zeros(len(left), np.uint8)
    cities[known] = 3
    cities[known & (one == other)] = 1
    rows = np.flatnonzero(known & (one != other))
    near = _alike(city.objects[one[rows]], city.objects[other[rows]]) >= 0.88
    cities[rows[near]] = 2
    return (streets * np.uint8(64) + numbers * np.uint8(16) + codes * np.uint8(4) + cities).astype(np.uint8)


def _bare_numbers(number: Column) -> NDArray[np.int32]:
    """The house number without its addition, as a number."""
    return np.fromiter(
        (int(value.split(" ")[0]) if value else -1 for value in number.values), np.int32, len(number.values)
    )


def _email(column: Column, left: Rows, right: Rows) -> Levels:
    one, other, known = _both(column, left, right)
    level = np.zeros(len(left), np.uint8)
    level[known] = 3
    level[known & (one == other)] = 1
    rows = np.flatnonzero(known & (one != other))
    first, second = column.objects[one[rows]], column.objects[other[rows]]
    near = np.flatnonzero(_alike(first, second, OSA.distance) <= 2).tolist()
    level[rows[[n for n in near if _one_typed_wrong(first[n], second[n])]]] = 2
    for n in range(len(rows)):
        box = _mailbox(first[n])
        if len(box) > 5 and box == _mailbox(second[n]):
            # jjansen@ is any J. Jansen, wherever his mail is: it says no more than the name. jjansen1974@ says more.
            level[rows[n]] = 2 if sum(c.isdigit() for c in box) > 1 else 0
    return level


def _mailbox(email: str) -> str:
    return email.split("@", 1)[0].replace(".", "")


def _one_typed_wrong(one: str, other: str) -> bool:
    """Of two addresses that nearly agree: jansen12@ and jansen13@ are two people who came to one provider."""
    return [c for c in one if c.isdigit()] == [c for c in other if c.isdigit()]


def _phone(column: Column, left: Rows, right: Rows) -> Levels:
    one, other, known = _both(column, left, right)
    level = np.zeros(len(left), np.uint8)
    level[known] = 3
    level[known & (one == other)] = 1
    rows = np.flatnonzero(known & (one != other))
    near = _alike(column.objects[one[rows]], column.objects[other[rows]], OSA.distance) <= 1
    level[rows[near]] = 2
    return level


def _extra(column: Column, left: Rows, right: Rows) -> Levels:
    one, other, known = _both(column, left, right)
    level = np.zeros(len(left), np.uint8)
    level[known] = 3
    level[known & (one == other)] = 1
    rows = np.flatnonzero(known & (one != other))
    first, second = column.objects[one[rows]], column.objects[other[rows]]
    level[rows[(_alike(first, second) >= 0.88) | _words_shared(first, second)]] = 2
    return level
