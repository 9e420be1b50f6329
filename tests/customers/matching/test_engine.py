"""Who is who, on made-up Dutch people: the same from a batch and for a single record, whatever the order of the rows."""

import random
from functools import cache
from itertools import product

import numpy as np
import pytest
from rapidfuzz.distance import JaroWinkler

from apps.customers.matching import (
    Model,
    Reading,
    Result,
    blocking_keys,
    explain,
    match,
    read_table,
    score,
    table_of,
)
from apps.customers.matching.blocking import candidate_pairs
from apps.customers.matching.cleaning import only_a_name, phone
from apps.customers.matching.comparing import compare
from apps.customers.matching.engine import match_table
from apps.customers.matching.fields import BIRTH, EMAIL, GIVEN, PHONE, SURNAME, Field
from apps.customers.matching.spelling import likeness
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
    blocks: dict[int, list[int]] = {}
    caps: dict[int, int] = {}
    for row, keys in enumerate(blocking_keys(table, model).by_row(len(table))):
        for key, cap in keys:
            blocks.setdefault(key, []).append(row)
            caps[key] = cap

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


def level_of(field: Field, one: dict[str, str], other: dict[str, str]) -> str:
    table = table_of([one, other], Reading())
    levels = compare(table, np.array([0], np.int32), np.array([1], np.int32), [GIVEN, SURNAME, BIRTH, EMAIL, PHONE])
    return field.codes[levels[field.name][0]]


@pytest.mark.parametrize(
    ("address", "says_no_more"),
    [
        *(("j.smit@a.example", True), ("jansmit@a.example", True), ("smit@a.example", True), ("jan@a.example", True)),
        *(("jvandersmit@a.example", True), ("fam.smit@a.example", True), ("k.smit@a.example", True)),
        *(("jan.bakker@a.example", False), ("zeilen@a.example", False), ("karelsmit@a.example", False)),
    ],
)
def test_an_address_may_say_no_more_than_the_name(address: str, says_no_more: bool):
    assert only_a_name(address, "jan", "j", "smit") is says_no_more


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        *(("j.smit@a.example", "j.smit@a.example", "named"), ("j.smit7@a.example", "j.smit7@a.example", "exact")),
        *(("fam.smit7@a.example", "fam.smit7@a.example", "family"), ("bello@a.example", "bello@a.example", "exact")),
        *(
            ("fam.smit7@a.example", "jan.smit@a.example", "family_or_own"),
            ("bello@a.example", "kat@b.example", "different"),
        ),
    ],
)
def test_one_address_is_worth_what_it_says_beyond_the_name(one: str, other: str, level: str):
    jan = {"given_name": "Jan", "surname": "Smit"}

    assert level_of(EMAIL, jan | {"email": one}, jan | {"email": other}) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        *(("06-12345678", "+31 6 12345678", "exact"), ("010-1234567", "+31 10 1234567", "line")),
        *(("0612345678", "0101234567", "other_kind"), ("0612345678", "0687654321", "different")),
        *(("0612345678", "061234578", "near"), ("0612345678", "6012345678", "near")),
    ],
)
def test_a_mobile_number_is_somebodys_and_another_is_of_a_house(one: str, other: str, level: str):
    assert level_of(PHONE, {"phone": one}, {"phone": other}) == level


def test_a_number_of_another_country_keeps_its_last_digits():
    assert phone("+32 470 12 34 56") == phone("0470 12 34 56") == "470123456"


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ({"birth_date": "1974-03-02"}, {"email": "jan74@a.example"}, "mail_year"),
        ({"email": "jan.1974@a.example"}, {"birth_date": "1974-03-02", "email": "zeilen@a.example"}, "mail_year"),
        ({"birth_date": "1974-03-02"}, {"email": "jan75@a.example"}, "other_mail_year"),
        ({"birth_date": "1974-03-02"}, {"email": "jan174@a.example"}, "unknown"),
        ({"birth_date": "1974-03-02", "email": "jan74@a.example"}, {"email": "jan74@a.example"}, "unknown"),
    ],
)
def test_an_address_may_have_the_year_in_which_somebody_was_born(
    one: dict[str, str], other: dict[str, str], level: str
):
    assert level_of(BIRTH, one, other) == level


def test_namesakes_with_an_address_of_their_name_are_not_joined_by_it():
    """In a town where several J. Smits say that they are j.smit@, that says little; an address with more to it still does."""
    columns = {name: list(town().columns[name]) for name in COLUMNS}
    ids = list(town().ids)
    for first, second in product("abcdefgh", "abcdefgh"):
        for birth in ("1950-01-02", "1981-07-09"):
            told = {"given_name": "Jan", "surname": f"Zwaluw{first}{second}berg", "birth_date": birth}
            told["email"] = f"jan.{told['surname'].lower()}@a.example"
            ids.append(f"z{first}{second}-{birth}")
            for name in COLUMNS:
                columns[name].append(told.get(name, ""))
    model = match(read_table(ids, columns)).model
    jan = {"given_name": "Jan", "surname": "Zwaluwaaberg"}

    [bare] = score(
        jan | {"email": "jan.zwaluwaaberg@a.example"}, [jan | {"email": "jan.zwaluwaaberg@a.example"}], model
    )
    [more] = score(jan | {"email": "zwaluw.kwekerij@a.example"}, [jan | {"email": "zwaluw.kwekerij@a.example"}], model)

    assert model.fields["email"].other[EMAIL.codes.index("named")] > 0.05
    assert bare.weight < more.weight - 2


@pytest.mark.parametrize(("differ", "two_people"), [(0.002, True), (0.2, False)])
def test_two_mobile_numbers_are_two_peoples_where_hardly_anybody_has_two(differ: float, two_people: bool):
    """A father and a son of one name and house: what says neither number joins one of them, and does not join the two."""
    model = Model.from_json(matched().model.as_json())
    model.fields["phone"].same[PHONE.codes.index("different")] = differ
    ahmed = {"given_name": "Ahmed", "surname": "Zwaluwenberg", "postcode": "7331KX", "number": "7"}

    [found] = score(ahmed | {"phone": "0612345678"}, [ahmed | {"phone": "0687654321"}], model)

    assert found.impossible is two_people


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

    found = likeness(column, one, column, other, least) >= least

    exact = [JaroWinkler.similarity(column.values[a], column.values[b]) for a, b in zip(one, other, strict=True)]
    assert found.tolist() == (np.array(exact, np.float32) >= least).tolist()
    assert found.any()
