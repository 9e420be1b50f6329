"""People out of pairs: the surest pairs first, and never against what is known of the whole.

Chains are the danger: a father's record joins one without a given name, which joins the son's. So a pair is joined only
when no record of the one group contradicts one of the other; what is refused goes to a clerk.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
LARGEST = 150
"""Records of one group that are all compared with each other; a larger one is first divided at its weakest pairs."""


@dataclass(frozen=True)
class Refusal:
    """A pair that would have been joined, and the two rows of its groups that cannot be one person."""

    left: int
    right: int
    because: tuple[int, int]


def components(size: int, left: Rows, right: Rows) -> NDArray[np.int32]:
    """The smallest row that each row is connected to."""
    label = np.arange(size, dtype=np.int32)
    while len(left):
        # Only roots are hung lower: a row that left its root would leave behind those it was joined with before.
        one, other = label[left], label[right]
        low = np.minimum(one, other)
        np.minimum.at(label, one, low)
        np.minimum.at(label, other, low)
        while True:
            shorter = label[label]
            if (shorter == label).all():
                break
            label = shorter
        open_ = label[left] != label[right]
        left, right = left[open_], right[open_]
    return label


Judge = Callable[[Rows, Rows], NDArray[np.bool_]]
"""Says of pairs of rows which contradict each other."""


def cluster(
    size: int,
    left: Rows,
    right: Rows,
    weight: NDArray[np.float32],
    contradicts: Judge,
    *,
    joined: NDArray[np.int32] | None = None,
    same: Iterable[tuple[int, int]] = (),
    never: Iterable[tuple[int, int]] = (),
) -> tuple[NDArray[np.int32], list[Refusal]]:
    """A cluster per row (named by its first row), and the pairs refused.

    `left`, `right`, `weight` are the pairs to join. What is `joined` already (a cluster per row) stays so, and `same` are
    joined before anything else, whatever is said of them; `never` stay apart, whatever lies between, except where those
    join them. `contradicts` is asked only about rows that are not joined yet.
    """
    already = np.arange(size, dtype=np.int32) if joined is None else joined
    fixed, barred = _ends(same), _ends(never)
    already = _with(already, fixed[:, 0], fixed[:, 1])
    barred = barred[already[barred[:, 0]] != already[barred[:, 1]]]
    open_ = already[left] != already[right]
    left, right, weight = left[open_], right[open_], weight[open_]
    group = _with(already, left, right)
    rows, starts, sizes = _touched(group, left)
    apart_left, apart_right = [barred[:, 0]], [barred[:, 1]]
    for many in np.unique(sizes[sizes <= LARGEST]).tolist():
        members = rows[starts[sizes == many][:, None] + np.arange(many)]
        one, other = np.triu_indices(many, 1)
        ones, others = members[:, one].ravel(), members[:, other].ravel()
        asked = already[ones] != already[others]
        ones, others = ones[asked], others[asked]
        apart = contradicts(ones, others)
        apart_left.append(ones[apart])
        apart_right.append(others[apart])
    clash = np.concatenate(apart_left), np.concatenate(apart_right)
    quarrels = np.zeros(size, bool)
    quarrels[group[clash[0]][group[clash[0]] == group[clash[1]]]] = True
    quarrels[group[rows[starts[sizes > LARGEST]]]] = True
    result = group.copy()
    refused: list[Refusal] = []
    links_of, clashes_of = _by_group(group, quarrels, left), _by_group(group, quarrels, clash[0])
    for start, many in zip(starts.tolist(), sizes.tolist(), strict=True):
        key = int(group[rows[start]])
        if not quarrels[key]:
            continue
        those, links = rows[start : start + many], links_of[key]
        links = links[np.lexsort((right[links], left[links], -weight[links]))]
        known = clashes_of.get(key, np.array([], np.intp))
        groups = _Groups(those, already, clash[0][known], clash[1][known], contradicts if many > LARGEST else None)
        for link in links.tolist():
            if because := groups.join(int(left[link]), int(right[link])):
                refused.append(Refusal(int(left[link]), int(right[link]), because))
        result[those] = groups.names()
    return result, refused


def _ends(pairs: Iterable[tuple[int, int]]) -> NDArray[np.int32]:
    return np.array(list(pairs), np.int32).reshape(-1, 2)


def _with(already: NDArray[np.int32], left: Rows, right: Rows) -> NDArray[np.int32]:
    """The clusters there are, and those of these pairs."""
    return components(len(already), already[left], already[right])[already]


def _touched(group: NDArray[np.int32], left: Rows) -> tuple[Rows, NDArray[np.intp], NDArray[np.intp]]:
    """The rows of all groups that some pair is in, where each group begins, and how many rows it has."""
    touched = np.zeros(len(group), bool)
    touched[group[left]] = True
    rows = np.flatnonzero(touched[group]).astype(np.int32)
    rows = rows[np.argsort(group[rows], kind="stable")]
    first = np.ones(len(rows), bool)
    first[1:] = group[rows[1:]] != group[rows[:-1]]
    starts = np.flatnonzero(first)
    return rows, starts, np.diff(np.append(starts, len(rows)))


def _by_group(group: NDArray[np.int32], chosen: NDArray[np.bool_], left: Rows) -> dict[int, NDArray[np.intp]]:
    """The places of the pairs of each chosen group."""
    places = np.flatnonzero(chosen[group[left]])
    places = places[np.argsort(group[left[places]], kind="stable")]
    keys = group[left[places]]
    parts = np.split(places, np.flatnonzero(keys[1:] != keys[:-1]) + 1)
    return {int(group[left[part[0]]]): part for part in parts if len(part)}


class _Groups:
    """The groups that some rows fall into while they are joined one pair after the other.

    What contradicts what is known beforehand, or asked (`contradicts`) each time two groups are about to be joined: of
    many rows it would be too much to ask about all.
    """

    def __init__(self, rows: Rows, already: NDArray[np.int32], left: Rows, right: Rows, contradicts: Judge | None):
        self.rows = rows.tolist()
        self.owner = dict(zip(self.rows, already[rows].tolist(), strict=True))
        self.members: dict[int, list[int]] = {}
        for row in self.rows:
            self.members.setdefault(self.owner[row], []).append(row)
        self.apart: dict[int, set[int]] = {}
        for one, other in zip(left.tolist(), right.tolist(), strict=True):
            self.apart.setdefault(one, set()).add(other)
            self.apart.setdefault(other, set()).add(one)
        self.contradicts = contradicts

    def join(self, left: int, right: int) -> tuple[int, int] | None:
        """Join the groups of two rows; when they may not be, the first two rows that say so."""
        a, b = self.owner[left], self.owner[right]
        if a == b:
            return None
        if because := self._clash(self.members[a], self.members[b]):
            return because
        a, b = min(a, b), max(a, b)
        moved = self.members.pop(b)
        self.members[a] += moved
        self.owner.update(dict.fromkeys(moved, a))
        return None

    def _clash(self, ones: list[int], others: list[int]) -> tuple[int, int] | None:
        for one in ones:
            if said := self.apart.get(one):
                for other in others:
                    if other in said:
                        return one, other
        if self.contradicts is not None:
            left = np.repeat(np.array(ones, np.int32), len(others))
            right = np.tile(np.array(others, np.int32), len(ones))
            if len(places := np.flatnonzero(self.contradicts(left, right))):
                return int(left[places[0]]), int(right[places[0]])
        return None

    def names(self) -> list[int]:
        """The first row of the group of each row."""
        first = {key: min(members) for key, members in self.members.items()}
        return [first[self.owner[row]] for row in self.rows]
