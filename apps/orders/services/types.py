"""Documents that order services take and give."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.core.errors import Conflict, DomainError
from apps.customers.services.people import Person
from apps.payments.services.types import Tendered


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line as the customer ordered it. `unit_price` includes VAT; `discount` is for the whole line.

    `method` is how the customer gets it, in the store with the code `location`; blank is as the order.
    """

    sku: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal = Decimal(0)
    method: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class OrderedCharge:
    type: str
    amount: Decimal
    vat_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SaidAtOrder:
    """What the customer said about a purpose as they ordered. `by_purchase`: they were told that we write about similar goods,
    and could object; `given` is False where they did."""

    purpose: str
    given: bool
    text_version: str
    by_purchase: bool = False
    locale: str = ""


@dataclass(frozen=True, slots=True)
class OrderDocument:
    """An order as a channel sends it. `method` goes for each line that has none of its own; `delivery_on` is the day that the
    customer was told, `slot` the time (an id) that they chose.

    What is collected may come `from_anywhere`, if the store has not got it. Codes are those of the API contract; `fingerprint`
    tells equal repeats.
    """

    external_id: str
    placed_at: dt.datetime
    currency: str
    method: str
    lines: Sequence[OrderedLine]
    location: str | None = None
    from_anywhere: bool = False
    if_short: str = ""  # an IfShort, of what is collected
    speed: str = ""
    delivery_on: dt.date | None = None
    slot: str = ""
    person: Person | None = None
    charges: Sequence[OrderedCharge] = ()
    payment_terms: str = "prepaid"
    payments: Sequence[Tendered] = ()
    referral_store: str | None = None
    referral_associate: str = ""
    referral_code: str = ""
    reservation: uuid.UUID | None = None
    collector: str = ""
    back_orders: bool = False  # what is not there may wait for what suppliers announced
    consents: Sequence[SaidAtOrder] = ()
    fingerprint: str = ""

    @property
    def methods(self) -> list[str]:
        """How the customer gets each line."""
        return [ln.method or self.method for ln in self.lines]


@dataclass(frozen=True, slots=True)
class SaleLine:
    """A line of goods that were already handed over. Amounts are the facts of whoever sold; nothing is recomputed."""

    line: int
    variant_id: int
    sku: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    amount: Decimal
    vat_rate: Decimal | None = None
    vat_amount: Decimal | None = None
    associate: str = ""


@dataclass(frozen=True, slots=True)
class SaleCharge:
    """An amount that is not goods. `type` is a ChargeType."""

    line: int
    type: str
    description: str
    amount: Decimal
    vat_rate: Decimal | None = None
    vat_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale that happened: a till ticket, an invoice of imported history. `key` is the caller's own, for the result."""

    channel_id: int
    channel_code: str
    external_id: str
    placed_at: dt.datetime
    business_date: dt.date
    currency: str
    seller_id: int
    method: str
    lines: Sequence[SaleLine]
    charges: Sequence[SaleCharge] = ()
    tenders: Sequence[Tendered] = ()
    location_id: int | None = None
    source_record_id: int | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where a sale went. `is_new` is False when this sale was recorded before."""

    order_id: int
    number: str
    external_id: str
    is_new: bool


@dataclass(slots=True)
class LineDraft:
    """An order line about to be written; attribute names are those of OrderLine."""

    line: int
    variant_id: int
    sku: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    amount: Decimal
    vat_rate: Decimal | None
    vat_amount: Decimal | None
    location_id: int | None
    method: str
    status: str
    demand_id: int | None = None
    handle_by: dt.datetime | None = None
    quantity_fulfilled: Decimal = Decimal(0)
    quantity_picked: Decimal = Decimal(0)
    quantity_cancelled: Decimal = Decimal(0)
    quantity_returned: Decimal = Decimal(0)
    associate: str = ""
    location: Any = None
    part_of: int | None = None
    travelled_at: dt.datetime | None = None


@dataclass(slots=True)
class OrderDraft:
    """An order about to be written, with its parts; `values` are Order's columns by field name."""

    values: dict[str, Any]
    lines: list[LineDraft]
    charges: list[SaleCharge] = field(default_factory=list)
    contact: tuple[str, ...] | None = None
    collector: tuple[str, dt.datetime, str] | None = None  # name, when, by whom


@dataclass(frozen=True, slots=True)
class Identified:
    """Who collects showed a document of this kind (a Proof): the customer, or who the customer named to collect."""

    document: str
    is_collector: bool = False


class DuplicateExternalId(Conflict):
    """The channel used this external id before, for another order."""

    code = "duplicate_external_id"


class PriceChanged(Conflict):
    """A unit price differs from the channel's price by more than its tolerance."""

    code = "price_changed"


class NotSellable(Conflict):
    """The channel does not sell this (now)."""

    code = "not_sellable"


class ReservationExpired(Conflict):
    """The reservation lapsed, and the stock has gone since."""

    code = "reservation_expired"


class WrongCollectCode(DomainError):
    """The code that the customer shows is not this order's."""

    code = "wrong_collect_code"


class WrongState(Conflict):
    """The order is not at the point where this can be done."""

    code = "wrong_state"


class NotPaid(Conflict):
    """The order must be paid before the goods go."""

    code = "not_paid"
