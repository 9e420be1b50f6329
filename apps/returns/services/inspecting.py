"""Goods that came back are looked at: for sale again, or set apart."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.core.events.log import record
from apps.core.money import ZERO, spread
from apps.core.retry import retried
from apps.inventory.services.moving import book_moves
from apps.inventory.services.owners import owners_on
from apps.inventory.services.types import Move
from apps.returns.models import GRADES, Return, ReturnLine, ReturnStatus
from apps.returns.services.counting import Counted, count
from apps.returns.services.happening import happened_to
from apps.returns.services.purchases import lock_purchases
from apps.returns.services.receiving import WrongState, lock_return
from apps.returns.services.restocking import into_stock
from apps.returns.services.types import Graded


@retried
@transaction.atomic
def inspect_return(*, rma: Return, gradings: Sequence[Graded], occurred_at: dt.datetime, actor: str) -> Return:
    """Grade what was received and put it into stock there: saleable on hand, or apart as damaged.

    A line may be split over grades. Pieces that no grading names did not come after all; they can be announced again. The
    same gradings once more change nothing.
    """
    rma = lock_return(rma)
    if rma.status in {ReturnStatus.INSPECTED, ReturnStatus.SETTLED} and _is_repeat(rma, gradings):
        return rma
    if rma.status != ReturnStatus.RECEIVED:
        raise WrongState(
            _("Return %(number)s cannot be inspected: it is %(status)s.")
            % {"number": rma.number, "status": rma.get_status_display().lower()}
        )
    book_moves(grade(rma, gradings, occurred_at=occurred_at, actor=actor))
    return rma


def grade(rma: Return, gradings: Sequence[Graded], *, occurred_at: dt.datetime, actor: str) -> list[Move]:
    """Write the grades on a locked, received return; give the stock moves, to be booked last in the transaction."""
    lines = _goods(rma)
    graded = _graded(lines, gradings)
    missing = [line for line in lines.values() if line not in graded]
    _let_go(rma, graded, missing)
    rma.total = sum((line.amount for line in graded), ZERO) + _of_charges(rma)
    rma.status = ReturnStatus.INSPECTED
    rma.save(update_fields=["total", "status"])
    record(happened_to(rma, "return.inspected", occurred_at))
    assert rma.location is not None  # it was received somewhere
    variant_ids = [line.variant_id for line in graded if line.variant_id is not None]
    owners = owners_on(location_ids=[rma.location.pk], variant_ids=variant_ids)
    return into_stock(rma, graded, place=rma.location, owners=owners, occurred_at=occurred_at, actor=actor)


def quote_gradings(*, rma: Return, gradings: Sequence[Graded]) -> list[ReturnLine]:
    """The lines that a return would have with these grades. Writes nothing; raises what inspecting would."""
    return _graded(_goods(rma), gradings)


def _goods(rma: Return) -> dict[int, ReturnLine]:
    """The return's lines of goods by their number."""
    return {line.line: line for line in rma.lines.select_related("variant").filter(variant__isnull=False)}


def _graded(lines: dict[int, ReturnLine], gradings: Sequence[Graded]) -> list[ReturnLine]:
    """One line per grade; what is new is numbered after the lines there are."""
    parts = _parts(lines, gradings)
    next_line = max(lines, default=0) + 1
    graded: list[ReturnLine] = []
    for number, line in sorted(lines.items()):
        came = parts.get(number, [])
        split = _split(line, came)
        for (condition, _quantity), piece in zip(came, split, strict=True):
            piece.grade = condition
            if piece is not line:
                piece.line = next_line
                next_line += 1
        graded += split
    if not graded:
        raise InvalidInput(_("Nothing came back."), code="required")
    return graded


def _parts(lines: dict[int, ReturnLine], gradings: Sequence[Graded]) -> dict[int, list[tuple[str, Decimal]]]:
    """Per return line how many came in which condition, saleable first."""
    sums: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for n, graded in enumerate(gradings):
        line = lines.get(graded.line)
        if line is None:
            raise _invalid(n, "line", _("The return has no such line of goods."), "does_not_exist")
        if graded.grade not in GRADES:
            raise _invalid(n, "grade", _("A grade is saleable or damaged."))
        if not graded.quantity.is_finite() or graded.quantity <= 0:
            raise _invalid(n, "quantity", _("A quantity is greater than zero."))
        if graded.quantity % 1 and line.variant is not None and not line.variant.allows_fractions:
            raise _invalid(n, "quantity", _("This is sold by the piece; a part of one cannot come back."))
        sums[graded.line][graded.grade] += graded.quantity
        if sum(sums[graded.line].values()) > line.quantity:
            raise _invalid(n, "quantity", _("More than was announced."))
    return {n: [(g, by_grade[g]) for g in GRADES if g in by_grade] for n, by_grade in sums.items()}


def _split(line: ReturnLine, came: Sequence[tuple[str, Decimal]]) -> list[ReturnLine]:
    """One line per grade, the first of them `line` itself; amounts divide to the cent, what is missing takes its share."""
    if not came:
        return []
    quantities = [quantity for _grade, quantity in came]
    weights = [*quantities, line.quantity - sum(quantities)]
    amounts = spread(line.amount, weights)
    vats = [None] * len(weights) if line.vat_amount is None else spread(line.vat_amount, weights)
    pieces = [line]
    for _more in quantities[1:]:
        pieces.append(
            ReturnLine(**{f.attname: getattr(line, f.attname) for f in ReturnLine._meta.concrete_fields} | {"id": None})
        )
    for piece, quantity, amount, vat in zip(pieces, quantities, amounts, vats, strict=False):
        piece.quantity, piece.amount, piece.vat_amount = quantity, amount, vat
    return pieces


def _let_go(rma: Return, graded: Sequence[ReturnLine], missing: Sequence[ReturnLine]) -> None:
    """Write the lines, and give pieces that did not come back to their order lines."""
    announced = dict(rma.lines.filter(order_line__isnull=False).values_list("order_line").annotate(Sum("quantity")))
    lock_purchases(announced)
    ReturnLine.objects.filter(pk__in=[line.pk for line in missing]).delete()
    ReturnLine.objects.bulk_update([line for line in graded if line.pk], ["quantity", "amount", "vat_amount", "grade"])
    ReturnLine.objects.bulk_create([line for line in graded if not line.pk])
    came: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for line in graded:
        if line.order_line_id is not None:
            came[line.order_line_id] += line.quantity
    count(
        Counted(order_line_id, returning=came[order_line_id] - quantity)
        for order_line_id, quantity in announced.items()
        if came[order_line_id] != quantity
    )


def _of_charges(rma: Return) -> Decimal:
    return rma.lines.filter(variant=None).aggregate(sum=Sum("amount"))["sum"] or ZERO


def _is_repeat(rma: Return, gradings: Sequence[Graded]) -> bool:
    """Whether exactly these pieces were graded so before; split lines count with the order line they came from."""
    lines = {line.line: line for line in rma.lines.filter(variant__isnull=False)}
    asked: dict[tuple[object, ...], Decimal] = defaultdict(lambda: ZERO)
    for graded in gradings:
        if graded.line in lines:
            line = lines[graded.line]
            asked[line.order_line_id, line.sku, graded.grade] += graded.quantity
    stored: dict[tuple[object, ...], Decimal] = defaultdict(lambda: ZERO)
    for line in lines.values():
        stored[line.order_line_id, line.sku, line.grade] += line.quantity
    return asked == stored


def _invalid(n: int, attr: str, detail: str, code: str = "invalid") -> InvalidInput:
    return InvalidInput(detail, code=code, faults=[Fault(code, detail, f"lines.{n}.{attr}")])
