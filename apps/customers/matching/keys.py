"""What a record is found by when it comes alone: a number for each block that it stands in, which says nothing of anybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .blocking import Part, Rows, part_of, rules_for
from .table import Table, digests


@dataclass(frozen=True)
class Keys:
    """The keys of a table's rows side by side: `key`, of 63 bits, finds `row`; a block of more than `cap` records, the row
    itself counted, is no block."""

    row: Rows
    key: NDArray[np.int64]
    cap: Rows

    def by_row(self, size: int) -> list[list[tuple[int, int]]]:
        """The keys with their caps of each of so many rows, for who has few of them."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        for row, key, cap in zip(self.row.tolist(), self.key.tolist(), self.cap.tolist(), strict=True):
            found[row].append((key, cap))
        return found


def keys_of(table: Table, caps: Mapping[str, int], secret: bytes = b"") -> Keys:
    """The keys of each row: two share one exactly when a rule has them in one block.

    Nothing can be read in a key by who has not the `secret`: it is mixed of digests of the parts, each made with it. All rules
    are made at once, with a number of 8 bytes for each row and rule: for tables of up to some hundred thousand rows.
    """
    scheme = _scheme(table.reading.extras, tuple(caps.items()), secret)
    said = np.empty((len(scheme.parts) + 1, len(table)), np.uint64)
    said[-1] = 1  # in the place of a part that a rule does not have
    for place, part in enumerate(scheme.parts):
        column = part_of(table, part)
        said[place] = digests(column.values, secret)[column.codes] | 1
        said[place, column.codes == 0] = 0
    first, second, third = (said[scheme.places[:, n]] for n in range(MOST_PARTS))
    known = (first != 0) & (second != 0) & (third != 0)
    alike = scheme.either_order
    low, high = np.minimum(first[alike], second[alike]), np.maximum(first[alike], second[alike])
    first[alike], second[alike] = low, high
    mixed = np.repeat(scheme.names[:, None], len(table), axis=1)
    for some in (first, second, third):
        mixed = _mixed(mixed ^ some)
    rule_of, row = np.nonzero(known)
    return Keys(row.astype(np.int32), (mixed[known] >> np.uint64(1)).astype(np.int64), scheme.caps[rule_of])


MOST_PARTS = 3


@dataclass(frozen=True)
class _Scheme:
    """What keys are made by: each part of a rule once, and of every rule the places of its parts, a digest of its name, whether
    its first two parts may change places, and its cap."""

    parts: tuple[Part, ...]
    places: NDArray[np.intp]
    names: NDArray[np.uint64]
    either_order: NDArray[np.bool_]
    caps: Rows


@lru_cache(maxsize=4)
def _scheme(extras: tuple[str, ...], caps: tuple[tuple[str, int], ...], secret: bytes) -> _Scheme:
    """Of the rules that have a cap; kept for the model that is in force, since a newcomer is one of a few rows."""
    limits = {name: cap for name, cap in caps if cap}
    rules = [rule for rule in rules_for(extras) if rule.name in limits]
    place_of = {part: place for place, part in enumerate(dict.fromkeys(part for rule in rules for part in rule.parts))}
    places = np.full((len(rules), MOST_PARTS), len(place_of))
    for n, rule in enumerate(rules):
        places[n, : len(rule.parts)] = [place_of[part] for part in rule.parts]
    return _Scheme(
        tuple(place_of),
        places,
        digests([rule.name for rule in rules], secret),
        np.array([rule.either_order for rule in rules], bool),
        np.array([limits[rule.name] for rule in rules], np.int32),
    )


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of a number spread over all of it (splitmix64)."""
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
