"""The status of an order follows from its lines, and a line's from its counters."""

from collections.abc import Iterable

from apps.orders.models import LineStatus, OrderStatus

# From least to most advanced; the least advanced line that is still going somewhere speaks for the order.
_ORDER = (
    LineStatus.OPEN,
    LineStatus.COMING,
    LineStatus.SOURCED,
    LineStatus.PICKING,
    LineStatus.READY,
    LineStatus.SHIPPED,
    LineStatus.COLLECTED,
    LineStatus.DELIVERED,
)
_RANK = {status: rank for rank, status in enumerate(_ORDER)}


def promised_status(*, collected_at: int | None, goods_from: int | None) -> str:
    """The status of a line that is promised: its goods wait on the shelf, or come to the store where it is collected; what is
    promised from nowhere waits for stock."""
    if goods_from is None:
        return LineStatus.OPEN
    return LineStatus.SOURCED if collected_at in (None, goods_from) else LineStatus.COMING


def order_status(line_statuses: Iterable[str]) -> str:
    """The status of an order whose lines have these statuses.

    Cancelled lines do not count, nor do returned ones while another line is still with the customer or on its way.
    """
    statuses = set(line_statuses)
    going = statuses - {LineStatus.CANCELLED, LineStatus.RETURNED}
    if going:
        return OrderStatus(min(going, key=lambda s: _RANK[LineStatus(s)]))
    return OrderStatus.RETURNED if LineStatus.RETURNED in statuses else OrderStatus.CANCELLED
