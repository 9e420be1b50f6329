"""The canonical ticket: what any till system's ticket comes down to, in the words of the API contract."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from apps.core.money import ZERO
from apps.customers.services.people import Person


class LineType(StrEnum):
    SALE = "sale"
    RETURN = "return"
    COLLECT = "collect"
    GIFT_CARD = "gift_card"
    DEPOSIT = "deposit"
    CHARGE = "charge"


GOODS = frozenset({LineType.SALE, LineType.RETURN})


@dataclass(frozen=True, slots=True)
class TicketLine:
    """One line. Quantity and amount are positive; the type says whether money comes in or goes out.

    `amount` is the till's own figure, VAT included; `vat_amount` too, worked out from the rate only where the till says
    nothing. `line` counts from 1.
    """

    line: int
    type: LineType
    sku: str
    gtin: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    amount: Decimal
    vat_rate: Decimal | None
    vat_amount: Decimal | None
    order: str
    order_line: int | None
    associate: str
    description: str


@dataclass(frozen=True, slots=True)
class TicketTender:
    """Money in by one means; negative when the till paid it out."""

    method: str
    amount: Decimal
    reference: str


@dataclass(frozen=True, slots=True)
class CanonicalTicket:
    """A ticket by its key (store, till, business date, sequence). `fingerprint` is a digest of what it says.

    `receipt_to` is the e-mail address that the customer asked their receipt at.
    """

    store: str
    till: str
    sequence: int
    business_date: dt.date
    occurred_at: dt.datetime
    operator: str
    currency: str
    customer: Person | None
    rounding: Decimal
    lines: tuple[TicketLine, ...]
    tenders: tuple[TicketTender, ...]
    fingerprint: str
    receipt_to: str = ""

    @property
    def number_in_store(self) -> str:
        """The till's own key within its store: the external id of what the ticket becomes."""
        return f"{self.till}/{self.business_date:%Y-%m-%d}/{self.sequence}"

    @property
    def total(self) -> Decimal:
        """What the lines come to: sold and collected, less what was given back."""
        return sum((-ln.amount if ln.type == LineType.RETURN else ln.amount for ln in self.lines), ZERO)

    @property
    def paid(self) -> Decimal:
        """What really changed hands, to the customer's side negative."""
        return sum((tender.amount for tender in self.tenders), ZERO)
