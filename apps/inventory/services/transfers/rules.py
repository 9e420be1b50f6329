"""What can be done with a transfer now. Services ask under its lock, pages before they show a button: one rule for both."""

from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.inventory.models import Transfer, TransferStatus


class WrongTransferState(Conflict):
    """The transfer is not where this act begins."""

    code = "wrong_state"


def check_to_send(transfer: Transfer) -> None:
    """Raise WrongTransferState unless the goods still lie at the sender."""
    if transfer.status == TransferStatus.CANCELLED:
        raise WrongTransferState(_("This transfer was cancelled."))
    if transfer.status != TransferStatus.TO_SEND:
        raise WrongTransferState(_("This transfer was sent already."))


def check_to_receive(transfer: Transfer) -> None:
    """Raise WrongTransferState unless the goods are on their way."""
    if transfer.status == TransferStatus.TO_SEND:
        raise WrongTransferState(_("This transfer was not sent yet."))
    if transfer.status == TransferStatus.CANCELLED:
        raise WrongTransferState(_("This transfer was cancelled."))
    if transfer.status != TransferStatus.IN_TRANSIT:
        raise WrongTransferState(_("This transfer was received already."))


def check_to_cancel(transfer: Transfer) -> None:
    """Raise WrongTransferState once anything was sent."""
    check_to_send(transfer)
