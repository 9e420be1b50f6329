"""Which pairs are worth comparing: those that share a key.

A rule makes one short text of a record. Records with the same text of a rule are a block, and all pairs of a block are
compared, unless the block is larger than the rule's cap: what so many people share says little about who they are, and
other rules find them. The caps belong to the model, so that a single new record meets the same candidates as in a batch.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, repeat

import numpy as np
from numpy.typing import NDArray

from . import cleaning
from .helping import Crew
from .table import Column, Table, combined

Rows = NDArray[np.int32]
Part = tuple[str, Callable[[str], str] | None]


def _first_word(value: str) -> str:
    return value.split(" ", 1)[0]


def _given_sound(value: str) -> str:
    return cleaning.sound(_first_word(value))


def _initial(value: str) -> str:
    return value[:1]


def _surname_sound(value: str) -> str:
    return cleaning.sound(max(value.split(), key=len))


def _first_four(value: str) -> str:
    return value[:4] if len(value) >= 4 else ""


def _year(value: str) -> str:
    return value[:4]


def _month_day(value: str) -> str:
    """Month and day whichever comes first."""
    return "".join(sorted((value[4:6], value[6:]))) if len(value) == 8 else ""


def _full_date(value: str) -> str:
    return value if len(value) == 8 else ""


def _mailbox(value: str) -> str:
    name = value.split("@")[0].split("+")[0].replace(".", "")
    return name if len(name) >= 6 else ""


def _street_sound(value: str) -> str:
    return cleaning.sound(value)


def _digits(value: str) -> str:
    return value.split(" ", 1)[0]


@dataclass(frozen=True)
class Rule:
    """`name` stands in keys and in models; `cap` is the largest block; `fields` are the comparisons it says something of,
    which are not learned from its pairs; `trains` rules never use the address."""

    name: str
    parts: tuple[Part, ...]
    cap: int
    fields: frozenset[str]
    trains: bool = False
    either_order: bool = False


def _rule(name: str, cap: int, fields: str, *parts: Part, trains: bool = False, either_order: bool = False) -> Rule:
    return Rule(name, parts, cap, frozenset(fields.split()), trains, either_order)


GIVEN: Part = ("given", _given_sound)
INITIAL: Part = ("initials", _initial)
SURNAME: Part = ("surname", _surname_sound)
BIRTH: Part = ("birth", _full_date)

RULES = (
    _rule("email", 40, "email", ("email", None), trains=True),
    _rule("phone", 40, "phone", ("phone", None), trains=True),
    _rule("birth-surname", 60, "birth_date surname", BIRTH, SURNAME, trains=True),
    _rule("birth-given", 60, "birth_date given_name", BIRTH, GIVEN, trains=True),
    _rule("names", 40, "given_name surname", ("given", _first_word), ("surname", None), trains=True, either_order=True),
    _rule("postcode-number", 40, "address", ("postcode", None), ("number", _digits)),
    _rule("postcode-surname", 40, "address surname", ("postcode", None), SURNAME),
    _rule("postcode-given", 40, "address given_name", ("postcode", None), GIVEN),
    _rule("postcode-initial", 25, "address given_name", ("postcode", None), INITIAL),
    _rule("birth-area", 40, "address birth_date", BIRTH, ("postcode", _first_four)),
    _rule("birth-city", 40, "address birth_date", BIRTH, ("city", None)),
    _rule("birth-initial", 40, "birth_date given_name", BIRTH, INITIAL, trains=True),
    _rule("street-number", 40, "address", ("street", _street_sound), ("number", _digits)),
    _rule("mailbox", 20, "email", ("email", _mailbox)),
    _rule(
        "sounds-year",
        40,
        "given_name surname birth_date",
        GIVEN,
        SURNAME,
        ("birth", _year),
        trains=True,
        either_order=True,
    ),
    _rule("sounds-day", 40, "given_name surname birth_date", INITIAL, SURNAME, ("birth", _month_day), trains=True),
    _rule("sounds-area", 40, "given_name surname address", INITIAL, SURNAME, ("postcode", _first_four)),
    _rule("sounds-city", 40, "given_name surname address", GIVEN, SURNAME, ("city", None)),
    _rule("surname-street", 40, "surname address", SURNAME, ("street", _street_sound)),
    _rule("given-street", 40, "given_name address", GIVEN, ("street", _street_sound)),
    _rule("sounds", 30, "given_name surname", GIVEN, SURNAME, either_order=True),
    _rule("birth", 60, "birth_date", BIRTH),
    _rule("surname", 60, "surname", ("surname", None)),
    _rule("given", 60, "given_name", ("given", None)),
    _rule("postcode", 60, "address", ("postcode", None)),
    _rule("street", 60, "address", ("street", None)),
)


def rules_for(extras: tuple[str, ...]) -> tuple[Rule, ...]:
    """The rules, with those of a table's extra fields: each beside a name and beside the date of birth.

    There are at most 63; where extra fields are many, each has fewer.
    """
    own: list[Rule] = []
    room = MOST_RULES - len(RULES)
    each = max(1, room // max(len(extras), 1))
    for extra in extras:
        part: Part = (f"x:{extra}", None)
        made = [
            _rule(f"{extra}+surname", 40, f"surname x:{extra}", SURNAME, part, trains=True),
            _rule(f"{extra}+birth", 40, f"birth_date x:{extra}", BIRTH, part, trains=True),
            _rule(
                f"{extra}+given-year",
                40,
                f"given_name birth_date x:{extra}",
                GIVEN,
                ("birth", _year),
                part,
                trains=True,
            ),
        ]
        alone = _rule(f"{extra}", 40, f"x:{extra}", part)
        own += [*made, alone][:each] if each > 1 else [alone]
    return (*RULES, *own[:room])


MOST_RULES = 63


def block_codes(table: Table, rule: Rule) -> NDArray[np.int64]:
    """A number per row, equal for rows of one block, 0 for rows without a key."""
    columns = [table.note(part, partial(part_of, table, part)) for part in rule.parts]
    if not rule.either_order:
        return combined(*columns)
    first, second, rest = columns[0], columns[1], columns[2:]
    places = {value: n for n, value in enumerate(first.values)}
    moved = np.fromiter((places.setdefault(value, len(places)) for value in second.values), np.int32)
    one, other = first.codes, moved[second.codes]
    low, high = (
        Column(list(places), np.where(first.known & second.known, np.minimum(one, other), 0)),
        Column(list(places), np.maximum(one, other)),
    )
    return combined(low, high, *rest)


def part_of(table: Table, part: Part) -> Column:
    name, derive = part
    return table[name].map(derive) if derive else table[name]


@dataclass(frozen=True)
class Block:
    """The rows of one rule, sorted by block, and where the blocks of two rows or more begin and how large they are."""

    rows: Rows
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]

    def pairs(self, cap: int) -> int:
        sizes = self.sizes[self.sizes <= cap]
        return int((sizes * (sizes - 1) // 2).sum())


def blocks(codes: NDArray[np.int64]) -> Block:
    rows = np.flatnonzero(codes)
    if len(rows) and int(codes.max()) < 2**62 // len(codes):
        packed = np.sort(codes[rows] * len(codes) + rows)  # far quicker than in which order they are
        ordered, order = np.divmod(packed, len(codes))
    else:
        order = rows[np.argsort(codes[rows], kind="stable")]
        ordered = codes[order]
    starts = (
        np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        if len(ordered)
        else np.array([], np.int64)
    )
    sizes = np.diff(np.concatenate((starts, [len(ordered)])))
    many = sizes > 1
    return Block(order.astype(np.int32), starts[many], sizes[many])


def fitting_cap(block: Block, cap: int, budget: int) -> int:
    """The largest cap up to `cap` with which a rule stays within a budget of pairs; 0 when not even pairs do."""
    sizes = np.minimum(block.sizes, cap + 1)
    numbers = np.bincount(sizes, minlength=cap + 2)[: cap + 1].astype(np.int64)
    each = np.arange(cap + 1, dtype=np.int64)
    total = np.cumsum(numbers * each * (each - 1) // 2)
    fits = np.flatnonzero(total <= budget)
    return int(fits[-1]) if len(fits) and fits[-1] > 1 else 0


def pairs_of(block: Block, cap: int) -> Iterator[tuple[Rows, Rows]]:
    """All pairs within blocks up to the cap, a size of block at a time; in each pair the earlier row comes first."""
    for size in np.unique(block.sizes[block.sizes <= cap]).tolist():
        members = block.rows[block.starts[block.sizes == size][:, None] + np.arange(size)]
        one, other = np.triu_indices(size, 1)
        yield members[:, one].ravel(), members[:, other].ravel()


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows, each once, left before right; `by` has a bit for every rule that found the pair."""

    left: Rows
    right: Rows
    by: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.left)


def budget_of(size: int) -> int:
    """How many pairs one rule may make: generous for small tables, where it costs nothing and errors are found."""
    return max(60 * min(size, 20_000), 2 * size)


def candidate_pairs(
    table: Table, caps: Mapping[str, int] | None = None, crew: Crew | None = None
) -> tuple[Pairs, dict[str, int]]:
    """Every pair that some rule finds, and the cap each rule was held to (given by a model, or by the budget).

    A crew that keeps the table shares the work.
    """
    rules = rules_for(table.reading.extras)
    places = [(place, None if caps is None else caps.get(rule.name, 0)) for place, rule in enumerate(rules)]
    crew = crew or Crew(table, 0)
    made = crew.each(_pairs_by, places)
    crew.tell(_forget, None)
    used = {rule.name: cap for rule, (cap, _) in zip(rules, made, strict=True)}
    found = [keys for _, keys in made if len(keys)]
    del made
    return _merged(found, len(table)), used


def _pairs_by(table: Table, asked: tuple[int, int | None]) -> tuple[int, NDArray[np.int64]]:
    """The cap of the rule at a place (as given, or what fits), and its pairs: numbers that end with that place."""
    place, cap = asked
    rule, size = rules_for(table.reading.extras)[place], len(table)
    block = blocks(block_codes(table, rule))
    if cap is None:
        cap = fitting_cap(block, rule.cap, budget_of(size))
    keys = np.empty(block.pairs(cap), np.int64)
    start = 0
    for left, right in pairs_of(block, cap):
        part = keys[start : start + len(left)]
        part[:] = left
        part *= size
        part += right
        start += len(left)
    keys <<= _PLACES
    keys |= place
    return cap, keys


def _forget(table: Table, _: None) -> None:
    table.forget()


_PLACES = 6
"""Bits behind a pair's number for the rule that found it."""


def _merged(found: list[NDArray[np.int64]], size: int) -> Pairs:
    """Each pair once, from numbers of pairs with the number of a rule behind it. Sorted as plain numbers: a million records
    have tens of millions. Several threads each take the pairs up to some number."""
    threads = min(4, os.cpu_count() or 1) if sum(map(len, found)) > _STEP else 1
    sample = np.sort(np.concatenate([part[::997] for part in found])) if found else np.array([], np.int64)
    ends = [int(sample[len(sample) * n // threads]) >> _PLACES << _PLACES for n in range(1, threads)]
    parts: list[list[NDArray[np.int64]]] = [[] for _ in range(threads)]
    while found:
        keys = found.pop()
        for n, (low, high) in enumerate(pairwise((None, *ends, None))):
            some = keys if low is None else keys[keys >= low]
            parts[n].append(some if high is None else some[some < high])
    with ThreadPoolExecutor(threads) as pool:
        merged = list(pool.map(_each_once, parts, repeat(size)))
    left, right, by = zip(*merged, strict=True)
    return Pairs(np.concatenate(left), np.concatenate(right), np.concatenate(by))


def _each_once(keys: list[NDArray[np.int64]], size: int) -> tuple[Rows, Rows, NDArray[np.uint64]]:
    every = np.concatenate(keys) if keys else np.array([], np.int64)
    keys.clear()
    every.sort()
    total = len(every)
    first = np.empty(total, bool)
    first[:1] = True
    np.not_equal(every[1:] >> _PLACES, every[:-1] >> _PLACES, out=first[1:])
    starts = np.flatnonzero(first)
    del first
    by = np.empty(len(starts), np.uint64)
    left, right = np.empty(len(starts), np.int32), np.empty(len(starts), np.int32)
    for at in range(0, len(starts), _STEP):
        some = starts[at : at + _STEP]
        end = int(starts[at + _STEP]) if at + _STEP < len(starts) else total
        rules = every[some[0] : end] & ((1 << _PLACES) - 1)
        by[at : at + _STEP] = np.bitwise_or.reduceat(np.uint64(1) << rules.astype(np.uint64), some - some[0])
        left[at : at + _STEP], right[at : at + _STEP] = np.divmod(every[some] >> _PLACES, size)
    return left, right, by


_STEP = 1_000_000
