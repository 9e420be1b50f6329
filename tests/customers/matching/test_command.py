"""`match_people` on files as people have them: separators, encodings, blank lines, and what is wrong named by its line."""

import csv
import json

import pytest
from django.core.management import CommandError, call_command

from benchmarks.people import COLUMNS, people


def run(tmp_path, content: bytes, mapping: dict, **options) -> list[list[str]]:
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
        **options,
    )
    return list(csv.reader(out.open()))


MAPPING = {"id": "klant", **{column: column for column in COLUMNS}}


def town_file(records: int, seed: int) -> str:
    town = people(records, seed=seed)
    rows = [("klant", *COLUMNS)]
    rows += [(name, *(town.columns[column][row] for column in COLUMNS)) for row, name in enumerate(town.ids)]
    return "\r\n".join("\t".join(row) for row in rows)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_what_a_spreadsheet_saves_as_unicode_is_read_as_any_other_file(tmp_path, encoding):
    # given: each with its byte order mark
    text = town_file(300, seed=5)
    mark = "" if encoding == "utf-16" else "\ufeff"

    # when
    plain, unicode = run(tmp_path, text.encode(), MAPPING), run(tmp_path, (mark + text).encode(encoding), MAPPING)

    # then
    assert unicode == plain
    assert len(plain) == len(text.splitlines()) > 300


def test_a_file_that_was_cut_off_within_a_letter_is_read_up_to_there(tmp_path):
    written = run(tmp_path, "id\tname\n1\tJansen\n2\tPostma".encode("utf-16")[:-1], {"id": "id", "surname": "name"})

    assert [row[0] for row in written] == ["id", "1", "2"]


def test_a_model_that_was_written_decides_alike_and_holds_nobody(tmp_path):
    # given
    text, model = town_file(1_000, seed=3), tmp_path / "model.json"
    learned = run(tmp_path, text.encode(), MAPPING, write_model=model)

    # when
    used = run(tmp_path, text.encode(), MAPPING, model=model, write_model=tmp_path / "again.json")
    few = "\r\n".join(text.split("\r\n")[:40])
    by_model, by_itself = run(tmp_path, few.encode(), MAPPING, model=model), run(tmp_path, few.encode(), MAPPING)

    # then
    assert used == learned
    assert (tmp_path / "again.json").read_text() == model.read_text()
    assert by_model != by_itself  # forty records teach little
    kept = model.read_text().lower()
    town = people(1_000, seed=3)
    values = {
        value.lower()
        for column in ("email", "phone", "birth_date", "street")
        for value in town.columns[column]
        if value
    }
    assert [value for value in values if value in kept] == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        ("not json", "no matching model"),
        ('{"version": 1}', "no matching model .a matching model of version 1"),
        ("[]", "no matching model"),
        ("{}", "no matching model"),
    ],
)
def test_a_model_that_is_none_is_said(tmp_path, content: str | None, said: str):
    model = tmp_path / "model.json"
    if content is not None:
        model.write_text(content)

    with pytest.raises(CommandError, match=said):
        run(tmp_path, b"id,name\n1,a\n", {"id": "id", "surname": "name"}, model=model)


def test_where_a_model_cannot_be_written_is_said(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere/model\.json: No such file"):
        run(tmp_path, town_file(50, seed=3).encode(), MAPPING, write_model=tmp_path / "nowhere" / "model.json")


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
