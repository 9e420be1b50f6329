"""Columns of the list of jobs."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core.models import Job
from apps.portal import formats
from apps.portal.jobs.wording import TONES, brief, ending, progress
from apps.portal.tables import Column, Table, WhenColumn, status_mark


class JobTable(Table):
    title = Column(_("Job"), slot="title", linkify=True, clip=True)
    state = Column(_("Status"), slot="value", tight=True)
    outcome = Column(_("Result"), slot="line", empty_values=(), orderable=False, clip=True, dim=True)
    took = Column(_("Took"), wide=62, tight=True, dim=True, orderable=False)
    queued_at = WhenColumn(_("Asked for"), slot="note")

    class Meta(Table.Meta):
        model = Job
        fields: tuple[str, ...] = ()

    def render_state(self, record: Job) -> Any:
        return status_mark(TONES[record.state], brief(record))

    def render_outcome(self, record: Job) -> str:
        return progress(record) if record.is_active else ending(record)

    def render_took(self, value: Any) -> str:
        return formats.duration(value)
