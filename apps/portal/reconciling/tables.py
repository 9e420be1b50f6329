"""Columns of the list of comparisons."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core.actors import SYSTEM
from apps.core.models import Comparison
from apps.portal import formats
from apps.portal.reconciling.running import said
from apps.portal.tables import Column, Table, WhenColumn, status_mark


def state_of(comparison: Comparison) -> tuple[str, Any]:
    """How a comparison ended, as tone and word."""
    if comparison.finished_at is None:
        return "busy", _("At work, or cut off")
    if comparison.differences:
        return "bad", _("Differences")
    return ("wait", _("Not all up to date")) if comparison.behind else ("ok", _("Equal"))


class ComparisonTable(Table):
    started_at = WhenColumn(_("When"), slot="title", linkify=True)
    state = Column(_("Result"), slot="note", tight=True, empty_values=(), orderable=False)
    outcome = Column(_("In words"), slot="line", empty_values=(), orderable=False, clip=True, dim=True)
    differences = Column(_("Differences"), slot="value", tight=True)
    took = Column(_("Took"), empty_values=(), tight=True, dim=True, orderable=False)
    asked_by = Column(_("By"), slot="foot", tight=True, dim=True)

    class Meta(Table.Meta):
        model = Comparison
        fields: tuple[str, ...] = ()

    def render_state(self, record: Comparison) -> Any:
        return status_mark(*state_of(record))

    def render_outcome(self, record: Comparison) -> str:
        return said(record) if record.finished_at else ""

    def render_took(self, record: Comparison) -> str:
        return formats.duration(record.finished_at - record.started_at) if record.finished_at else ""

    def render_asked_by(self, value: str) -> Any:
        """Who it was stands on its page: a name for each row would be a question for each row."""
        return _("the clock") if value == SYSTEM else _("somebody")
