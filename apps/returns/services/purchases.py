"""The purchases that a return reverses: found by order number, locked in key order, used up piece by piece."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import prefetch_related_objects
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.core.money import ZERO, plain, spoken
from apps.orders.models import Order, OrderLine
from apps.returns.services.amounts import NOTHING, Worth, given_back, worth_of
from apps.returns.services.types import Announced, NotReturnable

LONGEST_RETURN = 200  # lines


@dataclass(slots=True)
class Purchase:
    """One locked order line, and what this return takes of it so far."""

    line: OrderLine
    given: Worth
    taken: Decimal = field(default=ZERO)

    @property
    def left(self) -> Decimal:
        return self.line.returnable - self.taken

    def take(self, quantity: Decimal) -> Worth:
        """Use up so many pieces; return what they are worth."""
        gone = self.line.quantity_returned + self.line.quantity_returning + self.taken
        worth = worth_of(self.line, quantity, gone=gone, given=self.given)
        self.given = self.given.plus(worth)
        self.taken += quantity
        return worth


@dataclass(frozen=True, slots=True)
class Taken:
    """So many pieces of one purchase, as one line of the return."""

    purchase: Purchase
    quantity: Decimal
    worth: Worth
    reason: str


def lock_lines(order_line_ids: Iterable[int]) -> dict[int, OrderLine]:
    """Lock order lines, each after its order as whoever hands over does, all in key order.

    Two desks that take the same goods meet here: the second waits, then sees what the first took.
    """
    ids = sorted(set(order_line_ids))
    if not ids:
        return {}
    orders = {
        order.pk: order
        for order in Order.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=OrderLine.objects.filter(pk__in=_listed(ids)).values("order"))
        .order_by("pk")
    }
    lines = OrderLine.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=_listed(ids)).order_by("pk")
    locked = {line.pk: line for line in lines}
    for line in locked.values():
        line.order = orders[line.order_id]
    return locked


def _listed(ids: list[int]) -> RawSQL:
    """Ids as one parameter however many they are; a list would take one each, which is slow by the thousand."""
    return RawSQL("SELECT unnest(%s::bigint[])", [ids])


def lock_purchases(order_line_ids: Iterable[int]) -> dict[int, Purchase]:
    """Lock order lines, with what earlier returns took of them."""
    locked = lock_lines(order_line_ids)
    given = given_back(locked) if locked else {}
    prefetch_related_objects(list(locked.values()), "variant")
    return {pk: Purchase(line, given.get(pk, NOTHING)) for pk, line in locked.items()}


def take_announced(wanted: Sequence[Announced]) -> list[Taken]:
    """Lock what is named and use it up; a SKU that stands on several lines of an order is taken from them in turn.

    Raises `InvalidInput` (a 400) for what does not exist or cannot be read, `NotReturnable` for more than is left.
    """
    _check_quantities(wanted)
    candidates = _find(wanted)
    locked = lock_purchases(pk for found in candidates for pk in found)
    _check_currency(locked)
    taken: list[Taken] = []
    faults: list[Fault] = []
    for n, (want, found) in enumerate(zip(wanted, candidates, strict=True)):
        purchases = [locked[pk] for pk in found]
        if not purchases[0].line.variant.allows_fractions and want.quantity % 1:
            raise _invalid(n, "quantity", _("This is sold by the piece; a part of one cannot come back."))
        left = sum((p.left for p in purchases), ZERO)
        if want.quantity > left:
            faults.append(
                Fault(
                    NotReturnable.code,
                    _("%(left)s can come back, %(wanted)s offered.")
                    % {"left": spoken(plain(left)), "wanted": spoken(plain(want.quantity))},
                    f"lines.{n}.quantity",
                    {"returnable": plain(left)},
                )
            )
            continue
        taken += _use_up(purchases, want)
    if faults:
        raise NotReturnable(faults)
    return taken


def returnable_of(lines: Iterable[OrderLine]) -> list[OrderLine]:
    """The lines of an order of which something can still come back. Raises NotReturnable when there are none."""
    read = list(lines)
    found = [line for line in read if line.returnable > 0]
    if not found and any(line.quantity_fulfilled for line in read):
        raise NotReturnable(detail=_("Everything that was handed over came back, or is announced."))
    if not found:
        raise NotReturnable(detail=_("Nothing of this order was handed over yet."))
    return found


def _use_up(purchases: Sequence[Purchase], want: Announced) -> list[Taken]:
    taken: list[Taken] = []
    rest = want.quantity
    for purchase in purchases:
        part = min(rest, purchase.left)
        if part > 0:
            taken.append(Taken(purchase, part, purchase.take(part), want.reason))
            rest -= part
    return taken


def _find(wanted: Sequence[Announced]) -> list[list[int]]:
    """Per wanted line the ids of the order lines it may come from, in the order's own order."""
    by_line: dict[tuple[str, int], int] = {}
    by_sku: dict[tuple[str, str], list[int]] = defaultdict(list)
    rows = OrderLine.objects.filter(order__number__in={w.order for w in wanted}).order_by("order_id", "line")
    numbers = set()
    for pk, number, line, sku in rows.values_list("pk", "order__number", "line", "sku"):
        numbers.add(number)
        by_line[number, line] = pk
        by_sku[number, sku].append(pk)
    found: list[list[int]] = []
    for n, want in enumerate(wanted):
        if want.order not in numbers:
            raise _invalid(n, "order", _("There is no such order."), "does_not_exist")
        if want.line is not None:
            key = (want.order, want.line)
            ids = [by_line[key]] if key in by_line else []
            attr, detail = "line", _("The order has no such line.")
        else:
            ids = by_sku[want.order, want.sku]
            attr, detail = "sku", _("This was not on the order.")
        if not ids:
            raise _invalid(n, attr, detail, "does_not_exist")
        found.append(ids)
    return found


def _check_quantities(wanted: Sequence[Announced]) -> None:
    if not wanted:
        raise InvalidInput(_("A return has at least one line."), code="required")
    if len(wanted) > LONGEST_RETURN:
        raise InvalidInput(_("A return has at most %(most)s lines.") % {"most": LONGEST_RETURN}, code="too_many")
    for n, want in enumerate(wanted):
        if not want.quantity.is_finite() or want.quantity <= 0:
            raise _invalid(n, "quantity", _("A quantity is greater than zero."))
        if want.line is None and not want.sku:
            raise _invalid(n, "line", _("Name the line or the SKU."), "required")


def _check_currency(locked: dict[int, Purchase]) -> None:
    currencies = {purchase.line.order.currency for purchase in locked.values()}
    if len(currencies) > 1:
        raise InvalidInput(_("One return cannot hold purchases in several currencies."), code="several_currencies")


def _invalid(n: int, attr: str, detail: str, code: str = "invalid") -> InvalidInput:
    return InvalidInput(detail, code=code, faults=[Fault(code, detail, f"lines.{n}.{attr}")])
