"""Invoices as an adapter has read them: plain facts, before anything is looked up or booked."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from apps.core.inbox.documents import Defect, Flaw
from apps.core.inbox.tables import Table


@dataclass(slots=True)
class RawInvoice:
    """The rows of one invoice as they stand in the file: (row number, cells). `number` is blank where there is none."""

    number: str
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


class GoodsRow(NamedTuple):
    """A row of goods. Quantity and amount are positive, also on a credit note; amount = quantity × price, half-up."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal


class ChargeRow(NamedTuple):
    """A row that is no goods: postage, a fee, an entry by hand. On a credit note the amount given back is positive."""

    line: int
    code: str
    type: str
    description: str
    quantity: Decimal
    amount: Decimal


@dataclass(slots=True)
class ReadInvoice:
    """What an invoice says. `at` is None when no row of it could be read; every row is in exactly one of the lists."""

    number: str
    is_credit_note: bool
    at: dt.datetime | None = None
    customer: str = ""
    country: str = ""
    goods: list[GoodsRow] = field(default_factory=list)
    charges: list[ChargeRow] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)

    @property
    def is_bookable(self) -> bool:
        return bool(self.goods or self.charges)


@dataclass(slots=True)
class Survey:
    """What a first look through a file found: how many rows, their money, and what each article is called."""

    rows: int
    amount: Decimal
    unreadable_amounts: int
    names: dict[str, str]


class Adapter(Protocol):
    """One foreign format. `channel` is the code of the channel its sales belong to unless another one is asked for."""

    name: str
    channel: str
    channel_name: str
    country: str
    currency: str
    time_zone: str
    columns: tuple[str, ...]
    credit: str

    def survey(self, table: Table) -> Survey: ...

    def invoices(self, table: Table) -> Iterator[RawInvoice]: ...

    def read(self, raw: RawInvoice) -> ReadInvoice: ...

    def set_apart(self, raw: RawInvoice, flaw: Flaw, value: str, **params: str) -> list[Defect]: ...

    def fingerprint(self, raw: RawInvoice) -> str: ...

    def body(self, raw: RawInvoice) -> Any: ...
