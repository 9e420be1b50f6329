"""What became of an import's money, added up from the books themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from django.db import connection

from apps.core.inbox.documents import Received
from apps.core.inbox.models import DocumentStatus
from apps.core.money import ZERO


@dataclass(slots=True)
class Tally:
    """Rows and money of a file's invoices, as they stand in orders, returns and quarantine."""

    orders: int = 0
    returns: int = 0
    goods: Decimal = ZERO
    charges: Decimal = ZERO
    returned_goods: Decimal = ZERO
    returned_charges: Decimal = ZERO
    linked_lines: int = 0
    unlinked_lines: int = 0
    charge_lines: int = 0
    quarantined_rows: int = 0
    quarantined: Decimal = ZERO
    unreadable_amounts: int = 0
    rows: int = 0

    @property
    def booked(self) -> Decimal:
        return self.goods + self.charges - self.returned_goods - self.returned_charges

    @property
    def booked_rows(self) -> int:
        return self.rows - self.quarantined_rows

    def add(self, other: "Tally") -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


_ORDERS = """
SELECT count(*), coalesce(sum(goods_total), 0), coalesce(sum(charges_total), 0)
  FROM orders_order WHERE channel_id = %s AND external_id = ANY(%s)
"""
_RETURNS = """
SELECT count(DISTINCT r.id),
       coalesce(sum(line.amount) FILTER (WHERE line.variant_id IS NOT NULL), 0),
       coalesce(sum(line.amount) FILTER (WHERE line.variant_id IS NULL), 0),
       count(*) FILTER (WHERE line.order_line_id IS NOT NULL),
       count(*) FILTER (WHERE line.order_line_id IS NULL AND line.variant_id IS NOT NULL),
       count(*) FILTER (WHERE line.variant_id IS NULL)
  FROM returns_return AS r JOIN returns_returnline AS line ON line.rma_id = r.id
 WHERE r.channel_id = %s AND r.external_id = ANY(%s)
"""
_QUARANTINED = """
SELECT count(*), coalesce(sum(amount), 0), count(*) FILTER (WHERE amount IS NULL)
  FROM core_quarantined AS apart JOIN core_inboxdocument AS document ON document.id = apart.document_id
 WHERE document.id = ANY(%s) AND (apart.mended_at IS NULL OR document.status <> 'booked')
"""


def tally(documents: Sequence[Received], *, rows: int, channel_id: int) -> Tally:
    """Add up what stands in the books for these documents, of so many rows in all. Call it when they are settled."""
    booked = [d.external_id for d in documents if d.status in {DocumentStatus.BOOKED, DocumentStatus.PARTLY}]
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, [channel_id, booked])
        orders = cursor.fetchone()
        cursor.execute(_RETURNS, [channel_id, booked])
        returns = cursor.fetchone()
        cursor.execute(_QUARANTINED, [[d.id for d in documents]])
        quarantined = cursor.fetchone()
    found = Tally(rows=rows)
    found.orders, found.goods, found.charges = orders
    (
        found.returns,
        found.returned_goods,
        found.returned_charges,
        found.linked_lines,
        found.unlinked_lines,
        found.charge_lines,
    ) = returns
    found.quarantined_rows, found.quarantined, found.unreadable_amounts = quarantined
    return found
