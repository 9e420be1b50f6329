"""`match_people` on files as people have them: separators, encodings, blank lines, and what is wrong named by its line."""

import csv
import json

import pytest
from django.core.management import CommandError, call_command

from benchmarks.people import COLUMNS, people


def run(tmp_path, content: bytes, mapping: dict) -> list[list[str]]:
    (tmp_path / "people.csv").write_bytes(content)
    (tmp_path / "mapping.json").write_text(json.dumps(mapping))
    out = tmp_path / "clusters.csv"
    call_command(
        "match_people",
        input=tmp_path / "people.csv",
        mapping=tmp_path / "mapping.json",
        output=out,
        verbosity=0,
        stdout=(tmp_path / "said").open("w"),
    )
    return list(csv.reader(out.open()))


def test_a_cluster_id_is_written_for_each_record_in_the_order_of_the_file(tmp_path):
    town = people(1_000, seed=3)
    lines = [";".join(("klant", *COLUMNS)), ""]
    lines += [
        ";".join((name, *(f'"{town.columns[column][row]}"' for column in COLUMNS))) for row, name in enumerate(town.ids)
    ]

    written = run(
        tmp_path, "\r\n".join(lines).encode("cp1252"), {"id": "klant", **{column: column for column in COLUMNS}}
    )

    assert written[0] == ["klant", "cluster_id"]
    assert [row[0] for row in written[1:]] == town.ids
    assert 400 < len({row[1] for row in written[1:]}) < 800


def test_columns_nobody_knows_are_compared_as_they_are(tmp_path):
    rows = ["key,first,last,born,trade"]
    rows += [f"{n},ann{chr(97 + n % 26)}e,smith{n},19{n % 90 + 10}-03-04,baker" for n in range(60)]
    rows += ["a,gwendolyn,featherstone,1871-05-06,clock maker", "b,gwendolyn,featherston,1871-05-06,clockmaker"]

    written = run(
        tmp_path,
        "\n".join(rows).encode("utf-8-sig"),
        {"id": "key", "given_name": "first", "surname": "last", "birth_date": "born", "extra": ["trade"]},
    )

    cluster = dict(written[1:])
    assert cluster["a"] == cluster["b"]
    assert cluster["1"] != cluster["2"]


@pytest.mark.parametrize(
    ("content", "mapping", "said"),
    [
        (b"id,name\n1,a\n", {"id": "id", "surname": "naam"}, "no column naam; its columns are id, name"),
        (b"id,name\n1,a\n1,b\n", {"id": "id", "surname": "name"}, "line 3: id 1 is on line 2 already"),
        (b"id,name\n,a\n", {"id": "id", "surname": "name"}, "line 2 has no id"),
        (b"id,name\n1,a,b,c\n", {"id": "id", "surname": "name"}, "line 2 has 4 values for 2 columns"),
        (b"id,name\n1,a\n", {"id": "id", "lastname": "name"}, "lastname is no field"),
        (b"id,name\n1,a\n", {"surname": "name"}, '"id" must name the column'),
    ],
)
def test_what_is_wrong_is_said(tmp_path, content: bytes, mapping: dict, said: str):
    with pytest.raises(CommandError, match=said):
        run(tmp_path, content, mapping)
