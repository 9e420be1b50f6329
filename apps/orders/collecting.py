"""The counter: a customer shows a collect code, and gets the goods."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.orders.acts import can_collect, can_pick
from apps.orders.forms import HandOverForm
from apps.orders.models import LineStatus, Order, OrderLine, OrderStatus
from apps.orders.services.fulfilling import due_at_counter
from apps.orders.states import state_of
from apps.orders.waiting import is_own


@dataclass(frozen=True)
class CollectCard:
    """What whoever stands at the counter must know of an order. Without `form` it cannot be handed over here now."""

    order: Order
    lines: list[OrderLine]
    due: Decimal
    status: tuple[str, Any]
    is_here: bool
    is_done: bool
    to_pick: bool
    form: HandOverForm | None

    @property
    def contact(self) -> Any:
        return getattr(self.order, "contact", None)


def collect_card(order: Order, *, principal: Any, code: str = "") -> CollectCard:
    """The card of an order; `code` is the collect code that was scanned and need not be asked again."""
    here, ready = is_own(principal, order), can_collect(order)
    lines = list(order.lines.all())
    due = due_at_counter(order, lines)
    return CollectCard(
        order=order,
        lines=[line for line in lines if line.status == LineStatus.READY] if ready else lines,
        due=due,
        status=state_of(order),
        is_here=here,
        is_done=order.status == OrderStatus.COLLECTED,
        to_pick=can_pick(order),
        form=HandOverForm(due=due, shown=code) if here and ready else None,
    )
