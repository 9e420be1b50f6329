"""Several processes that do one thing as fast as they can, each with a database connection of its own."""

import multiprocessing
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """How often a second in all, how long once takes (milliseconds), and what was refused, by code."""

    rate: float
    p50: float
    p99: float
    refused: Counter[str]

    def __str__(self) -> str:
        said = f"p50 {self.p50:.1f} ms, p99 {self.p99:.1f} ms"
        return f"{said}; REFUSED {dict(self.refused)}" if self.refused else said


def together(work: Callable[[int], object], *, clients: int, seconds: float) -> Pace:
    """Let so many processes call `work(n)` again and again; n never repeats, also not between calls of this function."""
    from django.db import connections

    connections.close_all()  # a connection must not be shared with a process that is forked off
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(clients), context.SimpleQueue()
    first = time.monotonic_ns()
    crowd = [
        context.Process(target=_go_on, args=(work, first + client * 10**7, seconds, start, answers))
        for client in range(clients)
    ]
    for process in crowd:
        process.start()
    told = [answers.get() for _ in crowd]
    for process in crowd:
        process.join()
    taken = sorted(ms for times, _refused in told for ms in times)
    return Pace(
        rate=len(taken) / seconds,
        p50=statistics.median(taken),
        p99=taken[len(taken) * 99 // 100],
        refused=sum((refused for _times, refused in told), Counter()),
    )


def _go_on(work, first: int, seconds: float, start, answers) -> None:
    from django.db import connection

    from apps.core.errors import DomainError

    taken: list[float] = []
    refused: Counter[str] = Counter()
    connection.ensure_connection()
    work(first)  # what is read once and kept
    start.wait()
    until = time.perf_counter() + seconds
    n = first
    while (began := time.perf_counter()) < until:
        n += 1
        try:
            work(n)
        except DomainError as error:
            refused[error.code] += 1
        else:
            taken.append((time.perf_counter() - began) * 1000)
    connection.close()
    answers.put((taken, refused))
