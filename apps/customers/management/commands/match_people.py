"""`manage.py match_people`: who is who in any table of people, without the database."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.customers.matching import Model, Result, match, read_table
from apps.customers.matching.files import TableError, read_mapping, read_people, write_clusters
from apps.customers.matching.table import PERSON_FIELDS


class Command(BaseCommand):
    help = (
        "Find out which records of a CSV file are of one person, and write a file with the id of each record and the id "
        "of its cluster (column cluster_id: the smallest id of that person's records). Nothing is read from or written "
        "to the database. "
        'The mapping is a JSON object of our field names and the file\'s column names: {"id": "rec_id", "given_name": '
        '"first_name", "surname": "last_name", "birth_date": "dob", "extra": ["profession"]}. Fields: '
        f"{', '.join(PERSON_FIELDS)}; all but id may be left out. Columns under extra are compared as they are."
    )
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--input", required=True, type=Path, help="CSV with a header; UTF-8, UTF-16 or Windows-1252"
        )
        parser.add_argument("--mapping", required=True, type=Path, help="JSON: our field names and your column names")
        parser.add_argument("--output", required=True, type=Path, help="CSV that is written: id column and cluster_id")
        parser.add_argument("--model", type=Path, help="a model written before, instead of learning one from the input")
        parser.add_argument("--write-model", type=Path, help="where the model is written, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        start = time.perf_counter()
        try:
            mapping = read_mapping(options["mapping"])
            people = read_people(options["input"], mapping)
            model = self._model(options["model"])
            table = read_table(people.ids, people.raw, extra=people.extra, reading=model.reading if model else None)
            found = match(table, model)
            write_clusters(options["output"], mapping.id, people.ids, found.clusters)
            self._write(options["write_model"], found.model)
        except TableError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{len(people.ids)} records are {len(set(found.clusters.values()))} people; {found.compared} pairs compared, "
            f"{self._open(found)} for a clerk, {len(found.refused)} of them refused "
            f"as contradictions; {time.perf_counter() - start:.1f} s"
        )

    def _open(self, found: Result) -> int:
        """Pairs in doubt that nothing else joined."""
        of = found.clusters
        return sum(pair.decision == "clerical" and of[pair.left] != of[pair.right] for pair in found.pairs)

    def _write(self, path: Path | None, model: Model) -> None:
        if path is None:
            return
        try:
            path.write_text(model.as_json())
        except OSError as error:
            raise TableError(f"{path}: {error.strerror}") from error

    def _model(self, path: Path | None) -> Model | None:
        if path is None:
            return None
        try:
            return Model.from_json(path.read_text())
        except OSError as error:
            raise TableError(f"{path}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise TableError(f"{path}: no matching model ({error})") from error
