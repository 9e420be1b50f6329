"""One ordered line that takes its goods from several locations: a line for each, which together cost the same to the cent."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from django.db.models.base import ModelState

from apps.core.money import line_amount, spread
from apps.inventory.services.promising import Promise
from apps.orders.models import Method, OrderLine
from apps.orders.services.statuses import promised_status
from apps.orders.services.types import LineDraft
from apps.orders.ways import store_of


def lines_of_promises(
    lines: Sequence[LineDraft], promises: Sequence[Promise], *, collected_at: int | None
) -> list[LineDraft]:
    """The lines with the stock promised to each, in order of their numbers; a line with several promises is divided.

    `collected_at` is the location where lines are collected, if any is: from elsewhere goods come there first. What is taken
    along has no promise.
    """
    found = by_line(promises)
    sourced: list[LineDraft] = []
    for ln in lines:
        if ln.method == Method.CARRY_OUT:
            sourced.append(ln)
            continue
        mine = found[ln.line]
        for part, promise in zip(_divided(ln, mine) if len(mine) > 1 else [ln], mine, strict=True):
            part.demand_id, part.location_id = promise.demand_id, promise.location_id
            part.status = promised_status(collected_at=store_of(ln, collected_at), goods_from=promise.location_id)
            sourced.append(part)
    return sorted(sourced, key=lambda ln: ln.line)


def by_line(promises: Iterable[Promise]) -> dict[int, list[Promise]]:
    """The promises for each line that was asked for, in their order."""
    found: dict[int, list[Promise]] = defaultdict(list)
    for promise in promises:
        found[promise.part_of or promise.line].append(promise)
    return found


def is_whole(line: OrderLine) -> bool:
    """Whether a line that stands can be divided: nothing of it has left or was called off."""
    return line.quantity_cancelled == line.quantity_fulfilled == 0


def divide(line: OrderLine, promises: Sequence[Promise]) -> list[OrderLine]:
    """The same for a line that stands: itself with what the first promise is for, and a new line for each further one. Not
    saved."""
    first, *further = _shares(line, promises)
    parts = [copy(line) for _share in further]
    for part, share in zip([line, *parts], [first, *further], strict=True):
        for name, value in share.items():
            setattr(part, name, value)
    for part in parts:
        part.pk, part.part_of = None, line.part_of or line.line
        part._state = ModelState()
    return [line, *parts]


def _divided(line: LineDraft, promises: Sequence[Promise]) -> list[LineDraft]:
    return [
        replace(line, part_of=promise.part_of, **share)
        for promise, share in zip(promises, _shares(line, promises), strict=True)
    ]


def _shares(line: LineDraft | OrderLine, promises: Sequence[Promise]) -> list[dict[str, Any]]:
    """What each promise has of a line: amount and VAT by quantity, so that nothing is lost in rounding."""
    amounts = spread(line.amount, [promise.quantity for promise in promises])
    vat = [None] * len(amounts) if line.vat_amount is None else spread(line.vat_amount, amounts)
    return [
        {
            "line": promise.line,
            "quantity": promise.quantity,
            "amount": amount,
            "vat_amount": vat_amount,
            "discount": line_amount(unit_price=line.unit_price, quantity=promise.quantity) - amount,
        }
        for promise, amount, vat_amount in zip(promises, amounts, vat, strict=True)
    ]
