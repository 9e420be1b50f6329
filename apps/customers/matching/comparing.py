"""What is compared of two people, and how alike it is: one level per field.

Level 0 means that one of the two says nothing; it counts neither for nor against. Levels of one field are divided into
groups that cannot be compared with each other: two written-out names are never "initial agrees", so how often names
are written out says nothing about who people are. Chances are learned within a group.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from .table import Column, Table, digests

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
    also_exact: int = 0
    """Another level of which the values agree exactly, as rare among strangers as the value is."""
    personal: bool = True
    """Whether two people of one household differ in it as strangers do: a given name, and not a surname."""


GIVEN = Field(
    "given_name",
    (
        *(
            "unknown",
            "exact",
            "part",
            "near",
            "similar",
            "different",
            "swapped",
            "initials",
            "initial",
            "other_initial",
        ),
        "two_names",
    ),
    (0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 1),
    (1.0, 0.77, 0.05, 0.09, 0.03, 0.04, 0.01, 0.20, 0.76, 0.04, 0.01),
    (1.0, 0.9, 0.05, 0.03, 0.01, 0.01, 0.001, 0.3, 0.69, 0.01, 0.01),
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
    ("unknown", "exact", "near", "two_parts", "year", "other_year", "mail_year", "other_mail_year"),
    (0, 1, 1, 1, 1, 1, 2, 2),
    (1.0, 0.86, 0.07, 0.03, 0.01, 0.03, 0.1, 0.9),
    (1.0, 0.3, 0.2, 0.2, 0.2, 0.1, 0.02, 0.98),
    rarity="birth",
)
"""`mail_year`: one date is unknown, and the e-mail address there has the year of the other (jansen74@)."""
EMAIL = Field(
    "email",
    ("unknown", "exact", "near", "different", "named", "family", "family_or_own"),
    (0, 1, 1, 1, 1, 1, 1),
    (1.0, 0.44, 0.06, 0.26, 0.11, 0.05, 0.08),
    (1.0, 0.05, 0.01, 0.70, 0.04, 0.12, 0.08),
    rarity="email",
    also_exact=5,
    personal=False,
)
"""`named`: the same address, which says no more than the name that both have (j.jansen@); two strangers of one name came to
it far more often than to any other. `family`: the same address, which says that it is a family's (fam.jansen57@).
`family_or_own`: two addresses, one of which is a family's."""
NAMED = EMAIL.codes.index("named")
PHONE = Field(
    "phone",
    ("unknown", "exact", "near", "different", "line", "other_kind"),
    (0, 1, 1, 1, 1, 1),
    (1.0, 0.45, 0.05, 0.23, 0.15, 0.12),
    (1.0, 0.08, 0.02, 0.50, 0.22, 0.18),
    rarity="phone",
    also_exact=4,
    personal=False,
)
"""`exact`: the same mobile number, which is somebody's; `line`: the same number of another kind, which is a house's.
`other_kind`: a mobile number and another, of which nobody would think that they are the same."""

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


def facts_of(table: Table) -> list[tuple[str, Callable[[list[str]], Any]]]:
    """What is to be known of a table's distinct values before pairs are compared and weighed, the longest to find first."""
    facts: list[tuple[str, Callable[[list[str]], Any]]] = [
        ("email", Mailboxes.of),
        ("email", _year_in_address),
        *((name, digests) for name in ("email", "phone", "birth", "surname")),
        *((name, find) for name in ("phone", "postcode") for find in (_as_bytes, Spelling.of)),
        *((name, Spelling.of) for name in ("given", "surname", "street", "city", *table.extras)),
        ("phone", _mobile),
        ("email", _family),
        ("birth", _digits_of),
        ("birth", _year_of_birth),
        ("number", _bare_numbers),
    ]
    return [(name, find) for name, find in facts if table[name].known.any()]


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
                levels[field.name] = _birth(table, left, right)
            case "address":
                levels[field.name] = _addresses(table, left, right)
            case "email":
                levels[field.name] = _email(table, left, right)
            case "phone":
                levels[field.name] = _phone(table["phone"], left, right)
            case extra:
                levels[extra] = _agreeing(table[extra], left, right, _nearly_or_in_part)
    if "email" in levels:
        named = levels["email"] == NAMED
        levels["email"][named & (levels["surname"] == SURNAME.codes.index("different"))] = EMAIL.exact
    levels["surname"][levels["given_name"] == GIVEN.codes.index("swapped")] = 0  # one fact, counted once
    return levels


def _both(column: Column, left: Rows, right: Rows) -> tuple[Rows, Rows, NDArray[np.bool_]]:
    one, other = column.codes[left], column.codes[right]
    return one, other, (one > 0) & (other > 0)


@dataclass(frozen=True)
class Spelling:
    """Of each distinct value: which letters are in it (a bit each), how long it is, whether it has several words."""

    letters: NDArray[np.uint32]
    length: NDArray[np.int32]
    several: NDArray[np.bool_]

    @classmethod
    def of(cls, values: Sequence[str]) -> "Spelling":
        length = np.fromiter(map(len, values), np.int32, len(values))
        text = np.frombuffer(("\0".join(values) + "\0").encode("ascii", "replace"), np.uint8)
        starts = np.concatenate(([0], np.cumsum(length[:-1] + 1, dtype=np.int64)))
        bits = np.where(text > 32, np.uint32(1) << (text & 31).astype(np.uint32), np.uint32(0))
        return cls(np.bitwise_or.reduceat(bits, starts), length, np.bitwise_or.reduceat(text == 32, starts))


def _alike(one: Column, ones: Rows, other: Column, others: Rows, least: float) -> NDArray[np.float32]:
    """How alike values are by Jaro-Winkler; 0 well below `least`. Values too different in their letters are not measured.

    Letters of the one that the other has not cannot be matched, which bounds how many can: m of lengths a and b, where
    the likeness needs m/a + m/b to be at least `share`.
    """
    first, second = one.fact(Spelling.of), other.fact(Spelling.of)
    share = 3 * max(0.7, (least - 0.4) / 0.6) - 1 - 1e-6
    mine, yours = first.letters[ones], second.letters[others]
    a, b = first.length[ones], second.length[others]
    most = np.minimum(a - np.bitwise_count(mine & ~yours), b - np.bitwise_count(yours & ~mine))
    likely = np.flatnonzero(most * (a + b) >= share * (a * b))
    alike = np.zeros(len(ones), np.float32)
    alike[likely] = _measured(
        one.objects[ones[likely]], other.objects[others[likely]], JaroWinkler.similarity, score_cutoff=least - 1e-4
    )
    return alike


def _measured(
    one: NDArray[np.object_], other: NDArray[np.object_], scorer: Callable[..., float], *, score_cutoff: float
) -> NDArray[np.float32]:
    if not len(one):
        return np.empty(0, np.float32)
    return cpdist(one.tolist(), other.tolist(), scorer=scorer, score_cutoff=score_cutoff, dtype=np.float32)


def _as_bytes(values: Sequence[str]) -> NDArray[np.uint64]:
    """The first sixteen letters of each value, a byte each."""
    text = np.array([value[:16] for value in values], "S16") if values else np.array([], "S16")
    return text.view(np.uint64).reshape(-1, 2)


def _one_slip(column: Column, one: Rows, other: Rows) -> NDArray[np.bool_]:
    """Whether one letter was typed wrong, left out, added, or changed places with its neighbour. For short values."""
    letters, length = column.fact(_as_bytes), column.fact(Spelling.of).length
    differ = np.zeros(len(one), np.uint8)
    for part in range(2):
        differ += _different_bytes(letters[one, part] ^ letters[other, part])
    longer = length[one] - length[other]
    near = (longer == 0) & (differ == 1)
    maybe = np.flatnonzero(((longer == 0) & (differ == 2)) | (np.abs(longer) == 1) | (length[one] > 16))
    objects = column.objects
    near[maybe] = _measured(objects[one[maybe]], objects[other[maybe]], OSA.distance, score_cutoff=1) <= 1
    return near


def _letter_lost(column: Column, one: Rows, other: Rows) -> NDArray[np.bool_]:
    """As `_one_slip`, but for another letter in the place of one: Jna is Jan, and Jon is Jon."""
    spelling = column.fact(Spelling.of)
    near = (spelling.length[one] != spelling.length[other]) | (spelling.letters[one] == spelling.letters[other])
    near &= np.minimum(spelling.length[one], spelling.length[other]) > 1
    places = np.flatnonzero(near)
    near[places] = _one_slip(column, one[places], other[places])
    return near


_LOW, _HIGH = np.uint64(0x7F7F7F7F7F7F7F7F), np.uint64(0x8080808080808080)


def _different_bytes(either: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """How many of the eight bytes are not nought."""
    return np.bitwise_count((((either & _LOW) + _LOW) | either) & _HIGH)


def _words_within(one: str, other: str) -> bool:
    """Whether all words of the shorter are in the longer: `jansen` in `jansen bakker`."""
    a, b = set(one.split()), set(other.split())
    return a <= b or b <= a


def _words_shared(column: Column, one: Rows, other: Rows) -> NDArray[np.bool_]:
    several = column.fact(Spelling.of).several
    shared = several[one] | several[other]
    places = np.flatnonzero(shared)
    letters = column.fact(Spelling.of).letters
    mine, yours = letters[one[places]], letters[other[places]]
    within = ((mine & ~yours) == 0) | ((yours & ~mine) == 0)
    shared[places[~within]] = False
    places = places[within]
    objects = column.objects
    pairs = zip(objects[one[places]].tolist(), objects[other[places]].tolist(), strict=True)
    shared[places] = np.fromiter((_words_within(a, b) for a, b in pairs), bool, len(places))
    return shared


def _each_once(
    one: Rows, other: Rows, judge: Callable[[list[int], list[int]], Iterable[int]], span: int
) -> NDArray[np.uint8]:
    """What `judge` says of pairs of values, asked once for each different pair."""
    distinct, back = np.unique(one.astype(np.int64) * span + other, return_inverse=True)
    told = judge((distinct // span).tolist(), (distinct % span).tolist())
    return np.fromiter(told, np.uint8, len(distinct))[back]


def _given(table: Table, left: Rows, right: Rows) -> Levels:
    column, initials, surname = table["given"], table["initials"], table["surname"]
    one, other, written = _both(column, left, right)
    level = np.zeros(len(left), np.uint8)
    level[written] = 5
    level[written & (one == other)] = 1
    differ = np.flatnonzero(written & (one != other))
    alike = _alike(column, one[differ], column, other[differ], 0.8)
    level[differ[alike >= 0.8]] = 4
    level[differ[alike >= 0.9]] = 3
    common = column.fact(table.common)
    both = common[one[differ]] & common[other[differ]]
    level[differ[both & (alike >= 0.8)]] = 10
    level[differ[_words_shared(column, one[differ], other[differ])]] = 2
    unlike = differ[alike < 0.8]
    level[differ[(alike < 0.8) & ~both & _letter_lost(column, one[differ], other[differ])]] = 4
    level[unlike[_swapped(column, surname, left[unlike], right[unlike])]] = 6
    first, second, known = _both(initials, left, right)
    short = np.flatnonzero(~written & known)
    values = initials.values

    def of_letters(ones: list[int], others: list[int]) -> Iterator[int]:
        for a, b in ((values[n], values[m]) for n, m in zip(ones, others, strict=True)):
            yield (7 if min(len(a), len(b)) > 1 else 8) if a.startswith(b) or b.startswith(a) else 9

    level[short] = _each_once(first[short], second[short], of_letters, len(values))
    return level


def _swapped(given: Column, surname: Column, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Given name and surname in each other's place, both nearly equal."""
    full = (surname.codes[left] > 0) & (surname.codes[right] > 0)
    result = np.zeros(len(left), bool)
    rows = np.flatnonzero(full)
    rows = rows[_alike(given, given.codes[left[rows]], surname, surname.codes[right[rows]], 0.9) >= 0.9]
    rows = rows[_alike(surname, surname.codes[left[rows]], given, given.codes[right[rows]], 0.9) >= 0.9]
    result[rows] = True
    return result


def _surname(column: Column, left: Rows, right: Rows) -> Levels:
    one, other, known = _both(column, left, right)
    level = np.zeros(len(left), np.uint8)
    level[known] = 5
    level[known & (one == other)] = 1
    differ = np.flatnonzero(known & (one != other))
    alike = _alike(column, one[differ], column, other[differ], 0.8)
    level[differ[alike >= 0.8]] = 4
    level[differ[alike >= 0.9]] = 3
    level[differ[_words_shared(column, one[differ], other[differ])]] = 2
    return level


def _digits_of(values: Sequence[str]) -> NDArray[np.uint8]:
    """Eight digits per date; a bare year has `/` for month and day."""
    text = "".join(value.ljust(8, "/") for value in values)
    return np.frombuffer(text.encode("ascii"), np.uint8).reshape(-1, 8)


_YEAR, _MONTH, _DAY = (
    np.frombuffer(bytes(mask), np.uint64)[0]
    for mask in ((255,) * 4 + (0,) * 4, (0,) * 4 + (255,) * 2 + (0,) * 2, (0,) * 6 + (255,) * 2)
)


def _birth(table: Table, left: Rows, right: Rows) -> Levels:
    column = table["birth"]
    one, other, known = _both(column, left, right)
    digits = column.fact(_digits_of)
    whole = digits[:, 4] != ord("/")
    level = np.zeros(len(left), np.uint8)
    level[known] = 5
    equal = known & (one == other)
    level[equal] = np.where(whole[one[equal]], 1, 4)
    rows = np.flatnonzero(known & (one != other))
    packed = digits.view(np.uint64)[:, 0]
    wrong = packed[one[rows]] ^ packed[other[rows]]
    year, month, day = (wrong & _YEAR) != 0, (wrong & _MONTH) != 0, (wrong & _DAY) != 0
    full = whole[one[rows]] & whole[other[rows]]
    errors = _different_bytes(wrong)
    parts = full & (year.astype(np.uint8) + month + day == 1)
    near = full & (errors == 1)
    # Two neighbours in each other's place, or day and month.
    doubtful = np.flatnonzero(full & ((errors == 2) | ~year))
    a, b = digits[one[rows[doubtful]]], digits[other[rows[doubtful]]]
    differ, crossing = a != b, (a[:, :-1] == b[:, 1:]) & (a[:, 1:] == b[:, :-1])
    turned = (errors[doubtful] == 2) & (differ[:, :-1] & differ[:, 1:] & crossing).any(1)
    crossed = ~year[doubtful] & (a[:, 4:6] == b[:, 6:]).all(1) & (a[:, 6:] == b[:, 4:6]).all(1)
    near[doubtful[turned | crossed]] = True
    level[rows[~year]] = 4
    level[rows[parts]] = 3
    level[rows[near]] = 2
    mail, years, told = table["email"], column.fact(_year_of_birth), table["email"].fact(_year_in_address)
    for known_of, this, that in ((one, left, right), (other, right, left)):
        wrote = told[mail.codes[that]]
        asked = np.flatnonzero((level == 0) & (known_of > 0) & (wrote >= 0) & (mail.codes[this] != mail.codes[that]))
        level[asked] = np.where(years[known_of[asked]] == wrote[asked], 6, 7)
    return level


def _year_of_birth(values: Sequence[str]) -> NDArray[np.int8]:
    return np.fromiter((int(value[2:4]) if value else -1 for value in values), np.int8, len(values))


def _year_in_address(values: Sequence[str]) -> NDArray[np.int8]:
    """The last two digits of what may be a year of birth before the @: `jansen74@` and `jansen1974@`; -1 without."""
    found = (_YEAR_WRITTEN.search(value) for value in values)
    return np.fromiter((int(match[1]) if match else -1 for match in found), np.int8, len(values))


_YEAR_WRITTEN = re.compile(r"[^0-9](?:19|20)?([0-9]{2})@")


def _agreeing(
    column: Column, left: Rows, right: Rows, near: Callable[[Column, Rows, Rows], NDArray[np.bool_]]
) -> Levels:
    """0 unknown, 1 the same, 2 near, 3 different."""
    one, other, known = _both(column, left, right)
    level = np.zeros(len(left), np.uint8)
    level[known] = 3
    level[known & (one == other)] = 1
    rows = np.flatnonzero(known & (one != other))
    level[rows[near(column, one[rows], other[rows])]] = 2
    return level


def _nearly(column: Column, one: Rows, other: Rows) -> NDArray[np.bool_]:
    return _alike(column, one, column, other, 0.88) >= 0.88


def _same_bare_number(column: Column, one: Rows, other: Rows) -> NDArray[np.bool_]:
    bare = column.fact(_bare_numbers)
    return bare[one] == bare[other]


def _addresses(table: Table, left: Rows, right: Rows) -> Levels:
    streets = _agreeing(table["street"], left, right, _nearly)
    numbers = _agreeing(table["number"], left, right, _same_bare_number)
    codes = _agreeing(table["postcode"], left, right, _one_slip)
    cities = _agreeing(table["city"], left, right, _nearly)
    return (streets * np.uint8(64) + numbers * np.uint8(16) + codes * np.uint8(4) + cities).astype(np.uint8)


def _bare_numbers(values: Sequence[str]) -> NDArray[np.int32]:
    """The house number without its addition, as a number."""
    return np.fromiter((int(value.split(" ")[0]) if value else -1 for value in values), np.int32, len(values))


def _mobile(values: Sequence[str]) -> NDArray[np.bool_]:
    """Which numbers are of a mobile telephone, as the Netherlands number them."""
    return np.fromiter((len(value) == 9 and value[0] == "6" for value in values), bool, len(values))


def _phone(column: Column, left: Rows, right: Rows) -> Levels:
    level = _agreeing(column, left, right, _one_slip)
    mobile = column.fact(_mobile)
    one, other = mobile[column.codes[left]], mobile[column.codes[right]]
    level[(level == PHONE.exact) & ~one] = PHONE.also_exact
    level[(level == 3) & (one != other)] = 5
    return level


@dataclass(frozen=True)
class Mailboxes:
    """Of each distinct e-mail address a number for what stands before the @ without points (0: too short to say
    anything), whether that has several digits, a number for the digits of the whole address, and its length."""

    box: NDArray[np.int32]
    numbered: NDArray[np.bool_]
    digits: NDArray[np.int32]
    length: NDArray[np.int32]

    @classmethod
    def of(cls, values: Sequence[str]) -> "Mailboxes":
        boxes, digits = {"": 0}, {"": 0}
        box, numbered, numbers = [], [], []
        for value in values:
            name = value.split("@", 1)[0].replace(".", "")
            inside = "".join(_NUMBER.findall(name))
            box.append(boxes.setdefault(name, len(boxes)) if len(name) > 5 else 0)
            numbered.append(len(inside) > 1)
            whole = inside + "".join(_NUMBER.findall(value.partition("@")[2]))
            numbers.append(digits.setdefault(whole, len(digits)))
        length = np.fromiter(map(len, values), np.int32, len(values))
        return cls(np.array(box, np.int32), np.array(numbered, bool), np.array(numbers, np.int32), length)


_NUMBER = re.compile("[0-9]+")


def _family(values: Sequence[str]) -> NDArray[np.bool_]:
    """Which e-mail addresses say that they are a family's."""
    return np.fromiter((value.startswith("fam") for value in values), bool, len(values))


def _email(table: Table, left: Rows, right: Rows) -> Levels:
    column = table["email"]
    one, other, known = _both(column, left, right)
    level = np.zeros(len(left), np.uint8)
    level[known] = 3
    same = np.flatnonzero(known & (one == other))
    family = column.fact(_family)
    level[same] = np.where(family[one[same]], EMAIL.also_exact, EMAIL.exact)
    named = table["named"].known
    level[same[named[left[same]] & named[right[same]]]] = NAMED
    rows = np.flatnonzero(known & (one != other))
    one, other = one[rows], other[rows]
    level[rows[family[one] != family[other]]] = 6
    mail = column.fact(Mailboxes.of)
    # Of two addresses that nearly agree: jansen12@ and jansen13@ are two people who came to one provider.
    maybe = np.flatnonzero(
        (mail.digits[one] == mail.digits[other]) & (np.abs(mail.length[one] - mail.length[other]) <= 2)
    )
    objects = column.objects
    wrong = _measured(objects[one[maybe]], objects[other[maybe]], OSA.distance, score_cutoff=2)
    level[rows[maybe[wrong <= 2]]] = 2
    # jjansen@ is any J. Jansen, wherever his mail is: it says no more than the name. jjansen1974@ says more.
    boxed = np.flatnonzero((mail.box[one] == mail.box[other]) & (mail.box[one] > 0))
    level[rows[boxed]] = np.where(mail.numbered[one[boxed]], 2, 0)
    return level


def _nearly_or_in_part(column: Column, one: Rows, other: Rows) -> NDArray[np.bool_]:
    return _nearly(column, one, other) | _words_shared(column, one, other)
