"""Writing orders with their parts: a fixed number of statements, whatever the number of orders."""

from collections.abc import Sequence

from apps.core.bulk import insert_rows
from apps.orders.models import Order, OrderCharge, OrderContact, OrderLine
from apps.orders.services.types import OrderDraft

_LINE_FIELDS = (
    "order",
    "line",
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
    written = dict(
        insert_rows(Order, fields, [tuple(d.values[f] for f in fields) for d in drafts], returning=("number", "id"))
    )
    ids = [written[d.values["number"]] for d in drafts]
    insert_rows(
        OrderLine,
        _LINE_FIELDS,
        [
            (
                order_id,
                ln.line,
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
                ln.associate,
                ln.status,
                ln.quantity_picked,
                ln.quantity_fulfilled,
                0,
                0,
                0,
            )
            for order_id, draft in zip(ids, drafts, strict=True)
            for ln in draft.lines
        ],
    )
    insert_rows(
        OrderCharge,
        ("order", "line", "type", "description", "amount", "vat_rate", "vat_amount"),
        [
            (order_id, c.line, c.type, c.description, c.amount, c.vat_rate, c.vat_amount)
            for order_id, draft in zip(ids, drafts, strict=True)
            for c in draft.charges
        ],
    )
    insert_rows(
        OrderContact,
        _CONTACT_FIELDS,
        [(order_id, *draft.contact) for order_id, draft in zip(ids, drafts, strict=True) if draft.contact is not None],
    )
    return ids
