"""Importing the whole Online Retail file, beside a bare COPY of the same rows in the same run, and what it takes in memory.

python -m benchmarks.import_sales PATH [--with-stock]

The import runs in processes of its own, so that the peak of memory is its alone: once with the first half of the rows, once
with all of them, each into an empty database.
"""

import argparse
import csv
import gzip
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.harness import database, line

YARDSTICK = 10_000  # lines a second


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--with-stock", action="store_true")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(imported(options.path, with_stock=options.with_stock)))
        return
    with tempfile.TemporaryDirectory() as folder:
        half = first_half(options.path, Path(folder))
        smaller = apart(half, with_stock=options.with_stock)
        whole = apart(options.path, with_stock=options.with_stock)
    line("bare COPY of the same rows as text", f"{whole['copied']:,.0f}/s", "the physical limit")
    line("import of the whole file", f"{whole['rate']:,.0f}/s", f"{whole['rows']:,} rows; aim {YARDSTICK:,}/s")
    line("  of the bare COPY", f"{whole['rate'] / whole['copied']:.3f}")
    line("  seconds", f"{whole['seconds']:.1f} s", "aim: below 60")
    line("  processor time of it in Python", f"{whole['python_cpu']:.1f} s")
    line("  processor time of it in PostgreSQL", f"{whole['postgres_cpu']:.1f} s")
    line("  booked + in quarantine", f"{whole['amount']}", "must be 9747747.93")
    line("the same file again", f"{whole['again']:,.0f}/s", "changes nothing")
    line("peak of memory, half of the rows", f"{smaller['peak_mb']:.0f} MB", f"{smaller['rows']:,} rows")
    line(
        "peak of memory, all rows",
        f"{whole['peak_mb']:.0f} MB",
        f"{whole['peak_mb'] / smaller['peak_mb']:.2f} of the half",
    )


def apart(path: Path, *, with_stock: bool) -> dict[str, Any]:
    """Run one import in a process of its own and read what it measured."""
    command = [sys.executable, "-m", "benchmarks.import_sales", str(path), "--alone"]
    done = subprocess.run(
        [*command, *(["--with-stock"] if with_stock else [])], check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def imported(path: Path, *, with_stock: bool) -> dict[str, Any]:
    with database():
        from django.db import connection

        from apps.tills.adapters.online_retail import OnlineRetail
        from apps.tills.services.importing import import_invoices

        connection.ensure_connection()
        backend = connection.connection.info.backend_pid
        python, postgres = time.process_time(), cpu_of(backend)
        first = import_invoices(path, adapter=OnlineRetail(), with_stock=with_stock)
        found = {
            "rows": first.tally.rows,
            "seconds": first.seconds,
            "rate": first.tally.rows / first.seconds,
            "amount": str(first.tally.booked + first.tally.quarantined),
            "python_cpu": time.process_time() - python,
            "postgres_cpu": cpu_of(backend) - postgres,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        again = import_invoices(path, adapter=OnlineRetail(), with_stock=with_stock)
        found["again"] = again.tally.rows / again.seconds
        found["copied"] = copied(path)
        return found


def copied(path: Path) -> float:
    """Rows a second of a bare COPY of the file's rows into a logged table of text columns, reading them included."""
    from django.db import connection, transaction

    with rows_of(path) as rows:
        header = next(rows)
        columns = ", ".join(f"c{n} text" for n in range(len(header)))
        started, count = time.perf_counter(), 0
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE bare ({columns})")
            with cursor.copy("COPY bare FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
                    count += 1
        return count / (time.perf_counter() - started)


@contextmanager
def rows_of(path: Path) -> Iterator[Iterator[list[str]]]:
    """The rows of a CSV file, packed or not, the header first."""
    with path.open("rb") as file:
        packed = file.peek(2)[:2] == b"\x1f\x8b"
        with gzip.open(file) if packed else file as unpacked:
            yield csv.reader(io.TextIOWrapper(unpacked, encoding="utf-8", newline=""))


def first_half(path: Path, folder: Path) -> Path:
    """The header and the first half of the rows, in a file of their own.

    Row by row: a process inherits the peak of memory of the one that started it.
    """
    with rows_of(path) as rows:
        count = sum(1 for _row in rows) - 1
    half = folder / "half.csv"
    with rows_of(path) as rows, half.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(islice(rows, 1 + count // 2))
    return half


def cpu_of(pid: int) -> float:
    """Seconds of processor time that a process of this machine has used; 0 where that cannot be read."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
