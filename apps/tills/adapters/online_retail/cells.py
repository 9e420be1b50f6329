"""What single cells mean. Values repeat by the thousand, so what was read once is kept."""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apps.core.inbox.documents import Flaw
from apps.core.money import CENT, ZERO
from apps.tills.adapters.online_retail import flaws

LONDON = ZoneInfo("Europe/London")
FORMULA_SIGNS = frozenset("=+-@\t\r")

_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?", re.ASCII)
_CUSTOMER = re.compile(r"(\d{1,18})(\.0+)?", re.ASCII)
_US_MOMENT = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})", re.ASCII)
_MOST_PIECES = Decimal(1_000_000)
_HIGHEST_PRICE = Decimal(10_000_000)
_FOUR_DECIMALS = Decimal("0.0001")


class Priced(NamedTuple):
    """Quantity, price and the line's money, half-up; with a flaw, what could still be read (else zero, and no amount).

    `fits` are the kinds of invoice on which such a row makes sense: N(ormal), C(redit note), A(djustment).
    """

    quantity: Decimal
    unit_price: Decimal
    amount: Decimal | None
    fits: str = ""
    flaw: Flaw | None = None
    field: str = ""
    value: str = ""


@lru_cache(maxsize=65536)
def priced(quantity_text: str, price_text: str) -> Priced:
    """Read a row's quantity and unit price and multiply them, once, to the cent."""
    quantity, unit_price = number(quantity_text), number(price_text)
    amount = None
    if quantity is None:
        flaw, field, value = flaws.NOT_A_NUMBER, "Quantity", quantity_text
    elif unit_price is None:
        flaw, field, value = flaws.NOT_A_NUMBER, "UnitPrice", price_text
    elif abs(quantity) > _MOST_PIECES:
        flaw, field, value = flaws.OUT_OF_RANGE, "Quantity", quantity_text
    elif abs(unit_price) > _HIGHEST_PRICE:
        flaw, field, value = flaws.OUT_OF_RANGE, "UnitPrice", price_text
    else:
        amount = (quantity * unit_price).quantize(CENT, rounding=ROUND_HALF_UP)
        if quantity % 1:
            flaw, field, value = flaws.TOO_PRECISE, "Quantity", quantity_text
        elif unit_price % _FOUR_DECIMALS:
            flaw, field, value = flaws.TOO_PRECISE, "UnitPrice", price_text
        else:
            return Priced(Decimal(int(quantity)), unit_price, amount, _fits(quantity, unit_price))
    return Priced(quantity or ZERO, unit_price or ZERO, amount, "", flaw, field, value)


def _fits(quantity: Decimal, unit_price: Decimal) -> str:
    if unit_price < 0:
        return "A" if quantity > 0 else ""
    return "NA" if quantity > 0 else "C" if quantity < 0 else ""


def number(text: str) -> Decimal | None:
    """A plain decimal number with a point; None for anything else, `NaN` and `1_000` included."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=4096)
def moment(text: str) -> dt.datetime | None:
    """`2010-12-01 08:26:00`, or as other copies of the file write it `12/1/2010 8:26`; London time."""
    try:
        if found := _US_MOMENT.fullmatch(text):
            month, day, year, hour, minute = map(int, found.groups())
            at = dt.datetime(year, month, day, hour, minute, tzinfo=LONDON)
        else:
            at = dt.datetime.fromisoformat(text)
            at = at.replace(tzinfo=LONDON) if at.tzinfo is None else at.astimezone(LONDON)
    except (ValueError, OverflowError):
        return None
    return at if at.year >= 1990 and at <= dt.datetime.now(LONDON) + dt.timedelta(days=1) else None


@lru_cache(maxsize=16384)
def customer(text: str) -> str | None:
    """`17850.0` is 17850; blank is nobody; None for what is no customer number."""
    found = _CUSTOMER.fullmatch(text)
    return found[1] if found else None if text else ""
