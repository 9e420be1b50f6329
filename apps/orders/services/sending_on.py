"""What is collected in a store that has not got it: whoever has it is asked to send it there, by a transfer for the order."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from apps.inventory.models import Demand
from apps.inventory.services.transfers.travelling import call_off, let_travel
from apps.network.models import Location
from apps.orders.models import LineStatus, Order, OrderLine, OrderStatus

CAUSE_TYPE = "order"


def ask_senders(order: Order, lines: Iterable[OrderLine], *, actor: str = "system") -> None:
    """Ask for all that comes to the store of a locked order and was not asked for yet; nothing while it is to be paid."""
    coming = [ln.demand_id for ln in lines if ln.status == LineStatus.COMING and ln.demand_id is not None]
    if coming and order.location is not None and order.status != OrderStatus.AWAITING_PAYMENT:
        ask_for(number=order.number, store=order.location, demand_ids=coming, actor=actor)


def ask_for(*, number: str, store: Location, demand_ids: Sequence[int], actor: str) -> None:
    """The same for an order that was written just now."""
    demands = Demand.objects.filter(pk__in=demand_ids, transfer_line=None).select_related("level__location")
    let_travel(
        demands=list(demands.order_by("pk")), receiver=store, cause_type=CAUSE_TYPE, cause_id=number, actor=actor
    )


def call_back(lines: Iterable[OrderLine], *, actor: str, pieces: Mapping[int, Decimal] | None = None) -> None:
    """What of these lines was not sent yet stays where it is, or so many `pieces` of it: {line number: quantity}.

    Before their promises are let go of: that locks stock.
    """
    coming = [ln for ln in lines if ln.status == LineStatus.COMING and ln.demand_id is not None]
    if coming:
        stays = {ln.demand_id: ln.quantity if pieces is None else pieces[ln.line] for ln in coming if ln.demand_id}
        call_off(pieces=stays, actor=actor)
