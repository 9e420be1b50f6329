"""What a comparison is worth: Fellegi-Sunter with three kinds of pairs.

Two records are of one person, of two people of one household, or of strangers. The usual two kinds take a shared house
and surname for a shared person; the third says what a shared house is worth. The weight of a pair is

    log2( same x P(levels | same) / (house x P(levels | house) + other x P(levels | strangers)) )

in bits, with the chances of the three kinds among all pairs of the table in front.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .comparing import Levels, compare
from .fields import PHONE, Field, fields_for
from .table import Reading, Table, digest, digests

VERSION = 4
AUTO, CLERICAL = 0.95, 0.5
"""From which probability two records are taken for one person by themselves, and from which a clerk is asked. For any data."""
FIRM, GATHERED = 0.98, 0.65
"""From which two records are one person whoever else there is, and from which two groups are, when all who they may be are
weighed together. For any data."""
HARDLY = 0.01
"""How rarely one person's numbers may differ for two numbers to be two people's."""
Rows = NDArray[np.int32]
Chances = NDArray[np.float64]


@dataclass
class FieldModel:
    """Chances of each level, within its group: of the same person, one household, strangers."""

    same: Chances
    house: Chances
    other: Chances


@dataclass
class Model:
    """All that scoring needs and nothing of anybody: chances per level, how frequent common values are, by digest, block caps."""

    fields: dict[str, FieldModel]
    same: float
    house: float
    caps: dict[str, int]
    reading: Reading
    frequencies: dict[str, dict[str, float]] = field(default_factory=dict)
    rare: dict[str, float] = field(default_factory=dict)
    records: int = 0

    def as_json(self) -> str:
        return json.dumps(
            {
                "version": VERSION,
                "records": self.records,
                "same": self.same,
                "house": self.house,
                "reading": self.reading.__dict__ | {"names": sorted(self.reading.names)},
                "caps": self.caps,
                "fields": {
                    name: {kind: [float(f"{x:.6g}") for x in values] for kind, values in chances.__dict__.items()}
                    for name, chances in self.fields.items()
                },
                "frequencies": self.frequencies,
                "rare": self.rare,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "Model":
        """Raises ValueError for a model of another version."""
        data: dict[str, Any] = json.loads(text)
        if data.get("version") != VERSION:
            raise ValueError(f"a matching model of version {data.get('version')}; this is version {VERSION}")
        reading = data["reading"]
        return cls(
            fields={
                name: FieldModel(**{kind: np.array(values) for kind, values in chances.items()})
                for name, chances in data["fields"].items()
            },
            same=data["same"],
            house=data["house"],
            caps=data["caps"],
            reading=Reading(
                reading["month_first"],
                reading["first_of_january_is_a_year"],
                tuple(reading["extras"]),
                frozenset(reading["names"]),
            ),
            frequencies=data["frequencies"],
            rare=data["rare"],
            records=data["records"],
        )

    @property
    def has_families(self) -> bool:
        """Whether people of one household stand in the table at all; where they do not, a contradiction is an error."""
        return self.house > 0.02 * self.same

    @property
    def compared(self) -> list[Field]:
        return fields_for(self.reading.extras)


@dataclass
class Scores:
    """For each pair: its weight in bits, its probability, and the levels it comes from."""

    weight: NDArray[np.float32]
    probability: NDArray[np.float32]
    levels: dict[str, Levels]


class Scorer:
    """A model set beside a table: the frequencies of the table's values looked up once."""

    def __init__(self, model: Model, table: Table) -> None:
        self.model, self.table, self.fields = model, table, model.compared
        self._logs = {
            f.name: tuple(np.log2(np.maximum(chances, 1e-12)) for chances in (c.same, c.house, c.other))
            for f in self.fields
            for c in (model.fields[f.name],)
        }
        self._frequency = {f.name: self._looked_up(f) for f in self.fields if f.rarity}

    def _looked_up(self, f: Field) -> NDArray[np.float64]:
        """log2 of the chance that a stranger has the same value too, for each value of the column."""
        known, rare = self.model.frequencies.get(f.rarity, {}), self.model.rare.get(f.rarity, 0.0)
        column = self.table[f.rarity]
        size = len(column.values)
        if not rare:
            return np.full(size, self._logs[f.name][2][f.exact])
        shares = np.full(size, rare)
        if len(known) >= size:
            shares = np.array([known.get(digest(value), rare) for value in column.values])
        elif known:
            order = sorted(known)
            names = np.array([int(name, 16) for name in order], np.uint64)
            mine = column.fact(digests)
            places = np.minimum(np.searchsorted(names, mine), len(names) - 1)
            shares = np.where(names[places] == mine, np.array([known[name] for name in order])[places], rare)
        return np.log2(np.maximum(shares, 1e-9))

    def parts(self, levels: Mapping[str, Levels], left: Rows) -> dict[str, tuple[Chances, Chances, Chances]]:
        """Per field, log2 of the chance of its level among the same person, one household, strangers."""
        return dict(self.each_part(levels, left))

    def each_part(
        self, levels: Mapping[str, Levels], left: Rows
    ) -> Iterator[tuple[str, tuple[Chances, Chances, Chances]]]:
        """As `parts`, one field at a time: of millions of pairs all together would be too much."""
        for f in self.fields:
            yield f.name, self._part(f, levels[f.name], left)

    def _part(self, f: Field, level: Levels, left: Rows) -> tuple[Chances, Chances, Chances]:
        same, house, other = (logs.take(level) for logs in self._logs[f.name])
        if f.rarity:
            exact = np.flatnonzero((level == f.exact) | (level == f.also_exact) & (level > 0))
            rarity = self._frequency[f.name][self.table[f.rarity].codes[left[exact]]]
            if f.personal:
                house[exact] = np.minimum(house[exact] + rarity - other[exact], -0.5)
            other[exact] = rarity
        return same, house, other

    def weigh(self, levels: dict[str, Levels], left: Rows) -> Scores:
        model = self.model
        same = np.full(len(left), np.log2(model.same))
        house = np.full(len(left), np.log2(model.house))
        other = np.full(len(left), np.log2(1 - model.same - model.house))
        for f in self.fields:
            a, b, c = self._part(f, levels[f.name], left)
            same += a
            house += b
            other += c
        weight = same - np.logaddexp2(house, other)
        return Scores(weight.astype(np.float32), _probability(weight).astype(np.float32), levels)

    def score(self, left: Rows, right: Rows) -> Scores:
        return self.weigh(compare(self.table, left, right, self.fields), left)

    def explain(self, left: int, right: int) -> list[dict[str, Any]]:
        """Field by field why two rows are worth their weight: `field`, `level` (a code) and `bits`; they add up to the weight.

        Besides the fields there are `chance` (how rare it is at all that two records are of one person) and
        `household` (what agrees is what people of one house share).
        """
        one, other = np.array([left], np.int32), np.array([right], np.int32)
        levels = compare(self.table, one, other, self.fields)
        parts = self.parts(levels, one)
        prior = np.log2(self.model.same), np.log2(self.model.house), np.log2(1 - self.model.same - self.model.house)
        strangers = sum(float(part[2][0]) for part in parts.values()) + prior[2]
        house = sum(float(part[1][0]) for part in parts.values()) + prior[1]
        told: list[dict[str, Any]] = []
        for f in self.fields:
            level = int(levels[f.name][0])
            if level:
                bits = float(parts[f.name][0][0] - parts[f.name][2][0])
                told.append({"field": f.name, "level": f.codes[level], "bits": round(bits, 2)})
        told.append({"field": "chance", "level": "", "bits": round(float(prior[0] - prior[2]), 2)})
        shared = -float(np.logaddexp2(house, strangers) - strangers)
        told.append({"field": "household", "level": "", "bits": round(shared, 2)})
        return told


def _probability(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp2(np.clip(-weight, -60, 60)))


def contradictions(levels: Mapping[str, Levels]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Pairs of which a given name, initial or date of birth says that these are two people; and those it says so of
    plainly: another name, another initial, another year of birth with nothing alike."""
    given, birth = levels["given_name"], levels["birth_date"]
    plain = (given == 5) | (given == 9) | (birth == 5)
    return plain | (birth == 4) | (birth == 3), plain


def two_numbers(levels: Mapping[str, Levels], model: Model) -> NDArray[np.bool_]:
    """Pairs with two mobile numbers, where hardly anybody has two."""
    different = PHONE.codes.index("different")
    return (levels["phone"] == different) & bool(model.fields["phone"].same[different] < HARDLY)
