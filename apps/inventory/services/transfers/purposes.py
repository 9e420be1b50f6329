"""What goods may travel for: a port. An app above registers who follows the goods that go to another location for its documents.

The promise that such a document holds travels with its goods (`carrying`), and the transfer has no promise of its own.
"""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from apps.inventory.models import Transfer


class Purpose(Protocol):
    """Follows transfers for documents of one type. It is called in the transaction of the act, with the document locked."""

    def lock(self, cause_id: str) -> None:
        """Lock the document until the transaction ends. Asked before the transfer is locked, in every act."""

    def has_left(self, transfer: Transfer, *, gone: Collection[int], stays: Mapping[int, str], actor: str) -> None:
        """What of it was sent (ids of demands), and what the sender could not send: {demand id: reason, of `Unsent`}."""

    def has_come(self, transfer: Transfer, *, came: Collection[int], missing: Collection[int], actor: str) -> None:
        """What of it is here, and of what less came than was sent (ids of demands)."""

    def page(self, cause_id: str, principal: Any) -> str:
        """Where the document is read; blank for who may not."""


_PURPOSES: dict[str, Purpose] = {}


def register(cause_type: str, purpose: Purpose) -> None:
    _PURPOSES[cause_type] = purpose


def purpose_of(transfer: Transfer) -> Purpose | None:
    """Who follows the goods of a transfer; None for one that is about the goods alone."""
    return _PURPOSES[transfer.cause_type] if transfer.cause_type else None


def lock_purpose(number: str) -> None:
    """Lock what a transfer is for, if anything: before the transfer itself, as whoever changes the document does."""
    transfer = Transfer.objects.only("cause_type", "cause_id").get(number=number)
    if purpose := purpose_of(transfer):
        purpose.lock(transfer.cause_id)
