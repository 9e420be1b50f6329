"""The rows of a list as a file: what is filtered, in the order and with the columns somebody chose.

Two kinds of CSV (`apps.portal.csv_files`): one for people, and one for programs, with names of columns that stay and
stored codes. In XLSX text is marked as text, so that none is run as a formula.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import django_tables2
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import PersonalExport
from apps.accounts.services import note_export
from apps.core.jobs.kinds import Result, ResultFile, job_kind
from apps.core.jobs.run import Run
from apps.core.jobs.starting import start_job
from apps.portal.cells import stored_of, value_of
from apps.portal.csv_files import csv_for_people, csv_for_programs
from apps.portal.pages.parts import Part
from apps.portal.pages.recalling import list_at
from apps.portal.tables import MoneyColumn

AT_ONCE = 5_000
"""How many rows are written while somebody waits; more is a job."""
_READ = 2_000
# A list asks nobody whether they allow messages: files for those are made of segments.
PURPOSES = frozenset(PersonalExport.Purpose.values) - {PersonalExport.Purpose.MARKETING}

Row = list[Any]


@dataclass(frozen=True)
class Format:
    """A kind of file. `machine` writes what is stored instead of what is said."""

    name: str
    label: Any
    suffix: str
    content_type: str
    machine: bool = False


CSV = Format("csv", gettext_lazy("CSV for Excel"), "csv", "text/csv; charset=utf-8")
PLAIN_CSV = Format("data", gettext_lazy("CSV for programs"), "csv", "text/csv; charset=utf-8", machine=True)
XLSX = Format(
    "xlsx",
    gettext_lazy("Excel (XLSX)"),
    "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
FORMATS = {kind.name: kind for kind in (XLSX, CSV, PLAIN_CSV)}


class Export(Part):
    """Files of what the list shows. A small one comes at once, a great one is a job."""

    name = "export"
    formats = tuple(FORMATS.values())

    @property
    def is_job(self) -> bool:
        return self.page.total.number > AT_ONCE

    @cached_property
    def is_personal(self) -> bool:
        """Whether the file says things about customers: then it is asked for with a purpose, and written down."""
        return is_personal(self.page)

    @property
    def purposes(self) -> list[tuple[str, Any]]:
        return [choice for choice in PersonalExport.Purpose.choices if choice[0] in PURPOSES]

    def get(self) -> HttpResponseBase:
        if self.is_personal:  # a link could be followed without a thought
            messages.error(self.request, _("Say what the file is for."))
            return HttpResponseRedirect(self.page.state.address())
        return self._file(FORMATS.get(self.request.GET.get("format", ""), CSV))

    def _file(self, kind: Format) -> HttpResponseBase:
        if kind is XLSX:
            content: Iterable[bytes] = [_workbook(self.page)]
        else:
            content = _lines(self.page, kind)
        response = StreamingHttpResponse(content, content_type=kind.content_type)
        response["Content-Disposition"] = f'attachment; filename="{file_name(self.page, kind)}"'
        return response

    def post(self) -> HttpResponseBase:
        kind = FORMATS.get(self.request.POST.get("format", ""), CSV)
        purpose = self.request.POST.get("purpose", "")
        if self.is_personal and purpose not in PURPOSES:
            messages.error(self.request, _("Say what the file is for."))
            return HttpResponseRedirect(self.page.state.address())
        if self.is_personal and not self.is_job:
            _note(self.page, self.request.user, kind, purpose, self.page.total.number)
            return self._file(kind)
        state = self.page.state
        job = start_job(
            kind="portal.export",
            owner=self.request.user,
            parameters={
                "path": self.request.path,
                "query": state.address().partition("?")[2],
                "format": kind.name,
                "purpose": purpose,
            },
            title=_("Export of %(list)s") % {"list": self.page.get_title()},
        )
        return HttpResponseRedirect(job.get_absolute_url())


@job_kind("portal.export", label=gettext_lazy("Export"), permission="today.view")  # the list asks for its own
def export(run: Run) -> Result:
    """A job: write the rows of a list to a file, for whoever asked, with their reach of now."""
    page = list_at(run.parameters["path"], run.parameters["query"], run.principal)
    kind = FORMATS[run.parameters["format"]]
    path = run.new_file(f".{kind.suffix}")
    total = page.total.number
    run.expect(total)
    written = 0

    def counted(rows: Iterator[Row]) -> Iterator[Row]:
        nonlocal written
        for row in rows:
            written += 1
            if written % 500 == 0:
                run.progress(written)
            yield row

    if kind is XLSX:
        path.write_bytes(_workbook(page, counted))
    else:
        with path.open("wb") as file:
            file.writelines(_lines(page, kind, counted))
    if is_personal(page):
        _note(page, run.principal, kind, run.parameters.get("purpose", ""), written)
    text = _("%(count)s rows of %(list)s.") % {"count": written, "list": page.get_title()}
    return Result(text, file=ResultFile(path, file_name(page, kind), kind.content_type))


def is_personal(page: Any) -> bool:
    """Whether the columns in use of a list say things about customers."""
    columns = page.table_class.base_columns
    return page.personal or any(columns[name].personal for name in page.columns)


def _note(page: Any, principal: Any, kind: Format, purpose: str, rows: int) -> None:
    note_export(
        principal=principal,
        page=page.page_name,
        filters=page.state.address().partition("?")[2],
        columns=page.columns,
        rows=rows,
        file_format=kind.name,
        purpose=purpose,
    )


def file_name(page: Any, kind: Format) -> str:
    """Orders-2026-11-22.csv"""
    return f"{slugify(page.get_title()) or 'rows'}-{timezone.localdate().isoformat()}.{kind.suffix}"


def heads_of(table: django_tables2.Table, *, machine: bool) -> list[str]:
    """The head of each column; an amount that has its own currency gets a column for that."""
    heads: list[str] = []
    for column in table.columns:
        head = column.name if machine else str(column.header)
        heads.append(head)
        if _has_currency(column):
            heads.append(f"{column.name}_currency" if machine else _("%(column)s, currency") % {"column": head})
    return heads


def rows_of(table: django_tables2.Table, *, machine: bool) -> Iterator[Row]:
    """Every row of the list: numbers and moments as they are, all else as text."""
    read: Callable[..., Any] = stored_of if machine else value_of
    columns = list(table.columns)
    for record in table.data.data.iterator(chunk_size=_READ):
        row: Row = []
        withheld = table.is_withheld(record)
        for column in columns:
            row.append("" if withheld and column.column.personal else read(column, table, record))
            if _has_currency(column):
                row.append(column.column.currency.resolve(record))
        yield row


def _has_currency(column: Any) -> bool:
    return isinstance(column.column, MoneyColumn) and column.column.currency is not None


def _unchanged(rows: Iterator[Row]) -> Iterator[Row]:
    return rows


def _lines(page: Any, kind: Format, each: Callable[[Iterator[Row]], Iterator[Row]] = _unchanged) -> Iterator[bytes]:
    """A CSV file, line by line."""
    table = page.get_table()
    rows = chain([heads_of(table, machine=kind.machine)], each(rows_of(table, machine=kind.machine)))
    return csv_for_programs(rows) if kind.machine else csv_for_people(rows)


def _workbook(page: Any, each: Callable[[Iterator[Row]], Iterator[Row]] = _unchanged) -> bytes:
    from apps.portal.workbooks import workbook  # takes a third of a second to load; most processes write none

    table = page.get_table()
    return workbook(page.get_title(), heads_of(table, machine=False), each(rows_of(table, machine=False)))
