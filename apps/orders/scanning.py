"""Orders under the scanner: by number, and by the code that a customer shows to collect."""

from django.utils.translation import gettext as _

from apps.core.numbers import has_form_of_code
from apps.customers.services import normalising
from apps.customers.services.lookup import purpose_of
from apps.orders.collecting import collect_card
from apps.orders.finding import compact, is_order_number
from apps.orders.models import Order
from apps.orders.services.looking_up import by_collect_code, open_by_collect_code, open_by_number
from apps.portal.contributions import ScanAnswer, ScanMatch, Scanned


def match_order(scanned: Scanned) -> ScanMatch | None:
    """A number from a receipt or a confirmation opens the order, wherever it was bought."""
    number = compact(scanned.code)
    if not is_order_number(number) or not Order.objects.filter(number=number).exists():
        return None
    return ScanMatch(answer=lambda: _order(scanned, number), about=number)


def _order(scanned: Scanned, number: str) -> ScanAnswer | None:
    principal = scanned.principal
    order = open_by_number(number=number, purpose=purpose_of(principal), principal=principal)
    if order is None:
        return None
    return ScanAnswer(said=_("Order %(number)s") % {"number": order.number}, url=order.get_absolute_url())


def note_unknown(scanned: Scanned) -> None:
    """A number or code that no order has: somebody who tries them shows in the log of looks, and is slowed down."""
    code, purpose = compact(scanned.code), purpose_of(scanned.principal)
    if is_order_number(code):
        open_by_number(number=code, purpose=purpose, principal=scanned.principal)
    elif has_form_of_code(code) and not normalising.card(code):
        open_by_collect_code(code=code, purpose=purpose, principal=scanned.principal)


def match_collect_code(scanned: Scanned) -> ScanMatch | None:
    """A collect code shows what to hand over."""
    code = compact(scanned.code)
    if by_collect_code(code) is None:
        return None
    return ScanMatch(answer=lambda: _to_hand_over(scanned, code), about=code)


def _to_hand_over(scanned: Scanned, code: str) -> ScanAnswer | None:
    principal = scanned.principal
    order = open_by_collect_code(code=code, purpose=purpose_of(principal), principal=principal)
    if order is None:
        return None
    card = collect_card(order, principal=principal, code=code)
    return ScanAnswer(
        said=_("Order %(number)s, %(state)s") % {"number": order.number, "state": card.status[1]},
        template="orders/_collect_card.html",
        context={"card": card},
    )
