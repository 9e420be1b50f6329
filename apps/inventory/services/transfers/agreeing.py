"""Whose word a request needs: a franchisee's goods are set aside for another when their people, or they once for all, say so."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.core.events.log import Happened, record
from apps.core.reach import reach_of
from apps.core.retry import retried
from apps.inventory.models import Transfer, TransferStatus
from apps.inventory.services.transfers.requesting import promise_lines
from apps.inventory.services.transfers.rules import check_to_agree
from apps.inventory.services.transfers.types import happened_to, locked
from apps.network.agreeing import consent_today, owner_who_is_asked
from apps.network.models import Location


def needs_consent(*, sender: Location, receiver: Location, principal: Any = None) -> bool:
    """Whether a request of `principal` (None: nobody of the sender) waits until the sender agrees.

    It does not where the stock is the retailer's own, where both ends are one franchisee's, where somebody of the sender asks
    (head office, which reaches everything, is nobody's own), and where the franchisee agreed that their stock is sent.
    """
    owner = owner_who_is_asked(sender)
    if owner is None or owner == owner_who_is_asked(receiver):
        return False
    reach = reach_of(principal)
    if not reach.every_location and sender.pk in reach.location_ids:
        return False
    return consent_today(sender) is None


@retried
@transaction.atomic
def agree_to_transfer(*, number: str, occurred_at: dt.datetime | None = None) -> Transfer:
    """The sender agrees: the goods are promised there now, all of them or nothing.

    Doing it again changes nothing. Raises `InsufficientStock` with what there still is by the place of the line, and
    WrongTransferState for a transfer that was called off. Call it last in a transaction: it locks stock levels.
    """
    transfer, lines = locked(number)
    if transfer.status not in (TransferStatus.ASKED, TransferStatus.CANCELLED):
        return transfer
    check_to_agree(transfer)
    transfer.status = TransferStatus.TO_SEND
    transfer.save(update_fields=["status"])
    at = occurred_at or timezone.now()
    record(Happened(topic="transfer.agreed", **happened_to(transfer, at, len(lines))))
    promise_lines(transfer, lines)
    return transfer
