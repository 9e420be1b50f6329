"""What some pieces of a line are worth: parts that always add up to the line, to the cent.

Amounts are copied from the purchase, never computed from a price. Each return takes the largest-remainder share of all pieces
gone so far, less what was given back before; so the last piece brings whatever cents are left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import Coalesce

from apps.core.money import ZERO, spread
from apps.orders.models import OrderLine
from apps.returns.models import ReturnLine, ReturnStatus


@dataclass(frozen=True, slots=True)
class Worth:
    """An amount with the VAT in it; VAT is None where the purchase does not know it."""

    amount: Decimal
    vat: Decimal | None

    def plus(self, other: "Worth") -> "Worth":
        return Worth(self.amount + other.amount, None if self.vat is None else self.vat + (other.vat or ZERO))


NOTHING = Worth(ZERO, ZERO)


def given_back(order_line_ids: Iterable[int]) -> dict[int, Worth]:
    """What every return so far gives back per order line: announced ones too, withdrawn ones not.

    Ask under the lines' locks.
    """
    sums = (
        ReturnLine.objects.filter(order_line__in=list(order_line_ids))
        .exclude(rma__status=ReturnStatus.WITHDRAWN)
        .values_list("order_line")
        .annotate(sum=Sum("amount"), vat=Coalesce(Sum("vat_amount"), ZERO))
    )
    return {line_id: Worth(amount, vat) for line_id, amount, vat in sums}


def worth_of(line: OrderLine, quantity: Decimal, *, gone: Decimal, given: Worth) -> Worth:
    """What `quantity` more pieces of a line are worth, when `gone` pieces came back before for `given`.

    Cancelled pieces were paid back when they were cancelled and are the last ones of a line.
    """
    return Worth(
        _next_part(line.amount, line, quantity, gone, given.amount),
        None if line.vat_amount is None else _next_part(line.vat_amount, line, quantity, gone, given.vat or ZERO),
    )


def _next_part(whole: Decimal, line: OrderLine, quantity: Decimal, gone: Decimal, given: Decimal) -> Decimal:
    return max(_first(whole, gone + quantity, line.quantity) - given, ZERO)


def _first(whole: Decimal, pieces: Decimal, of: Decimal) -> Decimal:
    """The share of the first `pieces` of `of`."""
    return spread(whole, [pieces, of - pieces])[0]
