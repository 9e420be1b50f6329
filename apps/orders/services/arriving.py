"""Orders follow the goods that are sent on to the store where they are collected."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils import timezone

from apps.core.events.log import Happened, record
from apps.core.money import plain
from apps.inventory.models import Transfer, Unsent
from apps.inventory.services.transfers.purposes import register
from apps.orders.models import LineStatus, Order, OrderLine, Refusal
from apps.orders.services.dating import date_lines
from apps.orders.services.fulfilling import locked, save_status
from apps.orders.services.putting_back import lay_ready
from apps.orders.services.sending_on import CAUSE_TYPE
from apps.orders.services.shortages import look_elsewhere, note_refusals, wait_for_stock

_REASONS = {
    Unsent.NOT_FOUND: Refusal.Reason.NOT_FOUND,
    Unsent.DAMAGED: Refusal.Reason.DAMAGED,
    Unsent.NEEDED_HERE: Refusal.Reason.NEEDED,
}


class SentOn:
    """The purpose of a transfer for an order (`inventory.services.transfers.purposes`)."""

    def lock(self, cause_id: str) -> None:
        Order.objects.select_for_update(of=("self",)).get(number=cause_id)

    def has_left(self, transfer: Transfer, *, gone: Collection[int], stays: Mapping[int, str], actor: str) -> None:
        """What is on its way is told of. What the sender could not give is looked for elsewhere, and not asked of it again."""
        order, lines = locked(transfer.cause_id)
        if on_their_way := [ln for ln in lines if ln.demand_id in gone]:
            for ln in on_their_way:
                ln.travelled_at = transfer.sent_at
            OrderLine.objects.bulk_update(on_their_way, ["travelled_at"])
            _tell("order.sent_on", order, transfer, on_their_way)
        for reason in sorted(set(stays.values())):
            refused = [ln for ln in lines if stays.get(ln.demand_id or 0) == reason]
            note_refusals(order, refused, reason=_REASONS[Unsent(reason)], actor=actor)
            wait_for_stock(order, refused)
            look_elsewhere(order, refused)
        save_status(order, lines)

    def has_come(self, transfer: Transfer, *, came: Collection[int], missing: Collection[int], actor: str) -> None:
        """What came is in hand: it only has to be laid ready. A line of which less came is short, and looked for anew."""
        order, lines = locked(transfer.cause_id)
        here = [ln for ln in lines if ln.demand_id in came]
        for ln in here:
            ln.location, ln.status = transfer.receiver, LineStatus.PICKING
            ln.quantity_picked, ln.travelled_at = ln.standing, transfer.received_at
        date_lines(here, store_id=transfer.receiver_id, since=transfer.received_at or timezone.now())
        OrderLine.objects.bulk_update(here, ["location", "status", "quantity_picked", "travelled_at", "handle_by"])
        if here:
            _tell("order.arrived", order, transfer, here)
        if lost := [ln for ln in lines if ln.demand_id in missing]:
            _tell("order.lost_on_the_way", order, transfer, lost)
            wait_for_stock(order, lost)
            look_elsewhere(order, lost)
        save_status(order, lines)
        lay_ready(order, {ln: ln.quantity_picked for ln in here}, actor)

    def page(self, cause_id: str, principal: Any) -> str:
        order = Order.objects.visible_to(principal).filter(number=cause_id).first()
        return order.get_absolute_url() if order is not None else ""


def _tell(topic: str, order: Order, transfer: Transfer, lines: Collection[OrderLine]) -> None:
    payload: dict[str, Any] = {
        "order": order.number,
        "transfer": transfer.number,
        "from": transfer.sender.code,
        "location": transfer.receiver.code,
        "lines": [{"line": ln.line, "quantity": plain(ln.standing)} for ln in lines],
    }
    record(
        Happened(topic=topic, object_type="order", object_key=order.number, occurred_at=timezone.now(), payload=payload)
    )


register(CAUSE_TYPE, SentOn())
