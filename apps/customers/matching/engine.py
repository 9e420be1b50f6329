"""Matching from end to end: a whole table, or one record beside its candidates, by the same steps."""

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import blocking, clustering, gathering, training
from .comparing import Levels, compare, fields_for
from .model import AUTO, CLERICAL, GATHERED, Model, Scorer, Scores, contradictions
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
    order = np.argsort(np.array(table.ids, dtype=object), kind="stable")
    ids = [table.ids[n] for n in order.tolist()]
    return Table(ids, {name: column.rows(order) for name, column in table.columns.items()}, table.reading)


def levels_of(table: Table, pairs: blocking.Pairs) -> dict[str, Levels]:
    fields = fields_for(table.reading.extras)
    levels = {f.name: np.empty(len(pairs), np.uint8) for f in fields}

    def fill(start: int) -> None:
        part = slice(start, start + CHUNK)
        for name, found in compare(table, pairs.left[part], pairs.right[part], fields).items():
            levels[name][part] = found

    fill(0)  # finds what is to be known of the values, which the others then use
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(fill, range(CHUNK, len(pairs), CHUNK)))
    return levels


def match_table(
    table: Table,
    model: Model | None = None,
    *,
    same: Iterable[tuple[str, str]] = (),
    never: Iterable[tuple[str, str]] = (),
) -> Matched:
    """Find who is who in a table; without a model one is learned from it first."""
    table = sorted_by_id(table)
    pairs, caps = blocking.candidate_pairs(table, model.caps if model else None)
    levels = levels_of(table, pairs)
    if model is None:
        model = training.train(table, pairs, levels, caps)
    scorer = Scorer(model, table)
    weight = np.empty(len(pairs), np.float32)
    probability = np.empty(len(pairs), np.float32)
    for start in range(0, len(pairs), CHUNK):
        part = slice(start, start + CHUNK)
        scores = scorer.weigh({name: values[part] for name, values in levels.items()}, pairs.left[part])
        weight[part], probability[part] = scores.weight, scores.probability

    def contradicts(left: Rows, right: Rows) -> NDArray[np.bool_]:
        found = np.empty(len(left), bool)
        for start in range(0, len(left), CHUNK):
            part = slice(start, start + CHUNK)
            found[part] = impossible(scorer, left[part], right[part])
        return found

    sure = probability >= AUTO
    same, never = list(same), list(never)
    row = {name: n for n, name in enumerate(table.ids)} if same or never else {}
    apart = sorted((row[a], row[b]) for a, b in never if a in row and b in row)
    joined, refused = clustering.cluster(
        len(table),
        pairs.left[sure],
        pairs.right[sure],
        weight[sure],
        contradicts,
        same=sorted((row[a], row[b]) for a, b in same if a in row and b in row),
        never=apart,
    )
    cluster = joined
    for _ in range(ROUNDS):
        groups = gathering.gather(scorer, pairs.left, pairs.right, levels, weight, cluster)
        sure = groups.weight >= np.log2(GATHERED / (1 - GATHERED))
        if not sure.any():
            break
        cluster, _ = clustering.cluster(
            len(table),
            groups.left[sure],
            groups.right[sure],
            groups.weight[sure],
            contradicts,
            joined=cluster,
            never=apart,
        )
    told = probability >= CLERICAL
    return Matched(
        table=table,
        model=model,
        left=pairs.left[told],
        right=pairs.right[told],
        weight=weight[told],
        probability=probability[told],
        sure=joined,
        cluster=cluster,
        refused=refused,
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
    return unlikely | other_account | (plain if scorer.model.has_families else False)


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


def blocking_keys(record: Record, model: Model) -> list[blocking.BlockingKey]:
    """The keys a record is found by: all records that share one of them are its candidates, as in a batch."""
    return blocking.keys_of(table_of([record], model.reading), model.caps)[0]


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


def blocking_keys_of(table: Table, model: Model) -> list[list[blocking.BlockingKey]]:
    """The keys of every record of a table, in the order of its rows."""
    return blocking.keys_of(table, model.caps)
