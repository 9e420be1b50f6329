"""A transfer's slip under the scanner."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.reach import reach_of
from apps.inventory.models import TO_BE_SENT, Transfer
from apps.portal.contributions import ScanAnswer, ScanMatch, Scanned


def match_transfer(scanned: Scanned) -> ScanMatch | None:
    """The number on a slip opens the transfer: where it is packed or unpacked for those who do that now."""
    number = scanned.code.upper()
    transfer = (
        Transfer.objects.visible_to(scanned.principal).filter(number=number).first() if number[:1] == "X" else None
    )
    if transfer is None:
        return None
    said = _("Transfer %(number)s") % {"number": number}
    return ScanMatch(answer=lambda: ScanAnswer(said=said, url=_where(transfer, scanned.principal)), about=number)


def _where(transfer: Transfer, principal: Any) -> str:
    reach = reach_of(principal)
    next_acts = [
        ("inventory:send-transfer", transfer.sender_id, transfer.status in TO_BE_SENT),
        ("inventory:receive-transfer", transfer.receiver_id, transfer.is_on_the_way),
    ]
    for route, location_id, waits in next_acts:
        if waits and location_id in reach.location_ids and reach.may("inventory.transfer"):
            return reverse(route, kwargs={"number": transfer.number})
    return transfer.get_absolute_url()
