"""Writing orders with their parts: one statement, whatever the number of orders."""

from collections.abc import Sequence

from apps.core.bulk import Rows, insert_documents
from apps.orders.models import Collector, Order, OrderCharge, OrderContact, OrderLine
from apps.orders.services.types import OrderDraft

_LINE_FIELDS = (
    "order",
    "line",
    "part_of",
    "variant",
    "sku",
    "name",
    "quantity",
    "unit_price",
    "discount",
    "amount",
    "vat_rate",
    "vat_amount",
    "location",
    "demand",
    "method",
    "handle_by",
    "associate",
    "status",
    "quantity_picked",
    "quantity_fulfilled",
    "quantity_cancelled",
    "quantity_returning",
    "quantity_returned",
)
_CONTACT_FIELDS = ("order", "name", "email", "phone", "street", "house_number", "postcode", "city", "country")


def write_orders(drafts: Sequence[OrderDraft]) -> list[int]:
    """Insert orders, lines, charges and contacts; return the order ids in the same order.

    All drafts must fill the same columns. Raises IntegrityError when a channel used an external id before.
    """
    if not drafts:
        return []
    fields = tuple(drafts[0].values)
    lines = Rows(
        OrderLine,
        _LINE_FIELDS,
        [
            (
                draft.values["number"],
                ln.line,
                ln.part_of,
                ln.variant_id,
                ln.sku,
                ln.name,
                ln.quantity,
                ln.unit_price,
                ln.discount,
                ln.amount,
                ln.vat_rate,
                ln.vat_amount,
                ln.location_id,
                ln.demand_id,
                ln.method,
                ln.handle_by,
                ln.associate,
                ln.status,
                ln.quantity_picked,
                ln.quantity_fulfilled,
                0,
                0,
                0,
            )
            for draft in drafts
            for ln in draft.lines
        ],
    )
    charges = Rows(
        OrderCharge,
        ("order", "line", "type", "description", "amount", "vat_rate", "vat_amount"),
        [
            (draft.values["number"], c.line, c.type, c.description, c.amount, c.vat_rate, c.vat_amount)
            for draft in drafts
            for c in draft.charges
        ],
    )
    contacts = Rows(
        OrderContact,
        _CONTACT_FIELDS,
        [(draft.values["number"], *draft.contact) for draft in drafts if draft.contact is not None],
    )
    collectors = Rows(
        Collector,
        ("order", "name", "named_at", "actor"),
        [(draft.values["number"], *draft.collector) for draft in drafts if draft.collector is not None],
    )
    heads = Rows(Order, fields, [tuple(draft.values[f] for f in fields) for draft in drafts])
    return insert_documents(heads, [lines, charges, contacts, collectors], key="number")
