"""Processes beside this one for what takes long in Python: cleaning columns, making blocks, comparing pairs.

A helper is a program of its own that reads tasks from a pipe and writes what came of them. It is not forked, so it may be
started wherever a program may: beside threads, or by a worker that is a daemon and may have no children by multiprocessing.
When whoever asked is gone, however that ended, its pipe ends and so does it. What a helper cannot do, because it could not
be started or was killed, is done here: the result is the same, later.
"""

import contextlib
import marshal
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")

LARGE = 50_000
"""Records from which helpers are worth starting."""
MOST = 3
"""Helpers at most: each has the table once more."""
_GONE = (EOFError, OSError, pickle.UnpicklingError)


class Texts:
    """Many texts on their way to another process, which takes a tenth of the time that it does one by one."""

    def __init__(self, texts: Sequence[str | None]) -> None:
        self.texts = texts

    def __reduce__(self) -> tuple[Callable[[bytes], "Texts"], tuple[bytes]]:
        return _unpacked, (marshal.dumps(list(self.texts), 2),)


def _unpacked(packed: bytes) -> Texts:
    return Texts(marshal.loads(packed))  # noqa: S302 - a process that this one started, or that started this one, wrote it


class Helper:
    """One process that does what it is asked, one task after the other. `kept` is what all tasks are about."""

    def __init__(self, kept: object) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(_ROOT), *filter(None, sys.path)))},
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._told, self._tells = self._process.stdin, self._process.stdout
        self._kept: list[object] = [kept]

    def ask(self, do: Callable[[Any, Any], Found], item: object) -> Found:
        """What `do(kept, item)` gives there; raises what it raises there, and OSError or EOFError when the helper is gone."""
        if self._kept:
            _write(self._told, self._kept.pop())
        _write(self._told, (do, item))
        found, failed = _read(self._tells)
        if failed is not None:
            raise failed
        result: Found = found
        return result

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._told.close()
        self._process.kill()
        self._process.wait()
        self._tells.close()


_ROOT = Path(__file__).resolve().parents[3]


def helpers_for(size: int) -> int:
    """How many helpers a table of so many records has: one for each further processor."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST, processors - 1) if size >= LARGE and sys.executable else 0


class Crew:
    """This process and its helpers, who do tasks `do(kept, item)` about one thing. They are let go at the end of a `with`."""

    def __init__(self, kept: object, helpers: int) -> None:
        self._kept = kept
        self._helpers: list[Helper] = []
        with contextlib.suppress(OSError):
            for _ in range(helpers):
                self._helpers.append(Helper(kept))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for helper in self._helpers:
            helper.close()

    def each(self, do: Callable[[Any, Item], Found], items: Iterable[Item]) -> list[Found]:
        """What comes of every item, in their order. Whoever is free takes the next one."""
        if not self._helpers:
            return [do(self._kept, item) for item in items]
        todo = list(enumerate(items))[::-1]
        found: list[Any] = [None] * len(todo)
        errors: list[BaseException] = []
        taking = threading.Lock()

        def work(ask: Callable[[Callable[[Any, Item], Found], Item], Found], helper: Helper | None) -> None:
            while True:
                with taking:
                    if not todo or errors:
                        return
                    place, item = todo.pop()
                try:
                    found[place] = ask(do, item)
                except _GONE as error:
                    with taking:
                        if helper is None:
                            errors.append(error)
                        else:
                            todo.append((place, item))
                            self._helpers.remove(helper)
                            helper.close()
                    return
                except BaseException as error:
                    errors.append(error)
                    return

        threads = [threading.Thread(target=work, args=(helper.ask, helper)) for helper in self._helpers]
        for thread in threads:
            thread.start()
        work(lambda do, item: do(self._kept, item), None)
        for thread in threads:
            thread.join()
        if todo and not errors:  # a helper went while the others had nothing left to do
            work(lambda do, item: do(self._kept, item), None)
        if errors:
            raise errors[0]
        return found

    def tell(self, do: Callable[[Any, Item], object], item: Item) -> None:
        """Have everybody do one thing to what they keep."""
        do(self._kept, item)
        for helper in list(self._helpers):
            try:
                helper.ask(do, item)
            except _GONE:
                self._helpers.remove(helper)
                helper.close()


def _write(pipe: IO[bytes], what: object) -> None:
    pickle.dump(what, pipe, pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def _read(pipe: IO[bytes]) -> Any:
    return pickle.load(pipe)  # noqa: S301 - a process that this one started, or that started this one, wrote it


def serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    """Do tasks until nobody asks any more."""
    try:
        kept = _read(asked)
        while True:
            do, item = _read(asked)
            found, failed = None, None
            try:
                found = do(kept, item)
            except Exception as error:
                failed = error
            _write(answers, (found, failed))
    except (EOFError, BrokenPipeError):
        return


def main() -> None:
    """What a helper does from its beginning to its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for who asks, whose end is the end here
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anybody prints is no answer
    serve(sys.stdin.buffer, answers)
    os._exit(0)
