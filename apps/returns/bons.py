"""The bon of a return: what each piece is worth and why, and the way the money goes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from apps.core.money import ZERO
from apps.inventory.models import Condition
from apps.orders.models import ChargeType, Order, OrderCharge, OrderLine
from apps.orders.tenders import method_name
from apps.payments.models import Tender
from apps.portal import formats
from apps.returns.models import ReturnLine


@dataclass(frozen=True)
class Term:
    """One line of a bon. `url` leads to the purchase."""

    label: str
    because: str
    amount: Decimal
    url: str = ""


@dataclass(frozen=True)
class WayBack:
    """So much money by one means of payment; `method` is empty for what was never paid."""

    method: str
    amount: Decimal


def term_of(
    *, quantity: Decimal, name: str, grade: str, amount: Decimal, bought: OrderLine | None, currency: str, url: str = ""
) -> Term:
    """A line with the reason of its amount: its share of what was bought, and where the goods go."""
    parts = [where_to(grade)] if grade else []
    if bought is None:
        parts.append(_("without a known purchase"))
    elif bought.quantity != quantity:
        parts.append(
            _("share of %(bought)s for %(amount)s")
            % {"bought": formats.quantity(bought.quantity), "amount": formats.money(bought.amount, currency)}
        )
    return Term(f"{formats.quantity(quantity)} × {name}", ", ".join(parts), amount, url)


def delivery_term(charge: OrderCharge | ReturnLine, url: str = "") -> Term:
    """The delivery that goes back because the customer keeps nothing of an order."""
    return Term(str(ChargeType.DELIVERY.label), _("nothing of the order is kept"), charge.amount, url)


def where_to(grade: str) -> str:
    """Where goods in this condition go."""
    return _("damaged, set apart") if grade == Condition.DAMAGED else _("back on the shelf")


def ways_back(parts: Iterable[tuple[Order, Decimal]]) -> list[WayBack]:
    """How these amounts would go back, order by order: the way they were paid, as payments decide it."""
    wanted = list(parts)
    tenders = Tender.objects.filter(
        account__in=[order.payment_account_id for order, _amount in wanted], captured__gt=F("refunded")
    ).order_by("account", "line")
    left: dict[int, list[Tender]] = {}
    for tender in tenders:
        left.setdefault(tender.account_id, []).append(tender)
    ways: dict[str, Decimal] = {}
    for order, amount in wanted:
        due = amount
        for tender in left.get(order.payment_account_id, []):
            part = min(due, tender.captured - tender.refunded)
            ways[tender.method] = ways.get(tender.method, ZERO) + part
            due -= part
        if due:
            ways[""] = ways.get("", ZERO) + due
    return named((method, amount) for method, amount in ways.items() if amount)


def named(ways: Iterable[tuple[str, Decimal]]) -> list[WayBack]:
    """Means of payment by their names."""
    return [WayBack(method_name(method) if method else "", amount) for method, amount in ways]


def told(ways: Sequence[WayBack], currency: str) -> Any:
    """The way money goes, in a sentence: € 10,00 by iDEAL, € 2,50 by cash."""
    return ", ".join(
        _("%(amount)s by %(method)s") % {"amount": formats.money(way.amount, currency), "method": way.method}
        for way in ways
        if way.method
    )
