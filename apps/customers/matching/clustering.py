"""People out of pairs: the surest pairs first, and never against what is known of the whole.

Chains are the danger: a father's record joins one without a given name, which joins the son's. So a pair is joined only
when no record of the one group contradicts one of the other; what is refused goes to a clerk.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
LARGEST = 150
"""Records of one group that are all compared with each other; a larger one is first divided at its weakest pairs."""


@dataclass(frozen=True)
class Link:
    """Two rows that are taken for one person, the surest first when sorted."""

    weight: float
    left: int
    right: int


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
    same: Iterable[tuple[int, int]] = (),
    never: Iterable[tuple[int, int]] = (),
) -> tuple[NDArray[np.int32], list[Refusal]]:
    """A cluster per row (named by its first row), and the pairs refused.

    `left`, `right`, `weight` are the pairs to join. `same` are joined before anything else, whatever is said of them;
    `never` stay apart, whatever lies between, except where `same` joins them.
    """
    fixed, barred = list(same), set(never) | {(b, a) for a, b in never}
    if fixed:
        left = np.concatenate((np.array([a for a, _ in fixed], np.int32), left))
        right = np.concatenate((np.array([b for _, b in fixed], np.int32), right))
        weight = np.concatenate((np.full(len(fixed), np.inf, np.float32), weight))
    group = components(size, left, right)
    members, pairs_of = _by_group(group, left, right)
    result = group.copy()
    refused: list[Refusal] = []
    asked_left, asked_right, bounds = [], [], []
    small: list[tuple[NDArray[np.int32], NDArray[np.intp]]] = []
    total = 0
    for key, rows in members:
        if len(rows) > LARGEST:
            kept, said = _large(rows, pairs_of[key], left, right, weight, contradicts, barred)
            result[rows] = kept
            refused += said
            continue
        one, other = np.triu_indices(len(rows), 1)
        asked_left.append(rows[one])
        asked_right.append(rows[other])
        bounds.append((total, total + len(one)))
        total += len(one)
        small.append((rows, pairs_of[key]))
    if small:
        apart = contradicts(np.concatenate(asked_left), np.concatenate(asked_right))
        quiet = ~np.logical_or.reduceat(apart, [start for start, _ in bounds])
        for place, (rows, links) in enumerate(small):
            if quiet[place] and not barred:
                continue
            start, end = bounds[place]
            matrix = np.zeros((len(rows), len(rows)), bool)
            matrix[np.triu_indices(len(rows), 1)] = apart[start:end]
            matrix |= matrix.T
            kept, said = _join(rows, links, left, right, weight, matrix, barred)
            result[rows] = kept
            refused += said
    return result, refused


def _by_group(
    group: NDArray[np.int32], left: Rows, right: Rows
) -> tuple[list[tuple[int, NDArray[np.int32]]], dict[int, NDArray[np.intp]]]:
    """The rows of each group of two and more, and the places of its pairs."""
    sizes = np.bincount(group, minlength=len(group))
    rows = np.flatnonzero(sizes[group] > 1).astype(np.int32)
    rows = rows[np.argsort(group[rows], kind="stable")]
    keys = group[rows]
    cuts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    members = [(int(group[part[0]]), part) for part in np.split(rows, cuts) if len(part)]
    order = np.argsort(group[left], kind="stable")
    keys = group[left[order]]
    cuts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    return members, {int(group[left[part[0]]]): part for part in np.split(order, cuts) if len(part)}


def _join(
    rows: NDArray[np.int32],
    links: NDArray[np.intp],
    left: Rows,
    right: Rows,
    weight: NDArray[np.float32],
    apart: NDArray[np.bool_],
    barred: set[tuple[int, int]],
) -> tuple[NDArray[np.int32], list[Refusal]]:
    place = {row: n for n, row in enumerate(rows.tolist())}
    for one, other in barred:
        if one in place and other in place:
            apart[place[one], place[other]] = True
    groups = {n: [n] for n in range(len(rows))}
    owner = list(range(len(rows)))
    refused = []
    for link in _in_order(links, left, right, weight):
        one, other = int(left[link]), int(right[link])
        a, b = owner[place[one]], owner[place[other]]
        if a == b:
            continue
        if np.isfinite(weight[link]):
            clash = apart[np.ix_(groups[a], groups[b])]
            if clash.any():
                x, y = (int(n[0]) for n in np.nonzero(clash))
                refused.append(Refusal(one, other, (int(rows[groups[a][x]]), int(rows[groups[b][y]]))))
                continue
        if b < a:
            a, b = b, a
        groups[a] += groups.pop(b)
        for n in groups[a]:
            owner[n] = a
    names = rows[[min(groups[owner[n]]) for n in range(len(rows))]]
    return names, refused


def _in_order(links: NDArray[np.intp], left: Rows, right: Rows, weight: NDArray[np.float32]) -> Sequence[int]:
    return links[np.lexsort((right[links], left[links], -weight[links]))].tolist()


def _large(
    rows: NDArray[np.int32],
    links: NDArray[np.intp],
    left: Rows,
    right: Rows,
    weight: NDArray[np.float32],
    contradicts: Judge,
    barred: set[tuple[int, int]],
) -> tuple[NDArray[np.int32], list[Refusal]]:
    """As `_join`, asking only for the pairs across each time two groups are about to be joined."""
    groups = {row: [row] for row in rows.tolist()}
    owner = {row: row for row in groups}
    refused = []
    for link in _in_order(links, left, right, weight):
        one, other = int(left[link]), int(right[link])
        a, b = owner[one], owner[other]
        if a == b:
            continue
        if np.isfinite(weight[link]):
            across_left = np.repeat(np.array(groups[a], np.int32), len(groups[b]))
            across_right = np.tile(np.array(groups[b], np.int32), len(groups[a]))
            clash = contradicts(across_left, across_right)
            if barred:
                clash |= [(x, y) in barred for x, y in zip(across_left.tolist(), across_right.tolist(), strict=True)]
            if clash.any():
                first = int(np.flatnonzero(clash)[0])
                refused.append(Refusal(one, other, (int(across_left[first]), int(across_right[first]))))
                continue
        if b < a:
            a, b = b, a
        moved = groups.pop(b)
        groups[a] += moved
        owner.update(dict.fromkeys(moved, a))
    return np.array([min(groups[owner[row]]) for row in rows.tolist()], np.int32), refused
