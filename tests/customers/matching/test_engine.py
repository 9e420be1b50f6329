"""Who is who, on made-up Dutch people: the same from a batch and for a single record, whatever the order of the rows."""

import random
from functools import cache

import numpy as np
import pytest
from rapidfuzz.distance import JaroWinkler

from apps.customers.matching import (
    Model,
    Reading,
    Result,
    blocking_keys_of,
    explain,
    match,
    read_table,
    score,
    table_of,
)
from apps.customers.matching.blocking import candidate_pairs
from apps.customers.matching.comparing import GIVEN, SURNAME, _alike, compare
from apps.customers.matching.engine import match_table
from benchmarks.people import COLUMNS, People, people


@cache
def town() -> People:
    return people(3_000, seed=11)


@cache
def matched() -> Result:
    return match(read_table(town().ids, town().columns))


def record(row: int) -> dict[str, str]:
    return {name: town().columns[name][row] for name in COLUMNS}


def test_a_single_record_is_decided_on_as_in_the_batch():
    found, rows = matched(), {name: row for row, name in enumerate(town().ids)}
    told = {frozenset((pair.left, pair.right)): pair for pair in found.pairs}
    by_left: dict[str, list[str]] = {}
    for pair in found.pairs:
        by_left.setdefault(pair.left, []).append(pair.right)
    model = Model.from_json(found.model.as_json())

    scored = {
        frozenset((left, rights[one.candidate])): one
        for left, rights in by_left.items()
        for one in score(record(rows[left]), [record(rows[right]) for right in rights], model)
    }

    assert len(scored) == len(told) > 1_000
    for both, one in scored.items():
        assert one.weight == pytest.approx(told[both].weight, abs=0.01)
        assert one.decision == told[both].decision or one.impossible or told[both].decision == "clerical"


def test_records_share_a_key_exactly_when_a_batch_compares_them():
    model, table = matched().model, read_table(town().ids, town().columns)
    pairs, _ = candidate_pairs(table, model.caps)
    blocks: dict[str, list[int]] = {}
    caps: dict[str, int] = {}
    for row, keys in enumerate(blocking_keys_of(table, model)):
        for key in keys:
            blocks.setdefault(key.key, []).append(row)
            caps[key.key] = key.cap

    shared = {
        (a, b) for key, rows in blocks.items() if len(rows) <= caps[key] for n, b in enumerate(rows) for a in rows[:n]
    }

    assert shared == set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))


def test_the_order_of_the_rows_changes_nothing():
    order = list(range(len(town().ids)))
    random.Random(5).shuffle(order)
    shuffled = read_table(
        [town().ids[n] for n in order], {name: [town().columns[name][n] for n in order] for name in COLUMNS}
    )

    again = match(shuffled)

    assert again.clusters == matched().clusters
    assert again.model.as_json() == matched().model.as_json()
    assert again.refused == matched().refused


def test_families_are_told_apart():
    found = match_table(read_table(town().ids, town().columns))
    who = dict(zip(town().ids, town().person, strict=True))
    truth = np.array([who[name] for name in found.table.ids])

    precision, recall = _of_clusters(found.cluster, truth)

    assert precision > 0.97
    assert recall > 0.85


def test_what_is_decided_already_holds():
    first = matched()
    sure = [pair for pair in first.pairs if pair.decision == "same"]
    apart = (sure[0].left, sure[0].right)
    strangers = ("r0000001", next(name for name in town().ids if first.clusters[name] != first.clusters["r0000001"]))

    found = match(read_table(town().ids, town().columns), first.model, never=[apart], same=[strangers])

    assert found.clusters[apart[0]] != found.clusters[apart[1]]
    assert found.clusters[strangers[0]] == found.clusters[strangers[1]]


def test_an_explanation_adds_up_to_the_weight():
    found, rows = matched(), {name: row for row, name in enumerate(town().ids)}
    for pair in found.pairs[:200]:
        told = explain(record(rows[pair.left]), record(rows[pair.right]), found.model)
        assert sum(one["bits"] for one in told) == pytest.approx(pair.weight, abs=0.1)


@pytest.mark.parametrize("size", [0, 1, 2, 5])
def test_a_small_table_is_no_trouble(size: int):
    ids = [f"r{n}" for n in range(size)]

    found = match(read_table(ids, {"surname": ["Jansen"] * size}))

    assert len(found.clusters) == size


def test_a_single_record_is_read_as_its_models_table_was():
    table = read_table(["a"], {"birth_date": ["12/31/1980"]})
    assert table.reading.month_first

    assert table_of([{"birth_date": "02/03/1980"}], table.reading)["birth"].values == ["", "19800203"]


def _of_clusters(found, truth) -> tuple[float, float]:
    def pairs(labels) -> int:
        counts = np.unique(labels, return_counts=True)[1]
        return int((counts * (counts - 1) // 2).sum())

    both = pairs(found.astype(np.int64) * (truth.max() + 1) + truth)
    return both / pairs(found), both / pairs(truth)


def test_initials_are_the_given_name_that_the_email_address_says():
    reading = Reading(names=frozenset({"jan", "johanna", "thijs"}))
    told = [
        ("J.", "Smit", "jan.smit@example.org"),
        ("J.", "van der Meer", "jan74@example.org"),
        ("T.", "van Dijk", "thijsvandijk@example.org"),
        ("J.", "Jansen", "jansen@example.org"),
        ("P.", "Smit", "jan.smit@example.org"),
        ("Johanna", "Smit", "jan.smit@example.org"),
    ]

    table = table_of([dict(zip(("given_name", "surname", "email"), who, strict=True)) for who in told], reading)

    assert [table["given"].values[n] for n in table["given"].codes] == ["jan", "jan", "thijs", "", "", "johanna"]


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        *(("Jan", "Jna", "similar"), ("Evi", "Ei", "similar"), ("Sanne", "Sane", "near")),
        *(("Tim", "Tom", "two_names"), ("Martijn", "Marieke", "two_names"), ("Jan", "Piet", "different")),
        *(
            ("Jon", "Jan", "similar"),
            ("Jan Piet", "Jan", "part"),
            ("J.", "Jan", "initial"),
            ("P.", "Jan", "other_initial"),
        ),
    ],
)
def test_two_names_that_many_have_are_no_typing_error_of_each_other(one: str, other: str, level: str):
    reading = Reading(names=frozenset({"jan", "evi", "sanne", "tim", "tom", "martijn", "marieke", "piet"}))
    table = table_of([{"given_name": one}, {"given_name": other}], reading)

    [found] = compare(table, np.array([0], np.int32), np.array([1], np.int32), [GIVEN, SURNAME])["given_name"]

    assert GIVEN.codes[found] == level


def test_any_number_of_extra_columns_is_compared():
    extra = {f"column {n}": [f"value {row % 7} of {n}" for row in range(40)] for n in range(50)}
    names = {"given_name": ["Anna", "Bert"] * 20, "surname": [f"Zwaan{row // 2}" for row in range(40)]}

    result = match(read_table([str(n) for n in range(40)], names, extra=extra))

    assert len(result.clusters) == 40


@pytest.mark.parametrize("least", [0.8, 0.88, 0.9])
def test_what_is_not_measured_is_not_alike(least: float):
    column = read_table(town().ids, town().columns)["surname"]
    dice = np.random.default_rng(4)
    one, other = dice.integers(1, len(column.values), (2, 4_000)).astype(np.int32)

    found = _alike(column, one, column, other, least) >= least

    exact = [JaroWinkler.similarity(column.values[a], column.values[b]) for a, b in zip(one, other, strict=True)]
    assert found.tolist() == (np.array(exact, np.float32) >= least).tolist()
    assert found.any()
