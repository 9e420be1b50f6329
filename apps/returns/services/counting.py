"""What follows from returns on the order: counters of its lines, and the statuses that follow from those."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from apps.core.money import ZERO
from apps.orders.models import OrderLine
from apps.orders.services.statuses import order_status

_COUNT = """
UPDATE orders_orderline AS line
   SET quantity_returning = line.quantity_returning + k.coming,
       quantity_returned = line.quantity_returned + k.came
  FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS k(id, coming, came)
 WHERE line.id = k.id
"""

_LINE_IS_BACK = """
UPDATE orders_orderline SET status = 'returned'
 WHERE id = ANY(%s) AND status <> 'returned' AND quantity_returned > 0
   AND quantity_returned >= quantity - quantity_cancelled
"""

_ORDER_STATUS = """
UPDATE orders_order AS o SET status = k.status
  FROM unnest(%s::bigint[], %s::text[]) AS k(id, status)
 WHERE o.id = k.id AND o.status <> k.status
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """How the counters of one order line change: pieces on their way back, and pieces that came back."""

    order_line_id: int
    returning: Decimal = ZERO
    returned: Decimal = ZERO


def count(changes: Iterable[Counted]) -> None:
    """Change counters in one statement. The caller holds the lines' locks; the database refuses more than was handed over."""
    sums: dict[int, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for change in changes:
        sums[change.order_line_id][0] += change.returning
        sums[change.order_line_id][1] += change.returned
    if not sums:
        return
    ids = sorted(sums)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [ids, [sums[i][0] for i in ids], [sums[i][1] for i in ids]])


def derive_statuses(order_line_ids: Iterable[int]) -> None:
    """Lines that came back whole are returned, and their orders say what their lines say. Needs the same locks."""
    ids = sorted(set(order_line_ids))
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_LINE_IS_BACK, [ids])
        if not cursor.rowcount:
            return  # no line changed its status, so no order does
    statuses: dict[int, set[str]] = defaultdict(set)
    # Ids in between, not a subquery: while statistics are young, the planner takes a nested one for a loop over everything.
    touched = set(OrderLine.objects.filter(pk__in=ids).order_by().values_list("order_id", flat=True))
    lines = OrderLine.objects.filter(order__in=touched).order_by()
    for order_id, status in lines.values_list("order_id", "status"):
        statuses[order_id].add(status)
    with connection.cursor() as cursor:
        cursor.execute(_ORDER_STATUS, [list(statuses), [order_status(found) for found in statuses.values()]])
