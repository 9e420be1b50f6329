"""A line of which one parcel has left and another has not: the rest goes the same way, whoever asks."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.errors import InvalidInput
from apps.orders.acts import cancellable
from apps.orders.models import Order
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import pick
from apps.orders.services.rerouting import reroute
from apps.orders.services.shipping import let_leave, ship
from apps.orders.services.shortages import refuse
from apps.orders.services.types import WrongState
from apps.orders.views.listing import CANCEL_MANY
from apps.payments.models import PaymentEntry
from tests.orders.test_parcels import picked, put, statuses
from tests.shop import Shop, nothing_differs
from tests.staff import browser


def half_gone(shop: Shop) -> Order:
    """Line 1 in two parcels of which the first has left, line 2 in hand."""
    order = picked(shop, ("A", 2), ("B", 1))
    first, _second = put(order, line1=1), put(order, line1=1)
    let_leave(number=first.number, actor="t")
    order.refresh_from_db()
    return order


@pytest.mark.parametrize(
    "act",
    [
        lambda shop, order: cancel(number=order.number, actor="t"),
        lambda shop, order: cancel(number=order.number, line_numbers={1}, actor="t"),
        lambda shop, order: refuse(number=order.number, reason="not_found", line_numbers=[1], actor="t"),
        lambda shop, order: reroute(number=order.number, to=shop.s2, actor="t"),
    ],
    ids=["cancel", "cancel the line", "refuse", "reroute"],
)
def test_the_rest_of_a_line_goes_the_way_its_first_parcel_went(shop, act):
    # given
    order = half_gone(shop)
    shop.receive(shop.s2, A=5, B=5)
    # when
    with pytest.raises(WrongState, match=r"line 1|regel 1"):
        act(shop, order)
    # then nothing has changed, and it can still go
    assert statuses(order) == ["picking", "picking"]
    assert not PaymentEntry.objects.filter(kind="refunded").exists()
    assert ship(number=order.number, actor="t").status == "shipped"
    assert shop.stock("A").on_hand == 8
    assert nothing_differs()


def test_what_has_left_cannot_be_un_picked(shop):
    order = half_gone(shop)
    with pytest.raises(InvalidInput, match="1"):
        pick(number=order.number, quantities={1: Decimal(0)}, actor="t")
    assert pick(number=order.number, quantities={1: Decimal(1)}, actor="t").status == "picking"
    assert order.lines.get(line=1).quantity_picked == 1


def test_other_lines_of_the_order_can_still_be_passed_on_or_called_off(shop):
    order = half_gone(shop)
    refuse(number=order.number, reason="too_busy", actor="t")
    assert statuses(order) == ["picking", "open"]
    cancel(number=order.number, line_numbers={2}, actor="t")
    assert statuses(order) == ["picking", "cancelled"]


def test_pages_offer_only_what_can_be(shop, head_office):
    order = half_gone(shop)
    page = browser(head_office).get(f"{order.get_absolute_url()}cancel/")
    assert [key for key, _label in page.context["form"].fields["lines"].choices] == ["1", "2"]
    cancel(number=order.number, line_numbers={2}, actor="t")
    shown = browser(head_office).get(order.get_absolute_url()).context["actions"]
    refused = {act.action.route: act.why_not for act in shown}
    assert not refused["orders:cancel"]
    assert "1" in refused["orders:reroute"]


def test_cancelling_many_reads_what_left_once(shop):
    half_gone(shop)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            for order in Order.objects.prefetch_related(*CANCEL_MANY.prefetch):
                assert [line.line for line in cancellable(order.lines.all())] == [2]
        return len(queries)

    one = asked()
    half_gone(shop)
    assert asked() == one
