"""Goods that are promised already are to travel: their holders are asked to send them, or need not any more."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils import timezone

from apps.core.days import business_date
from apps.core.events.log import Happened, record
from apps.core.money import ZERO
from apps.core.numbers import TRANSFER, next_number
from apps.inventory.models import TO_BE_SENT, Demand, Transfer, TransferLine, TransferStatus, Unsent, status_of
from apps.inventory.services.promising import held_of
from apps.inventory.services.transfers.types import happened_to, locked
from apps.network.models import Location


def let_travel(
    *, demands: Sequence[Demand], receiver: Location, cause_type: str, cause_id: str, actor: str
) -> list[Transfer]:
    """Ask whoever holds these promised goods to send them to `receiver`: a transfer from each, for the document `cause_id`.

    The promises stay what they are. In the caller's transaction, which has that document locked; wants `level__location` of
    the demands at hand.
    """
    by_sender: dict[Location, list[Demand]] = defaultdict(list)
    for demand in demands:
        assert demand.level is not None  # only what is promised on stock can travel
        by_sender[demand.level.location].append(demand)
    at = timezone.now()
    transfers = []
    for sender, held in sorted(by_sender.items(), key=lambda item: item[0].pk):
        transfer = Transfer.objects.create(
            number=next_number(TRANSFER),
            sender=sender,
            receiver=receiver,
            cause_type=cause_type,
            cause_id=cause_id,
            business_date=business_date(at, sender.time_zone),
            requested_at=at,
            requested_by=actor,
        )
        TransferLine.objects.bulk_create(
            TransferLine(
                transfer=transfer,
                line=n,
                variant_id=demand.variant_id,
                demand=demand,
                requested=held_of(demand),
            )
            for n, demand in enumerate(held, start=1)
        )
        record(Happened(topic="transfer.requested", **happened_to(transfer, at, len(held))))
        transfers.append(transfer)
    return transfers


def call_off(*, pieces: Mapping[int, Decimal], actor: str) -> None:
    """So many pieces need not travel any more: {demand id: quantity}, as far as they did not leave; what has goes on its way.

    In the caller's transaction, which has the document locked and lets the promises go afterwards, for that locks stock levels.
    """
    asked = Transfer.objects.filter(lines__demand__in=pieces, status__in=TO_BE_SENT)
    for number in asked.order_by("pk").values_list("number", flat=True).distinct():
        transfer, lines = locked(number)
        called_off = [line for line in lines if line.demand_id in pieces and line.to_send > ZERO]
        for line in called_off:
            line.unsent += min(pieces[line.demand_id or 0], line.to_send)
            line.packed, line.unsent_because = ZERO, Unsent.CALLED_OFF
        TransferLine.objects.bulk_update(called_off, ["unsent", "packed", "unsent_because"])
        transfer.status = status_of(lines)
        if transfer.status == TransferStatus.CANCELLED:
            transfer.sent_at, transfer.sent_by = timezone.now(), actor
        transfer.save(update_fields=["status", "sent_at", "sent_by"])
        if called_off:
            record(Happened(topic="transfer.cancelled", **happened_to(transfer, timezone.now(), len(called_off))))
