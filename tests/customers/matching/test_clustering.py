"""Chains: what is joined, what is refused, and that groups are found whole."""

import numpy as np

from apps.customers.matching.clustering import cluster, components
from apps.customers.matching.engine import match
from apps.customers.matching.table import read_table
from benchmarks.people import COLUMNS, people


def rows(*values: int):
    return np.array(values, np.int32)


def test_components_are_what_is_connected():
    dice = np.random.default_rng(1)
    for _ in range(200):
        size, links = 40, 25
        left, right = dice.integers(0, size, links).astype(np.int32), dice.integers(0, size, links).astype(np.int32)
        expected = list(range(size))
        for _ in range(size):
            for a, b in zip(left.tolist(), right.tolist(), strict=True):
                expected[a] = expected[b] = min(expected[a], expected[b])

        assert components(size, left, right).tolist() == expected


def test_the_surest_pair_of_a_chain_is_joined_and_the_other_refused():
    def contradicts(left, right):
        return (left == 0) & (right == 2) | (left == 2) & (right == 0)

    found, refused = cluster(3, rows(0, 1), rows(1, 2), np.array([5, 9], np.float32), contradicts)

    assert found.tolist() == [0, 1, 1]
    assert [(one.left, one.right, one.because) for one in refused] == [(0, 1, (0, 2))]


def family(*members: tuple[str, str, str, str]) -> dict[str, str]:
    """Clusters of some records of one house amid a town; a record is (id, given name, date of birth, e-mail)."""
    town = people(3_000, seed=21)
    columns = {name: list(town.columns[name]) for name in COLUMNS}
    for _, given, birth, email in members:
        told = {"given_name": given, "birth_date": birth, "email": email, "surname": "Zwaluwenberg"}
        told |= {"street": "Kerkpad", "number": "7", "postcode": "7331 KX", "city": "Apeldoorn"}
        for name in COLUMNS:
            columns[name].append(told.get(name, ""))
    found = match(read_table([*town.ids, *(name for name, *_ in members)], columns))
    return {name: found.clusters[name] for name, *_ in members}


def test_twins_are_two_people():
    found = family(
        ("a1", "Willemijn", "1990-05-06", "fam@zwaluw.example"),
        ("a2", "Willemijn", "1990-05-06", ""),
        ("b1", "Thomas", "1990-05-06", "fam@zwaluw.example"),
        ("b2", "Thomas", "1990-05-06", ""),
    )

    assert found["a1"] == found["a2"]
    assert found["b1"] == found["b2"]
    assert found["a1"] != found["b1"]


def test_a_father_and_a_son_of_one_name_are_two_people_and_a_record_between_joins_neither_to_the_other():
    found = family(
        ("f1", "Frederik", "1955-02-03", "fam@zwaluw.example"),
        ("f2", "Frederik", "1955-02-03", ""),
        ("s1", "Frederik", "1984-11-20", "fam@zwaluw.example"),
        ("s2", "Frederik", "1984-11-20", ""),
        ("x", "F.", "", "fam@zwaluw.example"),
    )

    assert found["f1"] == found["f2"]
    assert found["s1"] == found["s2"]
    assert found["f1"] != found["s1"]


def test_initials_are_the_one_member_they_fit_and_nobodys_where_they_fit_two():
    alone = family(
        ("a", "Annelies", "1960-03-04", ""),
        ("a2", "Annelies", "1960-03-04", "annelies@zwaluw.example"),
        ("w", "Willem", "1958-07-30", ""),
        ("w2", "Willem", "1958-07-30", ""),
        ("x", "A.", "", ""),
    )
    two = family(
        ("a", "Annelies", "1960-03-04", ""),
        ("a2", "Annelies", "1960-03-04", "annelies@zwaluw.example"),
        ("w", "Arie", "1958-07-30", ""),
        ("w2", "Arie", "1958-07-30", ""),
        ("x", "A.", "", ""),
    )

    assert alone["x"] == alone["a"] == alone["a2"] != alone["w"]
    assert two["x"] not in (two["a"], two["w"])
