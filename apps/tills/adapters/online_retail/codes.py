"""Stock codes that are not goods, and why. Whatever is not named here is an article."""

from dataclasses import dataclass
from functools import lru_cache

from apps.orders.models import ChargeType
from apps.tills.adapters.online_retail.cells import FORMULA_SIGNS

LONGEST_CODE = 40
GIFT_VOUCHER_PREFIX = "GIFT_0001_"


@dataclass(frozen=True)
class NotGoods:
    """What a code stands for instead of goods, and how one can tell."""

    charge_type: str
    why: str


NOT_GOODS: dict[str, NotGoods] = {
    "POST": NotGoods(ChargeType.DELIVERY, "POSTAGE, charged on invoices to customers abroad"),
    "DOT": NotGoods(ChargeType.DELIVERY, "DOTCOM POSTAGE, one sum on invoices of the consumer web site"),
    "C2": NotGoods(ChargeType.DELIVERY, "CARRIAGE, mostly to Ireland and the Channel Islands"),
    "D": NotGoods(ChargeType.DISCOUNT, "Discount, only on credit notes"),
    "M": NotGoods(ChargeType.MANUAL, "Manual: an amount typed in by hand, either way, without an article"),
    "S": NotGoods(ChargeType.SAMPLE, "SAMPLES, mostly given back on credit notes, priced by the parcel"),
    "BANK CHARGES": NotGoods(ChargeType.BANK, "Bank Charges passed on or given back"),
    "AMAZONFEE": NotGoods(ChargeType.ADJUSTMENT, "AMAZON FEE: the seller's own costs set off among its invoices"),
    "CRUK": NotGoods(ChargeType.ADJUSTMENT, "CRUK Commission: a gift to charity set off among the invoices"),
    "B": NotGoods(ChargeType.ADJUSTMENT, "Adjust bad debt: bookkeeping, on the A-invoices"),
}
GIFT_VOUCHER = NotGoods(ChargeType.GIFT_CARD, "gift vouchers: money paid in advance, no revenue until it is spent")


@lru_cache(maxsize=16384)
def article_of(code: str) -> tuple[str, NotGoods | None]:
    """The code in capitals (85123a and 85123A are one article), and what it is when it is not goods.

    A code that is none, because it is empty, too long or a formula, gives an empty one.
    """
    sku = code.strip().upper()
    if not sku or len(sku) > LONGEST_CODE or sku[0] in FORMULA_SIGNS:
        return "", None
    if sku.startswith(GIFT_VOUCHER_PREFIX):
        return sku, GIFT_VOUCHER
    return sku, NOT_GOODS.get(sku)
