"""How alike two people are: of each field its level, for many pairs of rows at once."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from .fields import EMAIL, GIVEN, NAMED, PHONE, SURNAME, Field
from .spelling import Rows, Spelling, as_bytes, different_bytes, letter_lost, likeness, measured, one_slip, words_shared
from .table import Column, Table, digests

Levels = NDArray[np.uint8]


def facts_of(table: Table) -> list[tuple[str, Callable[[list[str]], Any]]]:
    """What is to be known of a table's distinct values before pairs are compared and weighed, the longest to find first."""
    facts: list[tuple[str, Callable[[list[str]], Any]]] = [
        ("email", Mailboxes.of),
        ("email", _year_in_address),
        *((name, digests) for name in ("email", "phone", "birth", "surname")),
        *((name, find) for name in ("phone", "postcode") for find in (as_bytes, Spelling.of)),
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
    alike = likeness(column, one[differ], column, other[differ], 0.8)
    level[differ[alike >= 0.8]] = 4
    level[differ[alike >= 0.9]] = 3
    common = column.fact(table.common)
    both = common[one[differ]] & common[other[differ]]
    level[differ[both & (alike >= 0.8)]] = 10
    level[differ[words_shared(column, one[differ], other[differ])]] = 2
    unlike = differ[alike < 0.8]
    level[differ[(alike < 0.8) & ~both & letter_lost(column, one[differ], other[differ])]] = 4
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
    rows = rows[likeness(given, given.codes[left[rows]], surname, surname.codes[right[rows]], 0.9) >= 0.9]
    rows = rows[likeness(surname, surname.codes[left[rows]], given, given.codes[right[rows]], 0.9) >= 0.9]
    result[rows] = True
    return result


def _surname(column: Column, left: Rows, right: Rows) -> Levels:
    one, other, known = _both(column, left, right)
    level = np.zeros(len(left), np.uint8)
    level[known] = 5
    level[known & (one == other)] = 1
    differ = np.flatnonzero(known & (one != other))
    alike = likeness(column, one[differ], column, other[differ], 0.8)
    level[differ[alike >= 0.8]] = 4
    level[differ[alike >= 0.9]] = 3
    level[differ[words_shared(column, one[differ], other[differ])]] = 2
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
    errors = different_bytes(wrong)
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
    return likeness(column, one, column, other, 0.88) >= 0.88


def _same_bare_number(column: Column, one: Rows, other: Rows) -> NDArray[np.bool_]:
    bare = column.fact(_bare_numbers)
    return bare[one] == bare[other]


def _addresses(table: Table, left: Rows, right: Rows) -> Levels:
    streets = _agreeing(table["street"], left, right, _nearly)
    numbers = _agreeing(table["number"], left, right, _same_bare_number)
    codes = _agreeing(table["postcode"], left, right, one_slip)
    cities = _agreeing(table["city"], left, right, _nearly)
    return (streets * np.uint8(64) + numbers * np.uint8(16) + codes * np.uint8(4) + cities).astype(np.uint8)


def _bare_numbers(values: Sequence[str]) -> NDArray[np.int32]:
    """The house number without its addition, as a number."""
    return np.fromiter((int(value.split(" ")[0]) if value else -1 for value in values), np.int32, len(values))


def _mobile(values: Sequence[str]) -> NDArray[np.bool_]:
    """Which numbers are of a mobile telephone, as the Netherlands number them."""
    return np.fromiter((len(value) == 9 and value[0] == "6" for value in values), bool, len(values))


def _phone(column: Column, left: Rows, right: Rows) -> Levels:
    level = _agreeing(column, left, right, one_slip)
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
    wrong = measured(objects[one[maybe]], objects[other[maybe]], OSA.distance, score_cutoff=2)
    level[rows[maybe[wrong <= 2]]] = 2
    # jjansen@ is any J. Jansen, wherever his mail is: it says no more than the name. jjansen1974@ says more.
    boxed = np.flatnonzero((mail.box[one] == mail.box[other]) & (mail.box[one] > 0))
    level[rows[boxed]] = np.where(mail.numbered[one[boxed]], 2, 0)
    return level


def _nearly_or_in_part(column: Column, one: Rows, other: Rows) -> NDArray[np.bool_]:
    return _nearly(column, one, other) | words_shared(column, one, other)
