"""Matching from end to end: a whole table, or one record beside its candidates, by the same steps."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from operator import le
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import blocking, clustering, comparing, gathering, keys, training
from .comparing import Levels, compare
from .fields import fields_for
from .helping import Crew, helpers_for
from .model import AUTO, CLERICAL, FIRM, GATHERED, Model, Scorer, Scores, contradictions, two_numbers
from .table import PERSON_FIELDS, Reading, Table, read_table

Decision = Literal["same", "clerical", "different"]
Rows = NDArray[np.int32]
CHUNK = 250_000
ROUNDS = 2
"""How often groups are weighed anew, at most, when some of them were joined."""
IMPOSSIBLE = 0.01
"""Two groups are not joined when a pair across them contradicts each other and is less likely than this."""


@dataclass(frozen=True)
class Pair:
    """Two records by their ids, their weight in bits, and what is decided about them."""

    left: str
    right: str
    weight: float
    probability: float
    decision: Decision


@dataclass(frozen=True)
class Refused:
    """A pair that is sure enough by itself, and the two records of its groups that cannot be one person."""

    left: str
    right: str
    weight: float
    because: tuple[str, str]


@dataclass
class Result:
    """`clusters` names a cluster for every record: the smallest id in it. `pairs` are those that are decided the same or
    clerical by themselves, though groups weighed as a whole may have been joined; of a refused pair the decision is
    clerical. `compared` is how many pairs were looked at."""

    model: Model
    pairs: list[Pair]
    clusters: dict[str, str]
    refused: list[Refused]
    compared: int


@dataclass
class Matched:
    """The result as arrays, for who goes on in bulk; rows are those of `table`.

    `sure` are the clusters that pairs make by themselves, which is what a single record is decided by as well; `cluster`
    are those after groups were weighed within their household.
    """

    table: Table
    model: Model
    left: Rows
    right: Rows
    weight: NDArray[np.float32]
    probability: NDArray[np.float32]
    sure: NDArray[np.int32]
    cluster: NDArray[np.int32]
    refused: list[clustering.Refusal]
    compared: int


def sorted_by_id(table: Table) -> Table:
    """The table in the order of its ids, so that nothing depends on how rows came."""
    if all(map(le, table.ids, islice(table.ids, 1, None))):
        return table
    order = np.argsort(np.array(table.ids, dtype=object), kind="stable")
    ids = [table.ids[n] for n in order.tolist()]
    return Table(ids, {name: column.rows(order) for name, column in table.columns.items()}, table.reading)


def levels_of(table: Table, pairs: blocking.Pairs, crew: Crew) -> dict[str, Levels]:
    """How alike pairs are, compared by all of a crew that keeps the table."""
    for name, find, found in crew.each(_find, comparing.facts_of(table)):
        crew.tell(_know, (name, find, found))
    parts = [slice(start, start + CHUNK) for start in range(0, len(pairs), CHUNK)]
    made = crew.each(_compare, [(pairs.left[part], pairs.right[part]) for part in parts])
    levels = {f.name: np.empty(len(pairs), np.uint8) for f in fields_for(table.reading.extras)}
    for part, found in zip(parts, made, strict=True):
        for name, values in found.items():
            levels[name][part] = values
    return levels


Fact = tuple[str, Callable[[list[str]], Any]]


def _find(table: Table, fact: Fact) -> tuple[str, Callable[[list[str]], Any], Any]:
    name, find = fact
    return name, find, table[name].fact(find)


def _know(table: Table, told: tuple[str, Callable[[list[str]], Any], Any]) -> None:
    name, find, found = told
    table[name].know(find, found)


def _compare(table: Table, pairs: tuple[Rows, Rows]) -> dict[str, Levels]:
    return compare(table, *pairs, fields_for(table.reading.extras))


def _weights(
    model: Model, pairs: blocking.Pairs, levels: dict[str, Levels], crew: Crew
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The weight and probability of each pair."""
    crew.tell(_weigh_by, model)
    parts = [slice(start, start + CHUNK) for start in range(0, len(pairs), CHUNK)]
    chunks = [({name: values[part] for name, values in levels.items()}, pairs.left[part]) for part in parts]
    weight, probability = np.empty(len(pairs), np.float32), np.empty(len(pairs), np.float32)
    for part, (bits, chance) in zip(parts, crew.each(_weigh, chunks), strict=True):
        weight[part], probability[part] = bits, chance
    return weight, probability


def _weigh_by(table: Table, model: Model) -> None:
    table.note(Scorer, partial(Scorer, model, table))


def _weigh(table: Table, pairs: tuple[dict[str, Levels], Rows]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    scores = table.noted(Scorer).weigh(*pairs)
    return scores.weight, scores.probability


def match_table(
    table: Table,
    model: Model | None = None,
    *,
    same: Iterable[tuple[str, str]] = (),
    never: Iterable[tuple[str, str]] = (),
) -> Matched:
    """Find who is who in a table; without a model one is learned from it first."""
    table = sorted_by_id(table)
    with Crew(table, helpers_for(len(table))) as crew:
        pairs, caps = blocking.candidate_pairs(table, model.caps if model else None, crew)
        levels = levels_of(table, pairs, crew)
        if model is None:
            model = training.train(table, pairs, levels, caps)
        weight, probability = _weights(model, pairs, levels, crew)
    scorer = table.noted(Scorer)
    table.forget()

    def contradicts(left: Rows, right: Rows) -> NDArray[np.bool_]:
        found = np.empty(len(left), bool)
        for start in range(0, len(left), CHUNK):
            part = slice(start, start + CHUNK)
            found[part] = impossible(scorer, left[part], right[part])
        return found

    same, never = list(same), list(never)
    row = {name: n for n, name in enumerate(table.ids)} if same or never else {}
    together, apart = (
        sorted((row[a], row[b]) for a, b in decided if a in row and b in row) for decided in (same, never)
    )

    def join(
        left: Rows, right: Rows, weight: NDArray[np.float32], joined: NDArray[np.int32] | None = None
    ) -> tuple[NDArray[np.int32], list[clustering.Refusal]]:
        return clustering.cluster(
            len(table), left, right, weight, contradicts, joined=joined, same=together, never=apart
        )

    # The firm pairs first, which come first in any case: with them alone groups are made to be weighed as a whole.
    firm, rest = probability >= FIRM, (probability >= AUTO) & (probability < FIRM)
    cluster, refused = join(pairs.left[firm], pairs.right[firm], weight[firm])
    sure, refused_too = join(pairs.left[rest], pairs.right[rest], weight[rest], cluster)
    for _ in range(ROUNDS):
        groups = gathering.gather(scorer, pairs.left, pairs.right, levels, weight, cluster)
        enough = groups.weight >= np.log2(GATHERED / (1 - GATHERED))
        if not enough.any():
            break
        cluster, _ = join(groups.left[enough], groups.right[enough], groups.weight[enough], cluster)
    told = probability >= CLERICAL
    return Matched(
        table=table,
        model=model,
        left=pairs.left[told],
        right=pairs.right[told],
        weight=weight[told],
        probability=probability[told],
        sure=sure,
        cluster=cluster,
        refused=[*refused, *refused_too],
        compared=len(pairs),
    )


def impossible(scorer: Scorer, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Pairs that cannot be one person, whatever lies between them."""
    return contradictory(scorer, scorer.score(left, right), left, right)


def contradictory(scorer: Scorer, scores: Scores, left: Rows, right: Rows) -> NDArray[np.bool_]:
    account = scorer.table["account"].codes
    other_account = (account[left] > 0) & (account[right] > 0) & (account[left] != account[right])
    some, plain = contradictions(scores.levels)
    unlikely = some & (scores.probability < IMPOSSIBLE)
    if scorer.model.has_families:
        unlikely |= plain | two_numbers(scores.levels, scorer.model) & (scores.probability < CLERICAL)
    return unlikely | other_account


def match(
    table: Table,
    model: Model | None = None,
    *,
    same: Iterable[tuple[str, str]] = (),
    never: Iterable[tuple[str, str]] = (),
) -> Result:
    """Find who is who in a table; without a model one is learned from it first.

    `same` and `never` are pairs of ids that are decided already: they hold, whatever the records say. The result does
    not depend on the order of the rows.
    """
    same, never = list(same), list(never)
    found = match_table(table, model, same=same, never=never)
    ids, settled = found.table.ids, {frozenset(pair) for pair in (*same, *never)}
    apart = {frozenset((ids[r.left], ids[r.right])): r for r in found.refused}
    pairs, refused = [], []
    for left, right, weight, probability in zip(
        found.left.tolist(), found.right.tolist(), found.weight.tolist(), found.probability.tolist(), strict=True
    ):
        both = frozenset((ids[left], ids[right]))
        if both in settled:
            continue
        decision = decided(probability)
        if (refusal := apart.get(both)) is not None:
            decision = "clerical"
            one, other = refusal.because
            refused.append(Refused(ids[left], ids[right], weight, (ids[one], ids[other])))
        pairs.append(Pair(ids[left], ids[right], weight, probability, decision))
    clusters = {ids[row]: ids[first] for row, first in enumerate(found.cluster.tolist())}
    return Result(found.model, pairs, clusters, refused, found.compared)


def decided(probability: float) -> Decision:
    return "same" if probability >= AUTO else "clerical" if probability >= CLERICAL else "different"


Record = Mapping[str, str | None]
"""One person: any of PERSON_FIELDS, and extra fields by the names the model was learned with."""


def table_of(records: Sequence[Record], reading: Reading) -> Table:
    """A small table of single records, read as the model's table was; ids are their places."""
    return read_table(
        [str(n) for n in range(len(records))],
        {name: [record.get(name) for record in records] for name in PERSON_FIELDS},
        extra={name: [record.get(name) for record in records] for name in reading.extras},
        reading=reading,
    )


def blocking_keys(table: Table, model: Model, secret: bytes = b"") -> keys.Keys:
    """What the records of a table are found by: all that share a key are candidates, as in a batch; see `keys.keys_of`."""
    return keys.keys_of(table, model.caps, secret)


@dataclass(frozen=True)
class Scored:
    """What one candidate is to a new record. `impossible`: their groups may never be joined, whatever lies between."""

    candidate: int
    weight: float
    probability: float
    decision: Decision
    impossible: bool


def score(record: Record, candidates: Sequence[Record], model: Model) -> list[Scored]:
    """Weigh one record against others, exactly as a batch would, in the order of the candidates."""
    if not candidates:
        return []
    scorer = Scorer(model, table_of([record, *candidates], model.reading))
    left = np.zeros(len(candidates), np.int32)
    right = np.arange(1, len(candidates) + 1, dtype=np.int32)
    scores = scorer.score(left, right)
    apart = contradictory(scorer, scores, left, right)
    return [
        Scored(n, weight, probability, decided(probability), bool(apart[n]))
        for n, (weight, probability) in enumerate(zip(scores.weight.tolist(), scores.probability.tolist(), strict=True))
    ]


def explain(one: Record, other: Record, model: Model) -> list[dict[str, Any]]:
    """Why two records are worth their weight, field by field; see `Scorer.explain`."""
    return Scorer(model, table_of([one, other], model.reading)).explain(0, 1)


def clash(group: Sequence[Record], other: Sequence[Record], model: Model) -> tuple[int, int] | None:
    """The first two records of two groups (places in each) for which they may not be joined, or None."""
    scorer = Scorer(model, table_of([*group, *other], model.reading))
    left = np.repeat(np.arange(len(group), dtype=np.int32), len(other))
    right = np.tile(np.arange(len(other), dtype=np.int32), len(group)) + np.int32(len(group))
    apart = np.flatnonzero(impossible(scorer, left, right))
    return (int(apart[0]) // len(other), int(apart[0]) % len(other)) if len(apart) else None
