"""Counting a segment at once, and writing its members to a file, in the background."""

import datetime as dt
from collections.abc import Iterator
from itertools import chain

from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.accounts.models import PersonalExport
from apps.accounts.services import note_export
from apps.core.jobs.kinds import Result, ResultFile, job_kind
from apps.core.jobs.run import Run
from apps.customers.models import Consent
from apps.customers.segments.models import Segment
from apps.customers.segments.services.counting import count_segment
from apps.customers.segments.services.exporting import Selection, fields_for
from apps.customers.segments.wording import people_said
from apps.portal import formats
from apps.portal.csv_files import csv_for_people

KEPT = dt.timedelta(days=2)
"""How long a file with people stays: consent is that of the day, so an old file must not be used."""


@job_kind("segments.count", label=gettext_lazy("Counting a segment"), permission="segments.edit", whole=True)
def count(run: Run) -> Result:
    """Count one segment now."""
    segment = Segment.objects.visible_to(run.principal).get(key=run.parameters["segment"])
    segment = count_segment(segment=segment)
    said = people_said(segment.people, exactly=True)
    return Result(
        _("%(segment)s: %(count)s customers.") % {"segment": segment, "count": said}, link=segment.get_absolute_url()
    )


@job_kind(
    "segments.export",
    label=gettext_lazy("Export of a segment"),
    permission="segments.export",
    keep_file=KEPT,
)
def export(run: Run) -> Result:
    """Write the members who allow the purpose to a file, and say how many were left out and why."""
    asked = run.parameters
    segment = Segment.objects.visible_to(run.principal).get(key=asked["segment"])
    selection = Selection(segment, asked["purpose"], asked["way"])
    fields = fields_for(run.principal, asked["columns"])
    run.expect(selection.size)
    path = run.new_file(".csv")
    rows = _counted(selection.rows(fields), run, selection)
    with path.open("wb") as file:
        file.writelines(csv_for_people(chain([[str(each.label) for each in fields]], rows)))
    written = selection.written
    note_export(
        principal=run.principal,
        page="customers.segment",
        filters=f"{segment.key}/{segment.version} {selection.purpose} {selection.way}",
        columns=[each.name for each in fields],
        rows=written,
        file_format="csv",
        purpose=PersonalExport.Purpose.MARKETING,
    )
    name = f"{slugify(segment.name) or 'segment'}-{timezone.localdate().isoformat()}.csv"
    return Result(
        outcome_said(written, selection),
        data={"written": written, **selection.left_out},
        link=segment.get_absolute_url(),
        file=ResultFile(path, name, "text/csv; charset=utf-8"),
    )


def _counted(rows: Iterator[list[str]], run: Run, selection: Selection) -> Iterator[list[str]]:
    for row in rows:
        selection.written += 1
        if selection.written % 500 == 0:
            run.progress(selection.written + sum(selection.left_out.values()))
        yield row


def outcome_said(written: int, selection: Selection) -> str:
    """How many are in the file, and how many are not and why."""
    said = [
        ngettext("%(count)s customer is in the file.", "%(count)s customers are in the file.", written)
        % {"count": formats.quantity(written)}
    ]
    purpose = Consent.Purpose(selection.purpose).label
    without, unreachable = selection.left_out["no_consent"], selection.left_out["unreachable"]
    if without:
        text = ngettext(
            "%(count)s was left out because they do not allow it (%(purpose)s).",
            "%(count)s were left out because they do not allow it (%(purpose)s).",
            without,
        )
        said.append(text % {"count": formats.quantity(without), "purpose": purpose})
    if unreachable:
        text = ngettext(
            "%(count)s was left out because they cannot be reached that way.",
            "%(count)s were left out because they cannot be reached that way.",
            unreachable,
        )
        said.append(text % {"count": formats.quantity(unreachable)})
    return " ".join(said)
