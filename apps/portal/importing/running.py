"""The two jobs of an import: looking a file through, and booking it. Both go over the file with the same code."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.acting import Source, acting, current_act
from apps.core.bulk import copy_rows
from apps.core.errors import Conflict
from apps.core.inbox.sheets import Cell, Line, Reading, rows_of, shown
from apps.core.jobs.kinds import Result, job_kind
from apps.core.jobs.run import Run
from apps.core.reach import reach_of
from apps.portal import formats
from apps.portal.importing.kinds import Planned, Problem, Row, Session
from apps.portal.importing.models import Import, ImportRow
from apps.portal.importing.services import local_file
from apps.portal.importing.values import TWICE, RowReader

BATCH = 1000  # rows
_ROW_FIELDS = ("upload", "number", "outcome", "mark", "key", "differences", "problems", "cells")

EVERYBODY = "today.view"  # the kind of import has a permission of its own, which is asked below


@job_kind("imports.check", label=gettext_lazy("Checking a file"), permission=EVERYBODY, whole=True)
def check_file(run: Run) -> Result:
    """Look a file through and keep what each row would change, or what is wrong with it."""
    upload = _upload_of(run)
    upload.counts = _go_over(upload, run, _session_of(upload, run), write=None)
    upload.state, upload.checked_at = Import.State.CHECKED, timezone.now()
    upload.save(update_fields=["counts", "marks", "state", "checked_at"])
    return Result(said(upload.counts), link=upload.get_absolute_url())


@job_kind("imports.book", label=gettext_lazy("Booking a file"), permission=EVERYBODY, whole=True)
def book_file(run: Run) -> Result:
    """Book a file in one transaction: all of it, or those of its rows that are right."""
    upload = _upload_of(run)
    if upload.state == Import.State.BOOKED:
        return Result(said(upload.counts), link=upload.get_absolute_url())
    session = _session_of(upload, run)
    with acting(replace(current_act(), source=Source.IMPORT)):
        counts = _go_over(upload, run, session, write=session.write)
        if counts["error"] and not upload.only_valid:
            raise Conflict(_become_wrong(counts["error"]))
        upload.link = session.finish()
    upload.counts = counts
    upload.state, upload.booked_at = Import.State.BOOKED, timezone.now()
    upload.save(update_fields=["counts", "marks", "state", "booked_at", "link"])
    return Result(said(counts), link=upload.get_absolute_url())


def _become_wrong(count: int) -> str:
    text = ngettext(
        "%(count)s row has become wrong since the check. Nothing was booked; have the file checked again.",
        "%(count)s rows have become wrong since the check. Nothing was booked; have the file checked again.",
        count,
    )
    return text % {"count": formats.quantity(count)}


def said(counts: dict[str, int]) -> str:
    """Counts in a sentence: 12 new, 1,204 changed, 9,310 the same, 3 wrong."""
    words = {
        "new": _("%(count)s new"),
        "changed": _("%(count)s changed"),
        "unchanged": _("%(count)s the same"),
        "error": _("%(count)s wrong"),
    }
    parts = [text % {"count": formats.quantity(counts[name])} for name, text in words.items() if counts.get(name)]
    return f"{', '.join(parts)}." if parts else _("The file has no rows.")


def _upload_of(run: Run) -> Import:
    upload: Import = Import.objects.select_for_update().get(key=run.parameters["import"])
    if not reach_of(run.principal).may(upload.of_kind.permission):
        raise PermissionDenied(upload.of_kind.permission)
    return upload


def _session_of(upload: Import, run: Run) -> Session:
    return upload.of_kind.begin(options=upload.options, principal=run.principal, reference=f"import:{upload.key}")


def _go_over(
    upload: Import, run: Run, session: Session, *, write: Callable[[Sequence[Planned]], None] | None
) -> dict[str, int]:
    """Plan all rows, batch by batch; write what is right if asked to; keep what was found. Returns the counts."""
    counts: Counter[str] = Counter({"new": 0, "changed": 0, "unchanged": 0, "error": 0})
    marks: Counter[str] = Counter()
    reading = Reading(**upload.reading)
    reader = RowReader(upload.of_kind, upload.mapping_places, reading.decimal)
    seen: dict[str, int] = {}
    with local_file(upload) as path, transaction.atomic():
        run.expect(_count(path, reading, run))
        upload.rows.all().delete()
        done = 0
        for batch in _batches(rows_of(path, reading)):
            planned = _plan(batch, reader, session, seen)
            if write is not None:
                write([p for p in planned if p.outcome in {"new", "changed"}])
            _keep(upload, batch, planned)
            counts.update(p.outcome for p in planned)
            marks.update(p.mark for p in planned if p.mark and not p.problems)
            done += len(batch)
            run.progress(done)
    upload.marks = dict(marks)
    return dict(counts)


def _count(path: Path, reading: Reading, run: Run) -> int:
    total = 0
    for total, _line in enumerate(rows_of(path, reading), start=1):
        if total % 10_000 == 0:
            run.check()
    return total


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while batch := list(islice(lines, BATCH)):
        yield batch


def _plan(batch: Sequence[Line], reader: RowReader, session: Session, seen: dict[str, int]) -> list[Planned]:
    """What each line comes to: its own values first, then what the kind says of them, each key once in the file."""
    rows: list[Row] = []
    wrong: dict[int, Planned] = {}
    key_column = reader.kind.columns[0].name
    for line in batch:
        values, problems = reader.read(line.cells)
        if problems:
            wrong[line.number] = Planned(line.number, _cell_of(line, reader, key_column), problems=problems)
        else:
            rows.append(Row(line.number, values))
    planned = session.plan(rows)
    for one in planned:
        other = seen.setdefault(one.key, one.number)
        if other != one.number and not one.problems:
            one.problems.append(Problem(key_column, one.key, TWICE, {"other": str(other)}))
    return sorted([*planned, *wrong.values()], key=lambda p: p.number)


def _cell_of(line: Line, reader: RowReader, column: str) -> str:
    place = reader.places.get(column)
    return shown(line.cells[place]).strip()[:200] if place is not None and place < len(line.cells) else ""


def _keep(upload: Import, batch: Sequence[Line], planned: Sequence[Planned]) -> None:
    cells = {line.number: line.cells for line in batch}
    copy_rows(
        ImportRow,
        _ROW_FIELDS,
        [
            (
                upload.pk,
                p.number,
                p.outcome,
                p.mark,
                p.key[:200],
                [[d.column, d.old, d.new] for d in p.differences],
                [_as_json(problem) for problem in p.problems],
                [_plain(cell) for cell in cells[p.number]] if p.problems else [],
            )
            for p in planned
            if p.outcome != "unchanged"
        ],
    )


def _as_json(problem: Problem) -> dict[str, Any]:
    return {
        "column": problem.column,
        "value": problem.value[:200].replace("\x00", ""),
        "code": problem.flaw.code,
        "reason": problem.flaw.reason,
        "mend": problem.flaw.mend,
        "params": dict(problem.params),
    }


def _plain(cell: Cell) -> str:
    return shown(cell).replace("\x00", "")
