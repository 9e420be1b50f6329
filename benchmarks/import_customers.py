"""Customers of another system through `manage.py import_customers`: how fast, with how much memory, in how many statements; and
killed half-way, then run again.

One row in ten is of somebody who stands in the file already under another number, one in fifty has something wrong; every
second has a card, with points. Beside it, in the same run, the yardstick: the file copied into one table of texts, no more.

    python -m benchmarks.import_customers [--rows 100000]
"""

import argparse
import csv
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.harness import CHECKOUT, database, line

HEAD = (
    *("Klantnummer", "Kaartnummer", "Punten", "E-mailadres", "Mobiel", "Voornaam", "Tussenvoegsel", "Achternaam"),
    *("Geboortedatum", "Straat", "Huisnummer", "Postcode", "Plaats"),
)
_FIRST = (
    "Anna",
    "Bram",
    "Carlijn",
    "Daan",
    "Eva",
    "Femke",
    "Gijs",
    "Hanna",
    "Iris",
    "Jeroen",
    "Kim",
    "Lotte",
    "Mees",
    "Noor",
)
_LAST = (
    "Bakker",
    "Claassen",
    "Dekker",
    "Evers",
    "Faber",
    "Groen",
    "Hendriks",
    "Jansen",
    "Kuipers",
    "Mulder",
    "Postma",
    "Smit",
)
_BATCH = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    with database(), tempfile.TemporaryDirectory() as folder:
        measure(options.rows, Path(folder))


def measure(rows: int, folder: Path) -> None:
    """Print the figures of a first load, the same again, and one that was killed; fail where anything is there twice."""
    from django.core.management import call_command
    from django.db import connection

    line("load of the machine as it begins", f"{os.getloadavg()[0]:.1f}")
    first = written(folder / "first.csv", rows, start=1)
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE raw ({', '.join(f'c{n} text' for n in range(len(HEAD)))})")
        with cursor.copy("COPY raw FROM STDIN WITH (FORMAT csv, DELIMITER ';', HEADER)") as copy:
            copy.write(first.read_bytes())
    line("yardstick: the file copied as texts", f"{rows / (time.perf_counter() - started):,.0f} /s", f"{rows:,} rows")

    statements = 0

    def counted(execute, sql, params, many, context):
        nonlocal statements
        statements += 1
        return execute(sql, params, many, context)

    before = _peak()
    for name in ("a first load", "the same file again"):
        statements, started, own = 0, time.perf_counter(), time.process_time()
        with connection.execute_wrapper(counted):
            call_command("import_customers", first, system="oldshop")
        took, own = time.perf_counter() - started, time.process_time() - own
        note = f"{statements / rows:.3f} statements a row; own processor time {own * 1000 / rows:.2f} ms a row"
        line(name, f"{rows / took:,.0f} /s", note)
    line("memory of the process above what it began with", f"{_peak() - before:,.0f} MB")
    _killed(written(folder / "second.csv", rows // 5, start=rows + 1), rows // 5)
    line("load of the machine as it ends", f"{os.getloadavg()[0]:.1f}")


def _killed(file: Path, rows: int) -> None:
    """Kill the command when some rows are in, run it again, and compare with what the file says."""
    from django.core.management import call_command
    from django.db.models import Sum

    from apps.customers.models import SourceRecord
    from apps.loyalty.models import LoyaltyAccount, PointsEntry

    command = [sys.executable, "manage.py", "import_customers", str(file), "--system", "killed"]
    running = subprocess.Popen(command, cwd=CHECKOUT, env=os.environ)
    there = SourceRecord.objects.filter(source="killed")
    while there.count() < min(rows // 3, 2 * _BATCH) and running.poll() is None:
        time.sleep(0.05)
    running.send_signal(signal.SIGKILL)
    running.wait()
    cut_off = there.count()
    call_command("import_customers", file, system="killed")
    call_command("import_customers", file, system="killed")
    with file.open() as text:
        right = [row for row in csv.DictReader(text, delimiter=";") if "@" in row["E-mailadres"]]
    points = {row["Kaartnummer"]: int(row["Punten"]) for row in right if row["Punten"]}
    accounts = LoyaltyAccount.objects.filter(card_number__in=points)
    assert there.count() == len(right), (there.count(), len(right))
    assert dict(accounts.values_list("card_number", "balance")) == points
    booked = PointsEntry.objects.filter(account__in=accounts).aggregate(sum=Sum("points"))["sum"]
    assert booked == sum(points.values())
    line(
        "killed, and run again twice",
        f"{cut_off:,} in",
        f"when it was killed; then {len(right):,}, each once, and their points",
    )


def written(path: Path, rows: int, *, start: int) -> Path:
    """A file of so many customers, the same for the same numbers."""
    with path.open("w", newline="") as text:
        writer = csv.writer(text, delimiter=";")
        writer.writerow(HEAD)
        for n in range(start, start + rows):
            who = n - 7 if n % 10 == 0 else n
            card = f"{2_700_000_000_000 + n}" if n % 2 else ""
            email = "geen adres" if n % 50 == 1 else f"p{who}@example.org"
            home = who // 3
            writer.writerow(
                [
                    n,
                    card,
                    n % 900 + 1 if card else "",
                    email,
                    f"06{10_000_000 + who % 90_000_000}",
                    _FIRST[who % len(_FIRST)],
                    "van den" if who % 9 == 0 else "",
                    _LAST[home % len(_LAST)],
                    f"{1 + who % 28}-{1 + who % 12}-{1940 + who % 65}",
                    "Dorpsstraat",
                    1 + home % 200,
                    f"{1000 + home % 9000} AB",
                    "Utrecht",
                ]
            )
    return path


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
