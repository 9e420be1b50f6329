"""A store could not find what the customer collects: what they said they want then is done, or the desk asks them."""

import structlog
from django.db import transaction

from apps.core.actors import SYSTEM
from apps.core.errors import InvalidInput
from apps.inventory.services.types import InsufficientStock
from apps.orders.models import IfShort, LineStatus, Method, Order, OrderLine
from apps.orders.services.cancelling import LEFT_OUT, cancel
from apps.orders.services.rerouting import reroute
from apps.orders.services.types import WrongState

_log = structlog.get_logger(__name__)


def do_as_wished(*, number: str) -> bool:
    """Have the lines that were refused and still wait sent to the store, sent home, or called off; whether that was done.

    What cannot be done as wished (nobody has it, no address is known, nobody can collect there any more) waits for the desk, as
    without a wish. Again is a no-op.
    """
    order = Order.objects.select_related("location").exclude(if_short="").filter(number=number).first()
    if order is None:
        return False
    refused = OrderLine.objects.filter(
        order=order, status=LineStatus.OPEN, method=Method.COLLECT, refusals__isnull=False
    )
    lines = set(refused.values_list("line", flat=True))
    if not lines:
        return False
    try:
        _do(order, lines)
    except (InsufficientStock, InvalidInput, WrongState) as error:
        _log.info("not_as_wished", order=number, wish=order.if_short, why=error.code)
        return False
    return True


@transaction.atomic
def _do(order: Order, lines: set[int]) -> None:
    if order.if_short == IfShort.CANCEL:
        cancel(number=order.number, line_numbers=lines, actor=SYSTEM, reason=LEFT_OUT)
    elif order.if_short == IfShort.DELIVER:
        reroute(number=order.number, to=None, line_numbers=lines, actor=SYSTEM)
    else:
        reroute(number=order.number, to=order.location, from_anywhere=True, line_numbers=lines, actor=SYSTEM)
