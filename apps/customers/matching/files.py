"""A person table in a CSV file, and the clusters written beside its ids."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .table import PERSON_FIELDS

ENCODINGS = ("utf-8-sig", "cp1252")
SEPARATORS = ",;\t|"


class TableError(ValueError):
    """What is wrong with a file or mapping, in words for whoever made it."""


@dataclass(frozen=True)
class ColumnMapping:
    """Which column of a file is what: `fields` by our names, `extra` columns as they are."""

    id: str
    fields: Mapping[str, str]
    extra: tuple[str, ...]


@dataclass(frozen=True)
class PersonFile:
    ids: list[str]
    raw: dict[str, list[str | None]]
    extra: dict[str, list[str | None]]


def read_mapping(path: Path) -> ColumnMapping:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise TableError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise TableError(f"{path}: no JSON ({error})") from error
    if not isinstance(data, dict):
        raise TableError(f"{path}: must be an object of our field names and your column names")
    data = {name: column for name, column in data.items() if column not in (None, "", [])}
    identity, extra = data.pop("id", None), data.pop("extra", [])
    if not isinstance(identity, str):
        raise TableError(f'{path}: "id" must name the column that identifies a record')
    if not isinstance(extra, list) or not all(isinstance(column, str) for column in extra):
        raise TableError(f'{path}: "extra" must be a list of column names')
    if unknown := sorted(set(data) - set(PERSON_FIELDS)):
        raise TableError(
            f"{path}: {', '.join(unknown)} is no field; fields are {', '.join(PERSON_FIELDS)}, id and extra"
        )
    for name, column in data.items():
        if not isinstance(column, str):
            raise TableError(f'{path}: "{name}" must be the name of one column')
    if not data and not extra:
        raise TableError(f"{path}: names no field to compare")
    return ColumnMapping(identity, data, tuple(dict.fromkeys(extra)))


def read_people(path: Path, mapping: ColumnMapping) -> PersonFile:
    """Read a table; raises TableError naming the column or line that is wrong. Blank lines are passed over."""
    usual = csv.field_size_limit(10_000_000)
    try:
        return _read_people(path, mapping)
    finally:
        csv.field_size_limit(usual)  # it is of the whole process


def _read_people(path: Path, mapping: ColumnMapping) -> PersonFile:
    text = _text(path)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), skipinitialspace=True)
    header: list[str] = []
    try:
        for header in rows:
            if any(cell.strip() for cell in header):
                break
        names = [name.strip() for name in header]
        wanted = [mapping.id, *mapping.fields.values(), *mapping.extra]
        if missing := [name for name in dict.fromkeys(wanted) if name.strip() not in names]:
            raise TableError(f"{path}: no column {', '.join(missing)}; its columns are {', '.join(names) or 'none'}")
        if twice := [name for name in dict.fromkeys(wanted) if names.count(name.strip()) > 1]:
            raise TableError(f"{path}: column {', '.join(twice)} is there more than once")
        places = [names.index(name.strip()) for name in wanted]
        values: list[list[str | None]] = [[] for _ in places]
        seen: dict[str, int] = {}
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > len(names):
                raise TableError(f"{path}: line {rows.line_num} has {len(row)} values for {len(names)} columns")
            identity = row[places[0]].strip() if places[0] < len(row) else ""
            if not identity:
                raise TableError(f"{path}: line {rows.line_num} has no {mapping.id}")
            if identity in seen:
                raise TableError(
                    f"{path}: line {rows.line_num}: {mapping.id} {identity} is on line {seen[identity]} already"
                )
            seen[identity] = rows.line_num
            for place, column in zip(places, values, strict=True):
                column.append(row[place] if place < len(row) else "")
    except csv.Error as error:
        raise TableError(f"{path}: line {rows.line_num}: {error}") from error
    columns = dict(zip(mapping.fields, values[1 : 1 + len(mapping.fields)], strict=True))
    extra = dict(zip(mapping.extra, values[1 + len(mapping.fields) :], strict=True))
    return PersonFile(list(seen), columns, extra)


def write_clusters(path: Path, id_column: str, ids: Sequence[str], clusters: Mapping[str, str]) -> None:
    """A line per record in the order of the input: its id and the id of its cluster."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([id_column, "cluster_id"])
            writer.writerows((name, clusters[name]) for name in ids)
    except OSError as error:
        raise TableError(f"{path}: {error.strerror}") from error


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path}: {error.strerror}") from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace").replace("\0", "")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding).replace("\0", "")
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1").replace("\0", "")


def _separator(text: str) -> str:
    """What stands between the columns: of the header's candidates outside quotes, the one that is there most."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(part for n, part in enumerate(header.split('"')) if n % 2 == 0)
    return max(SEPARATORS, key=outside.count)
