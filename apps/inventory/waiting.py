"""Transfers that wait for the people of a store: to be sent, to be received."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.reach import reach_of
from apps.inventory.models import Transfer, TransferStatus
from apps.portal import formats
from apps.portal.contributions import ScanAnswer, ScanMatch, Scanned, Task, Tasks

TASKS_SHOWN = 5


def count_transfers(principal: Any) -> int:
    """How many transfers the person's stores are to send or to receive; the chain's people are not reminded."""
    reach = reach_of(principal)
    if reach.every_location:
        return 0
    to_send = Q(reach.q("sender"), status=TransferStatus.TO_SEND)
    to_receive = Q(reach.q("receiver"), status=TransferStatus.IN_TRANSIT)
    return int(Transfer.objects.visible_to(principal).filter(to_send | to_receive).count())


def send_list(principal: Any) -> Tasks | None:
    """What other locations asked for, what waits longest first."""
    if reach_of(principal).every_location:
        return None
    waiting = Transfer.objects.visible_to(principal).to_send().sent_by(principal)
    return _tasks(waiting, _("Transfers to send"), "send", "requested_at")


def receive_list(principal: Any) -> Tasks | None:
    """What is on its way here, what left longest ago first."""
    if reach_of(principal).every_location:
        return None
    waiting = Transfer.objects.visible_to(principal).on_their_way().received_by(principal)
    return _tasks(waiting, _("Transfers to receive"), "receive", "sent_at")


def _tasks(waiting: Any, title: str, what: str, since: str) -> Tasks | None:
    oldest = waiting.select_related("sender", "receiver").prefetch_related("lines").order_by(since, "pk")
    tasks = [
        Task(
            what=_("Send to %(receiver)s") % {"receiver": transfer.receiver}
            if what == "send"
            else _("Receive from %(sender)s") % {"sender": transfer.sender},
            url=reverse(f"inventory:{what}-transfer", kwargs={"number": transfer.number}),
            icon="truck" if what == "send" else "package-check",
            meta=_goods(transfer),
            due=formats.when(getattr(transfer, since)),
        )
        for transfer in oldest[:TASKS_SHOWN]
    ]
    if not tasks:
        return None
    total = waiting.count() if len(tasks) == TASKS_SHOWN else len(tasks)
    return Tasks(title=title, tasks=tasks, total=total, more_url=f"{reverse('inventory:transfers')}?view={what}")


def _goods(transfer: Transfer) -> str:
    lines = len(transfer.lines.all())
    return ngettext("%(count)s line", "%(count)s lines", lines) % {"count": lines}


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
    next_act = {
        TransferStatus.TO_SEND: ("inventory:send-transfer", transfer.sender_id),
        TransferStatus.IN_TRANSIT: ("inventory:receive-transfer", transfer.receiver_id),
    }
    route, location_id = next_act.get(TransferStatus(transfer.status), ("", 0))
    if location_id in reach.location_ids and reach.may("inventory.transfer"):
        return reverse(route, kwargs={"number": transfer.number})
    return transfer.get_absolute_url()
