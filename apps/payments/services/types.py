"""The nouns that payment services speak in."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Tendered:
    """Money by one means, as the channel reports it. `status`: captured, authorised or pending."""

    method: str
    amount: Decimal
    status: str = "captured"
    provider: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """The money side of a new order. `cause_id` is the order's number (or the return's, when `unreferenced`).

    With `unreferenced` the account belongs to a return whose purchase is unknown; its tenders are then paid *out*.
    """

    cause_id: str
    currency: str
    legal_entity_id: int
    occurred_at: dt.datetime
    business_date: dt.date
    recorded_on: dt.date
    actor: str
    tenders: Sequence[Tendered] = ()
    cause_type: str = "order"
    unreferenced: bool = False


@dataclass(frozen=True, slots=True)
class Refund:
    """Money to give back from an account, caused by a line of a document. `method` prefers one means of payment."""

    account_id: int
    amount: Decimal
    cause_type: str
    cause_id: str
    cause_line: int
    legal_entity_id: int
    occurred_at: dt.datetime
    business_date: dt.date
    recorded_on: dt.date
    actor: str
    method: str | None = None


class RefundTooLarge(DomainError):
    """More would be paid back than was paid. Nothing was booked."""

    code = "refund_too_large"
