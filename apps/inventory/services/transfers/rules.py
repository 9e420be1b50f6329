"""What can be done with a transfer now. Services ask under its lock, pages before they show a button: one rule for both."""

from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.inventory.models import TO_BE_SENT, Transfer, TransferStatus


class WrongTransferState(Conflict):
    """The transfer is not where this act begins."""

    code = "wrong_state"


class BookedMeanwhile(WrongTransferState):
    """Somebody booked another part of the transfer since it was counted."""

    code = "booked_meanwhile"


def check_to_agree(transfer: Transfer) -> None:
    """Raise WrongTransferState unless the sender was asked to agree, and did not answer yet."""
    if transfer.status == TransferStatus.CANCELLED:
        raise WrongTransferState(_("This transfer was cancelled."))
    if transfer.status != TransferStatus.ASKED:
        raise WrongTransferState(_("Nobody has to agree to this transfer."))


def check_to_send(transfer: Transfer) -> None:
    """Raise WrongTransferState unless goods of it still lie at the sender, promised."""
    if transfer.status == TransferStatus.CANCELLED:
        raise WrongTransferState(_("This transfer was cancelled."))
    if transfer.status == TransferStatus.ASKED:
        raise WrongTransferState(_("The sender did not agree yet."))
    if transfer.status not in TO_BE_SENT:
        raise WrongTransferState(_("This transfer was sent already."))


def check_to_receive(transfer: Transfer) -> None:
    """Raise WrongTransferState unless goods of it are on their way."""
    if transfer.is_on_the_way:
        return
    if transfer.status in (TransferStatus.ASKED, TransferStatus.TO_SEND):
        raise WrongTransferState(_("This transfer was not sent yet."))
    if transfer.status == TransferStatus.CANCELLED:
        raise WrongTransferState(_("This transfer was cancelled."))
    if transfer.status == TransferStatus.PARTLY:
        raise WrongTransferState(_("What was sent of this transfer was received; the rest was not sent yet."))
    raise WrongTransferState(_("This transfer was received already."))


def check_to_cancel(transfer: Transfer) -> None:
    """Raise WrongTransferState where nothing of it is to be sent any more, and for what travels for a document."""
    if transfer.status != TransferStatus.ASKED:
        check_to_send(transfer)
    _refuse_others_goods(transfer)


def check_to_add(transfer: Transfer) -> None:
    """Raise WrongTransferState once anything was sent, and for what travels for a document."""
    if transfer.status != TransferStatus.ASKED:
        check_to_send(transfer)
    _refuse_others_goods(transfer)


def _refuse_others_goods(transfer: Transfer) -> None:
    if transfer.is_for_a_document:
        said = _("These goods are for %(number)s: change that, or say when sending why they do not come.")
        raise WrongTransferState(said % {"number": transfer.cause_id})
