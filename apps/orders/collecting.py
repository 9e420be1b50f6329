"""The counter: a customer shows a collect code, and gets the goods."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.orders.acts import collectable, is_possible, pickable
from apps.orders.forms import HandOverForm
from apps.orders.models import LineStatus, Order, OrderLine, OrderStatus
from apps.orders.services.fulfilling import due_at_counter
from apps.orders.states import state_of
from apps.orders.waiting import is_own
from apps.portal.pages.actions import refused_by


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
    why_not: str
    form: HandOverForm | None

    @property
    def contact(self) -> Any:
        return getattr(self.order, "contact", None)


def collect_card(order: Order, *, principal: Any, code: str = "") -> CollectCard:
    """The card of an order; `code` is the collect code that was scanned and need not be asked again."""
    here = is_own(principal, order)
    lines = list(order.lines.all())
    why_not = refused_by(lambda order: collectable(order, lines), order)
    due = due_at_counter(order, lines)
    return CollectCard(
        order=order,
        lines=[line for line in lines if line.status == LineStatus.READY] if not why_not else lines,
        due=due,
        status=state_of(order),
        is_here=here,
        is_done=order.status == OrderStatus.COLLECTED,
        to_pick=is_possible(pickable, order, lines),
        why_not=why_not,
        form=HandOverForm(due=due, shown=code) if here and not why_not else None,
    )
