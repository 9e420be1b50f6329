"""An invoice's rows, told apart: goods, charges, and what cannot be booked as it stands."""

import re

from apps.core.inbox.documents import Defect, Flaw
from apps.core.money import ZERO
from apps.tills.adapters.online_retail import flaws
from apps.tills.adapters.online_retail.cells import FORMULA_SIGNS, Priced, customer, moment, priced
from apps.tills.adapters.online_retail.codes import NOT_GOODS, NotGoods, article_of
from apps.tills.adapters.online_retail.countries import COUNTRIES
from apps.tills.documents import ChargeRow, GoodsRow, RawInvoice, ReadInvoice

COLUMNS = (
    "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"
)  # fmt: skip  # more than one a line
WIDTH = len(COLUMNS)
CURRENCY = "GBP"

# A corrected row of an invoice that is booked comes under a number of its own: 536365-2.
_INVOICE_NUMBER = re.compile(r"([AC]?)\d{1,20}(-\d{1,3})?", re.ASCII)
_BAD_DEBT = "B"


def read(raw: RawInvoice) -> ReadInvoice:
    """Tell the rows of an invoice apart. Lines are numbered as they stand in the invoice, unbookable ones included."""
    found = _INVOICE_NUMBER.fullmatch(raw.number)
    if found is None:
        return ReadInvoice(raw.number, is_credit_note=False, defects=[_without_number(raw, *row) for row in raw.rows])
    kind = found[1] or "N"
    invoice = ReadInvoice(raw.number, is_credit_note=kind == "C")
    first = raw.rows[0][1]
    invoice.customer = who = customer(first[6]) or ""
    country = first[7].strip()
    invoice.country = COUNTRIES.get(country, country if len(country) == 2 and country.isupper() else "")
    if kind == "N" and _is_stock_adjustment(raw):
        invoice.defects = [_stock_adjustment(number, cells) for number, cells in raw.rows]
        return invoice
    for line, (number, cells) in enumerate(raw.rows, start=1):
        _number, code, text, quantity, when, price, customer_id, _country = cells
        row = priced(quantity, price)
        sku, not_goods = article_of(code)
        # One test for the half million sound rows; what exactly is wrong is for the few others.
        if (
            kind not in row.fits
            or not sku
            or text[:1] in FORMULA_SIGNS
            or customer(customer_id) != who
            or (at := moment(when)) is None
        ):
            invoice.defects.append(defect(number, cells, *_what_is_wrong(cells, row, kind, who)))
            continue
        if invoice.at is None:
            invoice.at = at
        if not_goods is None and kind != "A":
            amount = row.amount or ZERO
            if kind == "N":
                invoice.goods.append(GoodsRow(line, sku, row.quantity, row.unit_price, amount))
            else:
                invoice.goods.append(GoodsRow(line, sku, -row.quantity, row.unit_price, -amount))
        else:
            invoice.charges.append(_charge(line, sku, text, row, kind, not_goods or NOT_GOODS[_BAD_DEBT]))
    return invoice


def _charge(line: int, sku: str, text: str, row: Priced, kind: str, what: NotGoods) -> ChargeRow:
    sign = -1 if kind == "C" else 1
    description = (" ".join(text.split()) or sku)[:80]
    return ChargeRow(line, sku, what.charge_type, description, sign * row.quantity, sign * (row.amount or ZERO))


def _without_number(raw: RawInvoice, number: int, cells: list[str]) -> Defect:
    if len(cells) != WIDTH:
        return defect(number, cells, flaws.WRONG_CELLS, COLUMNS[0], str(len(cells)), {})
    return defect(number, cells, flaws.NO_INVOICE, COLUMNS[0], raw.number, {})


def _what_is_wrong(cells: list[str], row: Priced, kind: str, who: str) -> tuple[Flaw, str, str, dict[str, str]]:
    """The most basic thing that is wrong with a row: the flaw, the field, its value, and what else the reason names."""
    for column in (1, 2, 6):
        if (cell := cells[column].strip())[:1] in FORMULA_SIGNS and cell:
            return flaws.FORMULA, COLUMNS[column], cell, {"sign": cell[0]}
    if not article_of(cells[1])[0]:
        return flaws.NO_CODE, "StockCode", cells[1], {}
    if row.flaw is not None:
        return row.flaw, row.field, row.value, {}
    if moment(cells[4]) is None:
        return flaws.NO_DATE, "InvoiceDate", cells[4], {}
    if (found := customer(cells[6])) is None:
        return flaws.BAD_CUSTOMER, "CustomerID", cells[6], {}
    if found != who:
        return flaws.OTHER_CUSTOMER, "CustomerID", cells[6], {}
    if row.quantity == 0:
        return flaws.NO_QUANTITY, "Quantity", cells[3], {}
    if row.unit_price < 0 and kind != "A":
        return flaws.NEGATIVE_PRICE, "UnitPrice", cells[5], {}
    flaw = flaws.POSITIVE_QUANTITY if row.quantity > 0 else flaws.NEGATIVE_QUANTITY
    return flaw, "Quantity", cells[3], {}


def _is_stock_adjustment(raw: RawInvoice) -> bool:
    """Whether the shop only corrected its stock: nobody bought anything and nothing has a price."""
    for _number, cells in raw.rows:
        if cells[6]:
            return False
        row = priced(cells[3], cells[5])
        if row.flaw is not None or row.unit_price or not row.quantity:
            return False
    return True


def _stock_adjustment(number: int, cells: list[str]) -> Defect:
    return defect(number, cells, flaws.STOCK_ADJUSTMENT, "UnitPrice", cells[5], {"text": cells[2][:80] or "–"})


def defect(number: int, cells: list[str], flaw: Flaw, field: str, value: str, params: dict[str, str]) -> Defect:
    """A row set apart, with the money it speaks of where that can be read."""
    amount = priced(cells[3], cells[5]).amount if len(cells) == WIDTH else None
    return Defect(
        flaw, raw=cells, row=number, field=field, value=value[:500], params=params, amount=amount, currency=CURRENCY
    )
