"""Columns of the list of orders."""

from collections.abc import Iterable
from typing import Any

import django_tables2
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from apps.customers.services.restricting import restricted_records
from apps.orders.knowing import KnownContacts
from apps.orders.models import Method, Order
from apps.orders.promised import brought_at
from apps.orders.states import state_of
from apps.orders.ways import ways_in_order
from apps.portal import formats
from apps.portal.tables import Column, MoneyColumn, Table, WhenColumn, status_mark


def fulfilment_of(order: Order, methods: Iterable[str] = ()) -> str:
    """How and where, and at which time: Collect · Haarlem, Delivery · today 14:00–16:00. With the `methods` of its lines all the
    ways: Collect + Delivery · Haarlem. Wants `slot_booking__slot` at hand."""
    ways = ways_in_order(order.method, methods or [order.method])
    said = " + ".join(str(Method(way).label) for way in ways)
    return " · ".join(part for part in (said, str(order.location or ""), brought_at(order)) if part)


class PaidColumn(MoneyColumn):
    """What was paid and not given back; marked while an order that still goes somewhere is not paid in full."""

    def render(self, value: Any, record: Any) -> str:
        text = formats.money(value, record.currency)
        account = record.payment_account
        is_over = record.closed_at is not None or state_of(record)[0] == "idle"
        due = not is_over and account.captured + account.authorised < record.total - (record.cancelled or 0)
        return format_html('<span class="tone-wait">{}</span>', text) if due else text


class OrderTable(Table):
    """Orders of every channel, each with what is `cancelled` of it and the `ways` that its lines go."""

    number = Column(_("Order"), slot="title", linkify=True, tight=True)
    customer = Column(
        _("Customer"),
        accessor=django_tables2.A("contact__name"),
        slot="foot",
        clip=True,
        orderable=False,
        permission="customers.view",
        personal=True,
    )
    placed_at = WhenColumn(_("Placed"), wide=62)
    channel = Column(_("Channel"), clip=True, dim=True, wide=62, orderable=False)
    method = Column(_("Fulfilment"), slot="line", clip=True, orderable=False)
    promised_at = WhenColumn(_("Promised"), extra=True, orderable=False)
    status = Column(_("Status"), slot="note", tight=True, orderable=False)
    paid = PaidColumn(
        _("Paid"), accessor=django_tables2.A("payment_account__paid"), currency="currency", wide=54, orderable=False
    )
    total = MoneyColumn(_("Total"), currency="currency", slot="value")

    known: KnownContacts
    """Whose names whoever looks may know; to be set before drawing."""

    class Meta(Table.Meta):
        model = Order
        fields: tuple[str, ...] = ()
        attrs = {"class": "data-table entries stuck snug"}

    def is_withheld(self, record: Order) -> bool:
        return record.source_record_id in self._restricted

    @cached_property
    def _restricted(self) -> set[int]:
        return restricted_records()

    def render_customer(self, value: Any, record: Order) -> Any:
        return value if self.known.knows(record) else ""

    def render_method(self, record: Order) -> str:
        return fulfilment_of(record, getattr(record, "ways", ()))

    def render_status(self, record: Order) -> str:
        return status_mark(*state_of(record, comes_in=not getattr(record, "is_short", True)))
