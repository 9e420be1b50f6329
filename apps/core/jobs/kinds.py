"""Kinds of jobs: what an app offers to do in the background.

    @job_kind("orders.export", label=_("Export of orders"), permission="orders.view")
    def export_orders(run: Run) -> Result: ...

A kind works in one of two ways. **In chunks** (the default): each `with run.chunk() as chunk` is a transaction of its own,
and `chunk.reached(cursor)` is kept in that transaction, so that after a crash the next try goes on behind the last chunk
that was committed and nothing is done twice. **Whole** (`whole=True`): the function runs inside one transaction which also
writes that the job is done; whatever ends it halfway leaves nothing behind.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.core.errors import DomainError

if TYPE_CHECKING:
    from apps.core.jobs.run import Run

KEEP_FILES = dt.timedelta(days=7)


@dataclass(frozen=True)
class ResultFile:
    """A file to hand over, written to `path` (which the runner moves away), under `name`."""

    path: Path
    name: str
    content_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Result:
    """What came of a job: a sentence in the owner's language, and what there is to open or to download.

    `data` is kept for the app that shows it (ids, codes, numbers). `link` is a path on this site.
    """

    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""
    file: ResultFile | None = None


Work = Callable[["Run"], Result]


@dataclass(frozen=True)
class JobKind:
    """A name that stays the same for ever, words for people, the permission the owner must hold when it runs, the work."""

    name: str
    label: Any
    permission: str
    work: Work
    whole: bool = False
    keep_file: dt.timedelta = KEEP_FILES


class UnknownKind(DomainError):
    """Nobody registered this kind of job here."""

    code = "unknown_job_kind"


_registry: dict[str, JobKind] = {}


def job_kind(
    name: str, *, label: Any, permission: str, whole: bool = False, keep_file: dt.timedelta = KEEP_FILES
) -> Callable[[Work], Work]:
    """Register the function below as the work of a kind. It is found when it stands in an app's `jobs.py`."""

    def register(work: Work) -> Work:
        known = _registry.get(name)
        if known is not None and known.work.__qualname__ != work.__qualname__:
            raise ValueError(f"two kinds of job are called {name}")
        _registry[name] = JobKind(name, label, permission, work, whole, keep_file)
        return work

    return register


def kind_called(name: str) -> JobKind:
    """The kind of that name; raises `UnknownKind`."""
    try:
        return _registry[name]
    except KeyError as error:
        raise UnknownKind(f"There is no kind of job called {name} in this version.") from error


def kinds() -> list[JobKind]:
    return sorted(_registry.values(), key=lambda kind: kind.name)
