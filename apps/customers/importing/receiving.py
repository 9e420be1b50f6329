"""Customers that another system sends by machine: each row is kept raw, then planned and booked as a row of a file is.

A row that cannot be booked is set apart with the field, the reason and how to mend it; the others go on. The same row sent
again changes nothing; a corrected one under the same key takes the place of the one that was set apart.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.core.idempotency.service import fingerprint_of
from apps.core.inbox.documents import Defect, RawDocument, Received, quarantine, receive, settle
from apps.core.inbox.models import DocumentStatus
from apps.customers.importing.people import CustomerImport
from apps.customers.importing.session import PeopleSession
from apps.customers.services import normalising
from apps.portal.importing.kinds import Planned, Problem, Row
from apps.portal.importing.values import TWICE, RowReader

COLUMNS = tuple(column.name for column in CustomerImport.columns)
_READER = RowReader(CustomerImport(), {name: place for place, name in enumerate(COLUMNS)}, ",")


def source_called(system: str) -> str:
    """The source of the documents of a system in the inbox."""
    return f"import:{system}"


@transaction.atomic
def receive_people(rows: Sequence[Mapping[str, str]], *, session: PeopleSession) -> Counter[str]:
    """Take in rows, {column: text}, of the system of `session`; return how many came to what.

    Counted are `new`, `changed`, `unchanged`, `quarantined`, `forgotten` (somebody who asked for that: of their row
    nothing is kept) and `again` (booked before, word for word), and the marks of the
    rows that were booked: `recognised`, `in_file`, `alike`, `suspect`. Never raises for a row's sake.
    """
    source = source_called(session.system)
    rows, forgotten = _without_forgotten(rows, session)
    documents = receive(source=source, documents=[_document(row) for row in rows])
    first: dict[int, tuple[Received, Mapping[str, str]]] = {}
    for document, row in zip(documents, rows, strict=True):
        first.setdefault(document.id, (document, row))
    waiting = [(document, row) for document, row in first.values() if document.status != DocumentStatus.BOOKED]
    counts = Counter({"again": len(rows) - len(waiting)}) + Counter({"forgotten": forgotten})
    planned = _plan([row for _document, row in waiting], session)
    session.write([one for one in planned if one.outcome in {"new", "changed"}])
    defects: list[tuple[Received, Defect]] = []
    statuses: dict[int, str] = {}
    for (document, row), one in zip(waiting, planned, strict=True):
        counts["quarantined" if one.problems else one.outcome] += 1
        if one.problems:
            defects.append((document, _defect(one.problems, row)))
        elif one.mark:
            counts[one.mark] += 1
        statuses[document.id] = DocumentStatus.QUARANTINED if one.problems else DocumentStatus.BOOKED
    quarantine(source=source, defects=defects)
    settle(statuses.items())
    return counts


def _without_forgotten(
    rows: Sequence[Mapping[str, str]], session: PeopleSession
) -> tuple[Sequence[Mapping[str, str]], int]:
    """The rows to take in, and how many are left out."""
    read = [_READER.read([row.get(name, "") for name in COLUMNS]) for row in rows]
    right = [Row(number, values) for number, (values, problems) in enumerate(read) if not problems]
    gone = session.forgotten(right)
    return [row for number, row in enumerate(rows) if number not in gone], len(gone)


def _document(row: Mapping[str, str]) -> RawDocument:
    """The row under the system's own key; one without it under a digest."""
    fingerprint = fingerprint_of(dict(row))
    key = normalising.text(row.get("external_id"), 128) or f"row/{fingerprint[:32]}"
    return RawDocument(key, fingerprint, dict(row))


def _plan(rows: Sequence[Mapping[str, str]], session: PeopleSession) -> list[Planned]:
    """What each row comes to: its own values first, then who it is; a key counts once."""
    planned: dict[int, Planned] = {}
    right: list[Row] = []
    for number, row in enumerate(rows, start=1):
        values, problems = _READER.read([row.get(name, "") for name in COLUMNS])
        if problems:
            planned[number] = Planned(number, row.get("external_id", ""), problems=problems)
        else:
            right.append(Row(number, values))
    seen: dict[str, int] = {}
    for one in session.plan(right):
        other = seen.setdefault(one.key, one.number)
        if other != one.number and not one.problems:
            one.problems.append(Problem(COLUMNS[0], one.key, TWICE, {"other": str(other)}))
        planned[one.number] = one
    return [planned[number] for number in range(1, len(rows) + 1)]


def _defect(problems: Sequence[Problem], row: Mapping[str, Any]) -> Defect:
    """The first thing that is wrong; whoever mends it sees the next when it is sent again."""
    first = problems[0]
    label = next((str(column.label) for column in CustomerImport.columns if column.name == first.column), first.column)
    return Defect(
        first.flaw,
        raw=dict(row),
        field=first.column,
        value=first.value,
        params={"column": label, **first.params},
    )
