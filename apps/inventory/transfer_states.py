"""Where transfers are, as people read it: a tone, a word, and the steps of the way."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Transfer, TransferStatus

TONES: dict[str, str] = {
    TransferStatus.ASKED: "wait",
    TransferStatus.TO_SEND: "wait",
    TransferStatus.PARTLY: "wait",
    TransferStatus.IN_TRANSIT: "busy",
    TransferStatus.RECEIVED: "ok",
    TransferStatus.CANCELLED: "idle",
}
_REACHED: dict[str, int] = {
    TransferStatus.ASKED: 0,
    TransferStatus.TO_SEND: 1,
    TransferStatus.PARTLY: 1,
    TransferStatus.IN_TRANSIT: 2,
    TransferStatus.RECEIVED: 3,
}


def state_of(transfer: Transfer) -> tuple[str, Any]:
    """The state of a transfer as (tone, word)."""
    return TONES[transfer.status], transfer.get_status_display()


def steps_of(transfer: Transfer) -> list[tuple[str, Any]]:
    """The way a transfer goes as (done, now or nothing yet; word); none for one that was called off."""
    if transfer.status == TransferStatus.CANCELLED:
        return []
    now = _REACHED[transfer.status]
    words = [_("Asked for"), _("Sent"), _("Received")]
    return [("done" if n < now else "now" if n == now else "", word) for n, word in enumerate(words)]
