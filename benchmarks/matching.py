"""Who is who: accuracy, time and memory of the matching engine, beside its peers on the same data in the same run.

    python -m benchmarks.matching [--febrl FOLDER] [--records 100000] [--seed 977] [--peers PYTHON]

FOLDER (or TOONBANK_FEBRL) has dataset1.csv to dataset3.csv, whose `rec_id` says who is who; without it only the Dutch
people are matched. PYTHON is an environment with requirements/peers.in: Splink and recordlinkage run in it, in processes of
their own. Seed 977 was not used while the engine was made; it is spent since its figures stand in docs/measured.md.
"""

import argparse
import csv
import os
import resource
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from apps.customers.matching import read_table
from apps.customers.matching.engine import match_table
from apps.customers.matching.model import AUTO
from benchmarks.harness import line
from benchmarks.people import people

FEBRL = {
    "given_name": "given_name",
    "surname": "surname",
    "birth_date": "date_of_birth",
    "street": "address_1",
    "number": "street_number",
    "postcode": "postcode",
    "city": "suburb",
}
Columns = dict[str, list[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--febrl", type=Path, default=os.environ.get("TOONBANK_FEBRL"))
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=977)
    parser.add_argument("--peers", type=Path)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; threshold {AUTO} for every set\n")
    with tempfile.TemporaryDirectory() as folder:
        # Ours first, so that what helpers take is not mixed with what the peers take.
        beside: list[tuple[str, str, Path]] = []
        if options.febrl:
            for number in (1, 2, 3):
                path = Path(options.febrl) / f"dataset{number}.csv"
                rows = list(csv.DictReader(path.open(encoding="utf-8"), skipinitialspace=True))
                ids = [row["rec_id"] for row in rows]
                columns = {name: [row[column] for row in rows] for name, column in FEBRL.items()}
                extra = {name: [row[name] for row in rows] for name in ("address_2", "state")}
                _ours(f"FEBRL {number}", ids, columns, extra, [name.split("-")[1] for name in ids])
                beside.append((f"FEBRL {number}", "febrl", path))
        made = people(options.records, options.seed)
        _ours(f"Dutch people, seed {options.seed}", made.ids, made.columns, {}, made.person)
        path = Path(folder) / "people.csv"
        beside.append(("Dutch people", "dutch", path))
        if options.peers:
            with path.open("w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["unique_id", "person", *made.columns])
                writer.writerows(zip(made.ids, made.person, *made.columns.values(), strict=True))
            for name, kind, data in beside:
                print(f"{name}, the peers")
                _peers(options.peers, kind, str(data))


def _ours(name: str, ids: Sequence[str], columns: Columns, extra: Columns, person: Sequence[object]) -> None:
    start, cpu = time.perf_counter(), _spent()
    table = read_table(ids, columns, extra=extra)
    read = time.perf_counter() - start
    found = match_table(table)
    seconds, spent = time.perf_counter() - start, _spent() - cpu
    who = dict(zip(ids, person, strict=True))
    truth = [who[one] for one in found.table.ids]
    right = sum(truth[a] == truth[b] for a, b, p in _pairs(found) if p >= AUTO)
    joined = sum(p >= AUTO for *_, p in _pairs(found))
    true = _within(truth)
    print(f"{name}: {len(ids)} records, {true} true pairs")
    line("  ours, pairs", _figures(right, joined, true))
    clusters = found.cluster.tolist()
    line("  ours, clusters", _figures(_within(zip(clusters, truth, strict=True)), _within(clusters), true))
    own, helper = (resource.getrusage(whose).ru_maxrss // 1024 for whose in WHOSE)
    memory = f"{own} MB at most, and a helper {helper} MB"
    line("  ours", f"{seconds:.1f} s", f"of it {read:.1f} s cleaning; {spent:.1f} s processor of all; {memory}")


WHOSE = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _spent() -> float:
    """Processor seconds of this process and the helpers it had."""
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, WHOSE))


def _pairs(found):
    return zip(found.left.tolist(), found.right.tolist(), found.probability.tolist(), strict=True)


def _within(labels) -> int:
    """How many pairs have one label."""
    return sum(n * (n - 1) // 2 for n in Counter(labels).values())


def _figures(right: int, joined: int, true: int) -> str:
    precision, recall = right / max(joined, 1), right / max(true, 1)
    return f"P {precision:.4f}  R {recall:.4f}  F1 {2 * precision * recall / max(precision + recall, 1e-9):.4f}"


def _peers(python: Path, kind: str, path: str) -> None:
    done = subprocess.run(
        [python, Path(__file__).parent / "matching_peers.py", kind, path], capture_output=True, text=True
    )
    print(done.stdout.rstrip() or done.stderr[-2000:])


if __name__ == "__main__":
    main()
