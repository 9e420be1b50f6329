"""What the work of a job is given: its parameters, its owner, a way to work in safe steps and to say how far it is."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from apps.core.jobs.models import Job, JobLine, fenced
from apps.core.jobs.pulse import Pulse


class Stopped(BaseException):
    """Ends the work from inside. Not an Exception, so that no handler in the work takes it for an error of its own."""


class CancelAsked(Stopped):
    """The owner asked to stop."""


class LeaseLost(Stopped):
    """Another runner has this job now. Nothing of the running transaction may stay."""


@dataclass
class Chunk:
    """One step of a job, in a transaction: what was reached is kept exactly if the step is."""

    cursor: Any = None
    done: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def reached(self, cursor: Any, *, done: int = 0, **counts: int) -> None:
        """The next try starts behind `cursor` (JSON). `done` more things are done; `counts` are added to the tallies."""
        self.cursor = cursor
        self.done += done
        self.counts.update(counts)


class Run:
    """One try at a job. `principal` is its owner, with the reach of now; `folder` is for files until the end of the try."""

    def __init__(self, job: Job, principal: Any, pulse: Pulse, folder: Path, *, whole: bool) -> None:
        self.job = job
        self.principal = principal
        self.folder = folder
        self._pulse = pulse
        self._whole = whole

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(self.job.parameters)

    @property
    def cursor(self) -> Any:
        """Where the last committed chunk ended; None at the very start."""
        return self.job.cursor

    @property
    def counts(self) -> Counter[str]:
        """The tallies of all committed chunks, of earlier tries too."""
        return Counter(self.job.counts)

    @contextmanager
    def chunk(self) -> Iterator[Chunk]:
        """A step in a transaction of its own. It is undone as a whole when this runner lost the job meanwhile."""
        if self._whole:
            raise RuntimeError("a job that is one transaction has no chunks")
        self.check()
        chunk = Chunk()
        with transaction.atomic():
            yield chunk
            if chunk.cursor is not None or chunk.done or chunk.counts:
                self._keep(chunk)

    def _keep(self, chunk: Chunk) -> None:
        job = self.job
        cursor = job.cursor if chunk.cursor is None else chunk.cursor
        done, counts = job.done + chunk.done, dict(self.counts + chunk.counts)
        if not fenced(job).update(cursor=cursor, done=done, counts=counts, lost=0):
            raise LeaseLost
        job.cursor, job.done, job.counts = cursor, done, counts
        self._pulse.done = done

    def expect(self, total: int) -> None:
        """How many things there are to do, for progress and time left."""
        self.job.total = self._pulse.total = total
        if connection.in_atomic_block is False:
            fenced(self.job).update(total=total)

    def progress(self, done: int, message: str = "") -> None:
        """So many things are done, of work without chunks. Cheap enough to call for every row."""
        self.job.done = self._pulse.done = done
        if message:
            self._pulse.message = message
        self.check()

    def say(self, message: str) -> None:
        """What is being done now, in one line beside the progress."""
        self._pulse.message = message
        self.check()

    def check(self) -> None:
        """End here if somebody asked to stop, or if another runner has the job."""
        if self._pulse.lost:
            raise LeaseLost
        if self._pulse.cancelled:
            raise CancelAsked

    def log(self, text: str, *, level: str = JobLine.Level.INFO) -> None:
        """A line in the job's log; inside a chunk it is kept exactly if the chunk is."""
        JobLine.objects.create(job=self.job, text=text, level=level)

    def new_file(self, suffix: str = "") -> Path:
        """A private file to write the result to; gone with the try unless it is handed over in the `Result`."""
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=suffix, delete=False) as file:
            return Path(file.name)
