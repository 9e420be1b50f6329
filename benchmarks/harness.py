"""A durable PostgreSQL of its own for one benchmark, with Django on top. Nothing is left behind."""

import logging
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent


@contextmanager
def database() -> Iterator[str]:
    """Start a migrated, empty database with durable commits; yield its address. Django is set up inside."""
    sys.path.insert(0, str(CHECKOUT))
    folder = Path(tempfile.mkdtemp(prefix="toonbank-bench-"))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "TOONBANK_DATA": str(folder),
        "TOONBANK_BROKER_URL": "memory://",
        "TOONBANK_SECRET_KEY": "only-for-benchmarks-" + "0" * 50,
    }
    from config.embedded.places import Places
    from config.embedded.postgres import PostgresServer

    places = Places(folder)
    places.make()
    server = PostgresServer(places.postgres, places.run, places.logs / "postgres.log", durable=True)
    server.start(dies_with_us=True)
    server.create_database("toonbank")
    os.environ["TOONBANK_DATABASE_URL"] = server.url("toonbank")
    try:
        import django
        from django.core.management import call_command

        django.setup()
        logging.disable(logging.WARNING)
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        yield os.environ["TOONBANK_DATABASE_URL"]
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def per_second(work: Callable[[int], object], *, count: int, runs: int = 3) -> float:
    """How often a second `work(n)` runs, the median of some runs of `count` calls; n never repeats."""
    rates = []
    for run in range(runs):
        start = time.perf_counter()
        for n in range(run * count, (run + 1) * count):
            work(n)
        rates.append(count / (time.perf_counter() - start))
    return statistics.median(rates)


def cpu_ms(work: Callable[[int], object], *, first: int, count: int) -> float:
    """The processor time of this process per call, in milliseconds: steadier than a rate on a busy machine."""
    start = time.process_time()
    for n in range(first, first + count):
        work(n)
    return (time.process_time() - start) * 1000 / count


def line(name: str, value: str, note: str = "") -> None:
    print(f"{name:<58} {value:>14}  {note}", flush=True)
