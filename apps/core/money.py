"""Amounts: Decimal to the cent, VAT included, rounded half-up once per line.

Source of the rules: the money paragraph of docs/architecture.md. Documents are sums of lines; nothing is rounded twice.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import partial

from django.db import models
from django.utils.formats import number_format

CENT = Decimal("0.01")
ZERO = Decimal("0.00")

AmountField = partial(models.DecimalField, max_digits=14, decimal_places=2)
UnitPriceField = partial(models.DecimalField, max_digits=12, decimal_places=4)
QuantityField = partial(models.DecimalField, max_digits=12, decimal_places=3)
CurrencyField = partial(models.CharField, max_length=3)
VatRateField = partial(models.DecimalField, max_digits=5, decimal_places=2)


def to_cents(amount: Decimal) -> Decimal:
    """Round half-up (away from zero) to whole cents."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def line_amount(*, unit_price: Decimal, quantity: Decimal, discount: Decimal = ZERO) -> Decimal:
    """What the customer pays for a line: unit price × quantity rounded half-up, less the line's discount."""
    return to_cents(unit_price * quantity) - discount


def vat_in(amount: Decimal, rate: Decimal | None) -> Decimal | None:
    """The VAT contained in a VAT-inclusive amount; `rate` is a percentage, None when it is unknown."""
    if rate is None:
        return None
    return to_cents(amount * rate / (100 + rate))


def net_of(amount: Decimal, vat: Decimal | None) -> Decimal:
    """The amount without VAT; where VAT is unknown the amount itself, as the seller booked it."""
    return amount - (vat or ZERO)


def spread(amount: Decimal, weights: Sequence[Decimal | int]) -> list[Decimal]:
    """Divide an amount over weights by largest remainder: the parts always add up to `amount`.

    Ties go to the earliest part. Negative amounts mirror positive ones, so a reversal divides exactly as the original.
    All weights zero: everything goes to the first part.
    """
    if not weights:
        raise ValueError("spread() needs at least one weight")
    if amount < 0:
        return [-part for part in spread(-amount, weights)]
    total = sum(Decimal(w) for w in weights)
    cents = int((amount / CENT).to_integral_exact())
    if total == 0:
        return [amount, *([ZERO] * (len(weights) - 1))]
    exact = [cents * Decimal(w) / total for w in weights]
    floors = [int(e) for e in exact]
    left = cents - sum(floors)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(exact[i] - floors[i]), i))
    for i in by_remainder[:left]:
        floors[i] += 1
    return [f * CENT for f in floors]


def plain(value: Decimal) -> str:
    """A quantity as the API writes it: no exponent and no trailing zeros after the point (`2`, `0.5`)."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def spoken(figure: Decimal | str) -> str:
    """A figure in a sentence, as its reader writes it (`12,50` in Dutch)."""
    return number_format(Decimal(figure))


def price_text(value: Decimal) -> str:
    """A unit price as the API writes it: two decimals, more only where they count (`19.95`, `0.0125`)."""
    text = f"{value:.4f}"
    while text.endswith("0") and len(text) - text.index(".") > 3:
        text = text[:-1]
    return text
