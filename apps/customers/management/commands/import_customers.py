from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.errors import DomainError
from apps.core.inbox.sheets import guess_reading, header_of, rows_of, shown
from apps.customers.importing.people import CustomerImport, SystemOptions
from apps.customers.importing.receiving import receive_people, source_called
from apps.customers.importing.session import PeopleSession
from apps.portal.importing.columns import guess_columns

BATCH = 1000
SAID = {
    "new": "new",
    "changed": "changed",
    "unchanged": "the same",
    "again": "booked before, word for word",
    "forgotten": "left out: somebody who asked to be forgotten",
    "quarantined": "set apart, with the reason, in quarantine",
    "recognised": "of the new ones recognised as somebody we know",
    "in_file": "of the new ones the same person as an earlier row",
    "alike": "of the new ones so like somebody we know that matching joins them",
    "suspect": "of the new ones possibly somebody we know; they stay apart until somebody decides",
}


class Command(BaseCommand):
    help = "Take in customers of another system from a CSV or XLSX file, through the inbox: bad rows never cost the good ones."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="a .csv or .xlsx file with a header row")
        parser.add_argument("--system", required=True, help="what the system is called here, such as lightspeed")
        parser.add_argument(
            "--verified", action="store_true", help="the system had e-mail addresses confirmed, so that they are proof"
        )
        parser.add_argument("--country", default="NL", help="of addresses and numbers without one (NL)")
        parser.add_argument(
            "--column", action="append", default=[], metavar="NAME=HEADING", help="which column of the file is which"
        )

    def handle(self, *args: Any, path: Path, system: str, verified: bool, country: str, **options: Any) -> None:
        asked = SystemOptions({"system": system, "verified": verified, "country": country})
        if not asked.is_valid():
            raise CommandError(" ".join(f"--{name}: {told.as_text()}" for name, told in asked.errors.items()))
        session = PeopleSession(system=system, verified=verified, country=country.upper(), actor=source_called(system))
        counts: Counter[str] = Counter()
        try:
            for batch in _batches(_rows(path, options["column"])):
                counts += receive_people(batch, session=session)
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write("\n".join(f"{counts[name]:>9,} {words}" for name, words in SAID.items() if counts[name]))


def _rows(path: Path, told: list[str]) -> Iterator[dict[str, str]]:
    """The rows of a file as {column: text}, empty cells left out."""
    if not path.is_file():
        raise CommandError(f"There is no file {path}.")
    reading = guess_reading(path)
    header = header_of(path, reading)
    chosen = dict(each.split("=", 1) for each in told if "=" in each)
    mapping = guess_columns(CustomerImport(), header, {}) | chosen
    if missing := [head for head in mapping.values() if head not in header]:
        raise CommandError(f"The file has no column {missing[0]}.")
    places = {name: header.index(head) for name, head in mapping.items()}
    for line in rows_of(path, reading):
        cells = {name: shown(line.cells[place]).strip() for name, place in places.items() if place < len(line.cells)}
        if row := {name: text for name, text in cells.items() if text}:
            yield row


def _batches(rows: Iterator[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
