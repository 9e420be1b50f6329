"""Processor time of this process's children and theirs, PostgreSQL included: steadier than a rate on a busy machine."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(*, of: int | None = None) -> float:
    """What all descendants of a process (this one) that live now have used so far, in seconds."""
    parents: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(stat.parent.name)
        parents.setdefault(int(fields[1]), []).append(pid)
        used[pid] = (int(fields[11]) + int(fields[12])) / _TICKS
    waiting, total = list(parents.get(of or os.getpid(), [])), 0.0
    while waiting:
        pid = waiting.pop()
        total += used[pid]
        waiting += parents.get(pid, [])
    return total
