"""Matching inside the running product: one new record against all others, and a whole run.

    python -m benchmarks.matching_in_place [records] [new] [--run]

Fills a durable database with made-up Dutch families whose records are joined already, and gives every record its keys. Then new
records are held against all others: first the decision alone (keys, candidates, weighed, nothing written), then as the worker
does it, with keys written, joined or asked, in transactions that are committed. Beside it stand the bare indexed probes. Every
decision is held against what the engine says when it matches all of them at once. A million take some ten minutes on two
quiet processors. With `--run` a whole run is made as well, joining included.
"""

import datetime as dt
import itertools
import os
import resource
import statistics
import sys
import time

from benchmarks.harness import database
from benchmarks.people import people
from config.memory import settle

COLUMNS = {
    "first_name": "given_name",
    "infix": "infix",
    "last_name": "surname",
    "street": "street",
    "house_number": "number",
    "house_number_suffix": "suffix",
    "postcode": "postcode",
    "city": "city",
    "email": "email",
    "phone": "phone",
}
WARM = 100  # the first ones, which are not counted
LATER = 100_000_000  # keys of customers who come later
_LONGEST = {
    "infix": 20,
    "first_name": 60,
    "last_name": 80,
    "house_number": 12,
    "house_number_suffix": 12,
    "postcode": 10,
}


def main(records: int, new: int, *, with_run: bool) -> None:
    with database():
        from django.db import connection

        from apps.customers.models import BlockKey, Doubt, Edge, MatchRequest
        from apps.customers.resolving import keeping_keys, learning

        start = time.perf_counter()
        made = people(records + new, 20_261)
        fill(made, 0, records)
        took = time.perf_counter() - start
        print(f"{records:,} records made and filled in {took:.0f} s, load {os.getloadavg()[0]:.1f}", flush=True)
        model = learning.in_force()
        MatchRequest.objects.all().delete()
        start = time.perf_counter()
        keeping_keys.keep_all(model)
        took = time.perf_counter() - start
        start = time.perf_counter()
        keeping_keys.keep_all(model)
        again = time.perf_counter() - start
        with connection.cursor() as cursor:
            for table in ("blockkey", "persondetails", "sourcerecord", "customer"):
                cursor.execute(f"VACUUM ANALYZE customers_{table}")
            cursor.execute("SELECT pg_total_relation_size('customers_blockkey')")
            size = cursor.fetchone()[0]
        print(
            f"keys of all: {took:.0f} s, of a model that makes the same ones {again:.0f} s, "
            f"{BlockKey.objects.count():,} rows, {size / 1e6:,.0f} MB, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        fill(made, records, records + new)
        MatchRequest.objects.all().delete()
        late = range(records + 1, records + new + 1)
        settle()  # as a worker does; all the people made here are looked through again and again otherwise
        said("one new record, decided", deciding(late, model)[WARM:])
        compare_with_batch(late, model)
        said("one new record, all of it, written", matching(late)[WARM:])
        probes, found = probing(late, model)
        said("bare indexed probes", probes[WARM:])
        print(f"candidates: median {statistics.median(found):.0f}, most {max(found)}")
        print(f"joined {Edge.objects.filter(basis='scored').count()}, asked {Doubt.objects.count()} of {new}")
        if with_run:
            whole_run()


def fill(made, start: int, end: int) -> None:
    """Records from `start` up to `end`: of the first call those of one person are one customer, held together by edges; later
    ones are their own."""
    from django.db import connection
    from django.utils import timezone

    from apps.core.bulk import copy_rows
    from apps.core.ids import new_id
    from apps.customers.models import Customer, Edge, PersonDetails, SourceRecord

    now = timezone.now()
    ids = range(start + 1, end + 1)
    customers = {pk: made.person[pk - 1] + 1 if start == 0 else pk + LATER for pk in ids}
    first = {customers[pk]: pk for pk in reversed(ids)}
    blank = ("email", "phone", "street", "house_number", "postcode", "city", "country")
    copy_rows(
        Customer,
        ("id", "key", "name", "since", "is_organisation", *blank),
        ((who, new_id(), made.columns["surname"][pk - 1], now, False, *[""] * len(blank)) for who, pk in first.items()),
    )
    copy_rows(
        SourceRecord,
        ("id", "key", "source", "external_id", "customer", "recorded_at"),
        ((pk, new_id(), f"s{pk % 4}", str(pk), customers[pk], now) for pk in ids),
    )
    copy_rows(
        Edge,
        ("left", "right", "kind", "basis", "evidence", "explanation", "rule_version", "actor", "reason", "recorded_at"),
        (
            (first[customers[pk]], pk, "same", "import", "", [], "2", "system", "", now)
            for pk in ids
            if first[customers[pk]] != pk
        ),
    )
    names = [*COLUMNS, "organisation", "country"]

    def told(pk: int) -> list[str | None]:
        said = [made.columns[column][pk - 1][: _LONGEST.get(name, 80)] for name, column in COLUMNS.items()]
        return [*said, "", "NL"]

    copy_rows(
        PersonDetails,
        ("source_record", *names, "birth_date", "fingerprint", "recorded_at"),
        ((pk, *told(pk), birth_of(made.columns["birth_date"][pk - 1]), str(pk), now) for pk in ids),
    )
    with connection.cursor() as cursor:
        for table, last in (("customer", max(first)), ("sourcerecord", end)):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('customers_{table}', 'id'), %s)", [last])


def birth_of(text: str) -> str | None:
    for pattern in ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, pattern).replace(tzinfo=dt.UTC).date().isoformat()
        except ValueError:
            continue
    return None


def deciding(late: range, model) -> list[float]:
    """The seconds in which it is decided about each new record; nothing is written."""
    from django.db import transaction

    from apps.customers.resolving import keeping_keys
    from apps.customers.resolving.arriving import weigh

    seconds = []
    for pk in late:
        start = time.perf_counter()
        with transaction.atomic():
            weigh(pk, keeping_keys.keys_of([pk], model).get(pk, []), model)
        seconds.append(time.perf_counter() - start)
    return seconds


def matching(late: range) -> list[float]:
    """The seconds in which each new record is matched as the worker does it."""
    from apps.customers.models import MatchRequest
    from apps.customers.resolving.arriving import match_waiting

    seconds = []
    for pk in late:
        MatchRequest.objects.create(record_id=pk)
        start = time.perf_counter()
        match_waiting(limit=1)
        seconds.append(time.perf_counter() - start)
    return seconds


def probing(late: range, model) -> tuple[list[float], list[int]]:
    """The seconds in which those who share a key with each new record are found, and how many they are."""
    from django.db import transaction

    from apps.customers.resolving import keeping_keys

    seconds, found = [], []
    for pk in late:
        keys = keeping_keys.keys_of([pk], model).get(pk, [])
        start = time.perf_counter()
        with transaction.atomic():
            found.append(len(set(keeping_keys.candidates_of([keys])[0]) - {pk}))
        seconds.append(time.perf_counter() - start)
    return seconds, found


def compare_with_batch(new: range, model) -> None:
    """Whether each new record is decided about as when all are matched at once: the same pairs, the same decisions."""
    from django.db import transaction

    from apps.customers.matching import AUTO, read_table
    from apps.customers.matching.engine import match_table
    from apps.customers.models import BlockKey
    from apps.customers.resolving import keeping_keys, persons
    from apps.customers.resolving.arriving import weigh

    start = time.perf_counter()
    with transaction.atomic():
        keys = keeping_keys.keep(new, model)
    singly = set()
    for pk in new:
        _, others, scored = weigh(pk, keys.get(pk, []), model)
        singly |= {
            (*sorted((pk, others[one.candidate].record_id)), one.decision)
            for one in scored
            if one.decision != "different"
        }
    everybody = persons.everybody(lambda done: None)
    owner = dict(zip(everybody.record_ids, everybody.customer_ids, strict=True))
    table = read_table([f"{pk:012}" for pk in everybody.record_ids], everybody.columns, reading=model.engine.reading)
    found = match_table(table, model.engine)
    places = (found.left >= len(table) - len(new)) | (found.right >= len(table) - len(new))
    together = set()
    for left, right, chance in zip(found.left[places], found.right[places], found.probability[places], strict=True):
        pair = sorted((int(table.ids[left]), int(table.ids[right])))
        if (pair[0] in new or pair[1] in new) and owner[pair[0]] != owner[pair[1]]:
            together.add((*pair, "same" if chance >= AUTO else "clerical"))
    print(
        f"decisions as in a batch of all: {len(singly & together):,} of {len(singly | together):,}"
        f" ({len(singly - together)} only singly, {len(together - singly)} only in the batch),"
        f" in {time.perf_counter() - start:.0f} s",
        flush=True,
    )
    BlockKey.objects.filter(record_id__in=list(new)).delete()


def said(what: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p50, p95 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.95))
    rate = len(ordered) / sum(ordered)
    print(f"{what}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, {rate:.0f}/s per process, load {os.getloadavg()[0]:.1f}")


def whole_run() -> None:
    from apps.customers.resolving.rebuilding import begin, match_all

    marks: list[tuple[str, float]] = []

    def alive(doing: str, done: int) -> None:
        if not marks or marks[-1][0] != doing:
            marks.append((doing, time.perf_counter()))

    start = time.perf_counter()
    run = match_all(begin(actor="system"), alive=alive)
    marks.append(("end", time.perf_counter()))
    steps = ", ".join(f"{one[0]} {two[1] - one[1]:.0f} s" for one, two in itertools.pairwise(marks))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"whole run: {time.perf_counter() - start:.0f} s ({steps}), {memory:,.0f} MB, load {os.getloadavg()[0]:.1f}")
    print(f"joined {run.joined:,}, asked {run.asked:,}, refused {run.refused:,}, largest {run.largest}")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    main(*(numbers + [1_000_000, 1_000][len(numbers) :]), with_run="--run" in sys.argv)
