"""How alike two texts are, for many pairs of them at once: Jaro-Winkler, one slip of the fingers, words in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from .table import Column

Rows = NDArray[np.int32]


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


def likeness(one: Column, ones: Rows, other: Column, others: Rows, least: float) -> NDArray[np.float32]:
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
    alike[likely] = measured(
        one.objects[ones[likely]], other.objects[others[likely]], JaroWinkler.similarity, score_cutoff=least - 1e-4
    )
    return alike


def measured(
    one: NDArray[np.object_], other: NDArray[np.object_], scorer: Callable[..., float], *, score_cutoff: float
) -> NDArray[np.float32]:
    if not len(one):
        return np.empty(0, np.float32)
    return cpdist(one.tolist(), other.tolist(), scorer=scorer, score_cutoff=score_cutoff, dtype=np.float32)


def as_bytes(values: Sequence[str]) -> NDArray[np.uint64]:
    """The first sixteen letters of each value, a byte each."""
    text = np.array([value[:16] for value in values], "S16") if values else np.array([], "S16")
    return text.view(np.uint64).reshape(-1, 2)


def one_slip(column: Column, one: Rows, other: Rows) -> NDArray[np.bool_]:
    """Whether one letter was typed wrong, left out, added, or changed places with its neighbour. For short values."""
    letters, length = column.fact(as_bytes), column.fact(Spelling.of).length
    differ = np.zeros(len(one), np.uint8)
    for part in range(2):
        differ += different_bytes(letters[one, part] ^ letters[other, part])
    longer = length[one] - length[other]
    near = (longer == 0) & (differ == 1)
    maybe = np.flatnonzero(((longer == 0) & (differ == 2)) | (np.abs(longer) == 1) | (length[one] > 16))
    objects = column.objects
    near[maybe] = measured(objects[one[maybe]], objects[other[maybe]], OSA.distance, score_cutoff=1) <= 1
    return near


def letter_lost(column: Column, one: Rows, other: Rows) -> NDArray[np.bool_]:
    """As `one_slip`, but for another letter in the place of one: Jna is Jan, and Jon is Jon."""
    spelling = column.fact(Spelling.of)
    near = (spelling.length[one] != spelling.length[other]) | (spelling.letters[one] == spelling.letters[other])
    near &= np.minimum(spelling.length[one], spelling.length[other]) > 1
    places = np.flatnonzero(near)
    near[places] = one_slip(column, one[places], other[places])
    return near


_LOW, _HIGH = np.uint64(0x7F7F7F7F7F7F7F7F), np.uint64(0x8080808080808080)


def different_bytes(either: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """How many of the eight bytes are not nought."""
    return np.bitwise_count((((either & _LOW) + _LOW) | either) & _HIGH)


def _words_within(one: str, other: str) -> bool:
    """Whether all words of the shorter are in the longer: `jansen` in `jansen bakker`."""
    a, b = set(one.split()), set(other.split())
    return a <= b or b <= a


def words_shared(column: Column, one: Rows, other: Rows) -> NDArray[np.bool_]:
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
