"""The nouns that return services speak in."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Fault
from apps.inventory.models import Condition
from apps.payments.services.types import Tendered
from apps.returns.models import Reason


class NotReturnable(Conflict):
    """More is offered than was bought and has not come back or been announced yet. Nothing was written."""

    code = "not_returnable"

    def __init__(self, faults: Sequence[Fault] = (), *, detail: str = "") -> None:
        usual = _("This cannot come back: it was not bought, or it is already coming back.")
        super().__init__(detail or usual, faults=faults)


@dataclass(frozen=True, slots=True)
class Announced:
    """So many pieces of an order that will come back. Without `line`, the order's lines of `sku` in their order."""

    order: str
    quantity: Decimal
    line: int | None = None
    sku: str = ""
    reason: str = Reason.UNKNOWN


@dataclass(frozen=True, slots=True)
class Graded:
    """So many pieces of a return line in one condition."""

    line: int
    grade: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Accepted:
    """So many pieces of an order line that lie on the counter, and the condition they are in."""

    order: str
    line: int
    quantity: Decimal
    reason: str = Reason.UNKNOWN
    grade: str = Condition.SALEABLE


@dataclass(frozen=True, slots=True)
class ReturnSaleLine:
    """A line of a return that has already happened. Quantity and amounts are positive, as the source booked them.

    `order_line_id` is the purchase it reverses, None when that is not known. Without `variant_id` it gives back a charge
    (`charge_type`), of `order_id` where that is known.
    """

    line: int
    sku: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    vat_rate: Decimal | None = None
    vat_amount: Decimal | None = None
    variant_id: int | None = None
    charge_type: str = ""
    order_line_id: int | None = None
    order_id: int | None = None
    reason: str = Reason.UNKNOWN
    grade: str = Condition.SALEABLE


@dataclass(frozen=True, slots=True)
class ReturnSale:
    """A return that has already happened: at a till, or in imported history.

    `legal_entity_id` is the company that gave the money back. `tenders` say how, where the source knows; without them it
    went back the way it was paid.
    """

    channel_id: int
    external_id: str
    fingerprint: str
    occurred_at: dt.datetime
    business_date: dt.date
    currency: str
    legal_entity_id: int
    lines: tuple[ReturnSaleLine, ...]
    location_id: int | None = None
    source_record_id: int | None = None
    tenders: tuple[Tendered, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class RecordedReturn:
    """A return as it stands in the books. `is_new` is false when it was recorded before."""

    return_id: int
    number: str
    channel_id: int
    external_id: str
    is_new: bool = True
