"""Columns of the list of imports."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.portal.importing.kinds import kind_called
from apps.portal.importing.models import Import
from apps.portal.importing.running import said
from apps.portal.tables import Column, StatusColumn, Table, WhenColumn

TONES = {"uploaded": "wait", "checked": "busy", "booked": "ok"}


class ImportTable(Table):
    file_name = Column(_("File"), slot="title", linkify=True, clip=True)
    state = StatusColumn(_("Status"), slot="value", tone=TONES)
    kind = Column(_("What"), tight=True, dim=True, wide=46)
    counts = Column(_("Rows"), slot="line", orderable=False, clip=True, dim=True)
    uploaded_at = WhenColumn(_("Loaded"), slot="note")

    class Meta(Table.Meta):
        model = Import
        fields: tuple[str, ...] = ()

    def render_kind(self, value: str) -> Any:
        kind = kind_called(value)
        return kind.label if kind else value

    def render_counts(self, value: dict[str, int]) -> str:
        return said(value) if value else ""
