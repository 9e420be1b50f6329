"""Columns of counts, and of how exact the stock of stores is."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Count
from apps.network.models import Location
from apps.portal import formats
from apps.portal.tables import Column, MoneyColumn, QuantityColumn, StatusColumn, Table, WhenColumn

TONES: dict[str, str] = {
    Count.Status.DRAFT: "wait",
    Count.Status.COUNTING: "busy",
    Count.Status.SUBMITTED: "wait",
    Count.Status.CLOSED: "ok",
    Count.Status.WITHDRAWN: "idle",
}


class CountTable(Table):
    """Counts, newest first."""

    number = Column(_("Number"), slot="title", tight=True, linkify=True)
    location = Column(_("Location"), slot="line", clip=True, orderable=False)
    basis = Column(_("What is counted"), slot="foot", clip=True, orderable=False)
    products = QuantityColumn(_("Products"), wide=54, orderable=False)
    round = QuantityColumn(_("Round"), wide=62, orderable=False)
    status = StatusColumn(_("Status"), tone=TONES, slot="note", orderable=False)
    closed_at = WhenColumn(_("Closed"), wide=70, orderable=False)
    created_at = WhenColumn(_("Made"), slot="value")

    class Meta(Table.Meta):
        model = Count
        fields: tuple[str, ...] = ()

    def render_basis(self, record: Count) -> str:
        return f"{record.get_basis_display()} {record.shelf}" if record.shelf else str(record.get_basis_display())


class AccuracyTable(Table):
    """How exact the stock of a location was found to be, and what differed."""

    name = Column(_("Location"), slot="title", clip=True)
    lines = QuantityColumn(_("Lines counted"), slot="line", label=True)
    exact = QuantityColumn(_("Without difference"), slot="value")
    gained = MoneyColumn(_("Found more"), currency="currency", wide=46)
    lost = MoneyColumn(_("Found less"), currency="currency", slot="note")
    rounds = QuantityColumn(_("Counts closed"), wide=54)
    last_at = WhenColumn(_("Counted last"), slot="foot")

    class Meta(Table.Meta):
        model = Location
        fields: tuple[str, ...] = ()

    def render_name(self, record: Location) -> str:
        url = f"{reverse('inventory:counts')}?view=all&location={record.code}&status=closed"
        return format_html('<a href="{}">{}</a>', url, record)

    def render_exact(self, value: Any) -> str:
        return formats.percent(value)
