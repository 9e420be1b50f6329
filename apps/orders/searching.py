"""Orders in the search box."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from apps.core.numbers import ORDER, has_form_of_code
from apps.core.reach import reach_of
from apps.customers.services.guessing import names_somebody
from apps.customers.services.lookup import purpose_of
from apps.orders.finding import compact, is_order_number, matching
from apps.orders.models import Order
from apps.orders.services.looking_up import open_by_collect_code, open_by_number
from apps.orders.states import state_of
from apps.orders.tables import fulfilment_of
from apps.portal import formats
from apps.portal.contributions import ASKED, Found, SearchHit

SHORTEST = 4


def find_orders(principal: Any, text: str, limit: int) -> Found:
    """Orders by number (or how it begins), by collect code or a channel's own id; a full one is exact.

    The number of somebody else's order opens it when a customer gives it: that is asked for, never just shown.
    """
    code = compact(text)
    if len(code) < SHORTEST:
        return Found()
    orders = matching(Order.objects.visible_to(principal), text).select_related(
        "channel", "location", "slot_booking__slot"
    )

    def as_hit(order: Order) -> SearchHit:
        tone, word = state_of(order)
        return SearchHit(
            title=order.number,
            url=order.get_absolute_url(),
            meta=f"{formats.when(order.placed_at)}, {order.channel}, {fulfilment_of(order)}",
            status=word,
            tone=tone,
            exact=order.number in {code, f"{ORDER}{code}"} or code == order.collect_code or text == order.external_id,
        )

    found = Found.of(orders.order_by("-placed_at", "-id"), as_hit, limit)
    if found.hits or not reach_of(principal).may("customers.lookup"):
        return found
    # By the form of the text alone: whether there is such an order is told to whoever looks it up, and written down.
    if is_order_number(text):
        return Found([SearchHit(title=_("Open order %(number)s") % {"number": code}, meta=ASKED, asks=True)], 1)
    if has_form_of_code(code) and not names_somebody(text):  # 3555 AB 52 is an address
        asks = _("Open the order with collect code %(code)s") % {"code": code}
        return Found([SearchHit(title=asks, meta=ASKED, asks=True)], 1)
    return found


def open_order_given(request: HttpRequest, text: str) -> HttpResponse | None:
    """The order with this number or collect code, wherever it was placed; opening it is written down."""
    principal = request.user
    purpose = purpose_of(principal)
    if is_order_number(text):
        order = open_by_number(number=text, purpose=purpose, principal=principal)
    else:
        order = open_by_collect_code(code=text, purpose=purpose, principal=principal)
    return HttpResponseRedirect(order.get_absolute_url()) if order else None
