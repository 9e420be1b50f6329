"""The second look: whole groups beside each other, within what is known of their household.

A pair of records is weighed as if nothing else were known. But where "A. Jansen" lives with one Anna, a Willem and a
Piet, she is Anna, or somebody nobody wrote down yet; where an Arie lives there too, she may be either. So once the sure
pairs are joined, groups are weighed by all they say together, and the probability is divided among those who fit:

    P(A is B) = odds(B) / (1 + sum of odds(C) x P(B is not C)),  C everybody else that A may be

The alternative of a pair by itself is "any other of the household"; here the others that are known stand in the sum, and
what remains is whom nobody has written down yet (UNSEEN).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .comparing import Levels
from .model import Scorer

Rows = NDArray[np.int32]
LEAST = -4.0
"""Pairs of less weight, in bits, are no reason to look at their groups."""
UNSEEN = 0.5
"""People of a household who are not in the table, for each that is."""
FITS = 0.01
"""Odds below which somebody is no alternative."""


@dataclass(frozen=True)
class Groups:
    """Pairs of groups: a pair of rows that stands for them, and the odds that they are one person in their household."""

    left: Rows
    right: Rows
    weight: NDArray[np.float32]


def gather(
    scorer: Scorer,
    left: Rows,
    right: Rows,
    levels: dict[str, Levels],
    weight: NDArray[np.float32],
    cluster: NDArray[np.int32],
) -> Groups:
    """Weigh the groups that pairs of rows lie between. `cluster` names the group of each row."""
    size = np.int64(len(cluster))
    likely = np.flatnonzero(weight >= LEAST)
    key = _key(cluster, left[likely], right[likely])
    worth = np.unique(key[key >= 0])
    if not len(worth):
        nothing = np.array([], np.int32)
        return Groups(nothing, nothing, np.array([], np.float32))
    rows, place = _between(worth, cluster, left, right)
    starts = np.flatnonzero(np.concatenate(([True], place[1:] != place[:-1])))
    odds = _odds(scorer, left[rows], {name: values[rows] for name, values in levels.items()}, place, starts)
    first = rows[_last_best(weight[rows], place, starts)]
    chance = _divided(worth // size, worth % size, odds, size)
    bits = np.log2(np.maximum(chance, 1e-9)) - np.log2(np.maximum(1 - chance, 1e-9))
    return Groups(left[first], right[first], bits.astype(np.float32))


def _key(cluster: NDArray[np.int32], left: Rows, right: Rows) -> NDArray[np.int64]:
    """A number for the two groups of each pair of rows; -1 within one group."""
    one, other = cluster[left], cluster[right]
    key = np.minimum(one, other).astype(np.int64) * len(cluster) + np.maximum(one, other)
    key[one == other] = -1
    return key


def _between(
    worth: NDArray[np.int64], cluster: NDArray[np.int32], left: Rows, right: Rows
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pairs of rows between the groups that are worth weighing, and the place of these, in the order of both.

    Most pairs lie elsewhere, and fall through a sieve before they are looked up.
    """
    sieve = np.zeros(1 << 22, bool)
    sieve[_hashed(worth)] = True
    found = []
    for start in range(0, len(left), _STEP):
        key = _key(cluster, left[start : start + _STEP], right[start : start + _STEP])
        some = np.flatnonzero(sieve[_hashed(key)])
        place = np.minimum(np.searchsorted(worth, key[some]), len(worth) - 1)
        there = worth[place] == key[some]
        found.append((place[there] << 32) | (some[there] + start))
    packed = np.sort(np.concatenate(found))
    return packed & 0xFFFFFFFF, packed >> 32


_STEP = 1_000_000


def _hashed(key: NDArray[np.int64]) -> NDArray[np.uint64]:
    return (key.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(42)


def _last_best(worth: NDArray[np.floating], place: NDArray[np.int64], starts: NDArray[np.intp]) -> NDArray[np.intp]:
    """For each place the last row whose worth is greatest."""
    most = np.maximum.reduceat(worth, starts)
    best = np.flatnonzero(worth == np.repeat(most, np.diff(np.append(starts, len(place)))))
    last = np.append(place[best[1:]] != place[best[:-1]], True)
    return best[last]


def _odds(
    scorer: Scorer, left: Rows, levels: dict[str, Levels], place: NDArray[np.int64], starts: NDArray[np.intp]
) -> NDArray[np.float64]:
    """The odds of each two groups, per field by the pair of records that agrees best."""
    model = scorer.model
    same = np.full(len(starts), np.log2(model.same))
    house = np.full(len(starts), np.log2(min(model.house, model.same * UNSEEN)))
    other = np.full(len(starts), np.log2(1 - model.same - model.house))
    for name, (a, b, c) in scorer.each_part(levels, left):
        best = _last_best(np.where(levels[name] > 0, a - c, -1e6), place, starts)
        same += a[best]
        house += b[best]
        other += c[best]
    return np.exp2(np.clip(same - np.logaddexp2(house, other), -40, 40))


def _divided(
    one: NDArray[np.int64], other: NDArray[np.int64], odds: NDArray[np.float64], size: np.int64
) -> NDArray[np.float64]:
    """The probability of each pair of groups among all that either may be."""
    chance = odds / (1 + odds)
    fits = np.flatnonzero(odds >= FITS)
    start = np.concatenate((one[fits], other[fits]))
    end = np.concatenate((other[fits], one[fits]))
    link = np.concatenate((fits, fits))
    order = np.lexsort((end, start))
    start, end, link = start[order], end[order], link[order]
    first = np.searchsorted(start, start, "left")
    number = np.searchsorted(start, start, "right") - first
    rivals = np.zeros(len(start))
    keys = one * size + other
    for step in range(int(number.max(initial=0))):
        has = np.flatnonzero(number > step)
        rival = first[has] + step
        has, rival = has[rival != has], rival[rival != has]
        b, c = end[has], end[rival]
        key = np.minimum(b, c) * size + np.maximum(b, c)
        found = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        apart = 1 - np.where(keys[found] == key, chance[found], 0)
        rivals[has] += odds[link[rival]] * apart
    alone = odds[link] / (1 + odds[link] + rivals)
    result = chance.copy()
    np.minimum.at(result, link, alone)
    return result
