"""Whose money is whose: a ticket's tenders over what it sold, what it collected and what it gave back."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from apps.core.money import ZERO
from apps.payments.services.types import Tendered
from apps.tills.tickets import TicketTender

EXCHANGE = "exchange"  # what is given back pays for what is bought; no money changes hands


@dataclass(slots=True)
class Divided:
    """Tenders per part of a ticket: in for its own sale, in per collected order, out for what came back."""

    sold: list[Tendered] = field(default_factory=list)
    collected: list[list[Tendered]] = field(default_factory=list)
    returned: list[Tendered] = field(default_factory=list)


def divide_tenders(
    tenders: Sequence[TicketTender], *, sold: Decimal, collected: Sequence[Decimal], returned: Decimal
) -> Divided:
    """Divide tenders that come to `sold` + Σ `collected` − `returned`.

    Change is taken off the means it was given in. Money in pays collected orders first, in their order, then the sale; what
    is left of a purchase was paid by what came back. A negative `sold` (a rounding only) goes out with the return.
    """
    coming = [Tendered(t.method, t.amount, reference=t.reference) for t in tenders if t.amount > 0]
    going = [Tendered(t.method, -t.amount, reference=t.reference) for t in tenders if t.amount < 0]
    due = max(sold, ZERO) + sum(collected, ZERO)
    change = sum((t.amount for t in coming), ZERO) - due
    if change > 0:
        given = _take(going, change, methods=[t.method for t in coming])
        for part in given:
            _take(coming, part.amount, methods=[part.method])
    divided = Divided()
    for amount in collected:
        divided.collected.append(_pay(coming, amount))
    divided.sold = _pay(coming, max(sold, ZERO))
    back = returned + max(-sold, ZERO)
    divided.returned = _pay(going, back)
    return divided


def _take(tenders: list[Tendered], amount: Decimal, *, methods: Sequence[str]) -> list[Tendered]:
    """Take an amount off tenders, those of the given methods first; what was taken."""
    taken: list[Tendered] = []
    for n in sorted(range(len(tenders)), key=lambda n: tenders[n].method not in methods):
        part = min(amount, tenders[n].amount)
        if part > 0:
            taken.append(replace(tenders[n], amount=part))
            tenders[n] = replace(tenders[n], amount=tenders[n].amount - part)
            amount -= part
    return taken


def _pay(tenders: list[Tendered], amount: Decimal) -> list[Tendered]:
    """What pays for an amount: from the tenders while they last, the rest by exchange."""
    taken = _take(tenders, amount, methods=[t.method for t in tenders])
    rest = amount - sum((t.amount for t in taken), ZERO)
    return [*taken, Tendered(EXCHANGE, rest)] if rest > 0 else taken
