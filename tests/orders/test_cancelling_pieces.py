"""Pieces of a line are called off one by one: money to the cent, stock free, whatever of the line has left already."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core.errors import InvalidInput
from apps.core.events.models import Event
from apps.core.money import spread
from apps.inventory.models import StoreTask
from apps.orders.models import Order, OrderLine, Parcel
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import owed, pick
from apps.orders.services.shipping import let_leave, ship
from apps.orders.services.types import WrongState
from apps.payments.models import PaymentEntry
from apps.returns.services.amounts import NOTHING, worth_of
from tests.at_once import all_at_once
from tests.orders.counter import order_of
from tests.orders.test_parcels import picked, put, statuses
from tests.shop import Shop, nothing_differs, open_shop
from tests.staff import browser


def off(order: Order, **pieces: Any) -> Order:
    """off(order, line1=2): of line 1 two are cancelled in all."""
    chosen = {int(name.removeprefix("line")): Decimal(str(quantity)) for name, quantity in pieces.items()}
    return cancel(number=order.number, pieces=chosen, actor="t")


def refunds() -> list[Decimal]:
    found = PaymentEntry.objects.filter(kind="refunded").order_by("pk")
    return list(found.values_list("amount", flat=True))


def line_of(order: Order, line: int = 1) -> OrderLine:
    return order.lines.get(line=line)


# --- of a line of which a parcel has left ------------------------------------------------------------------------------


def test_the_rest_of_a_half_gone_line_is_called_off_and_with_it_the_line_has_gone(shop):
    # given: three of A, of which one has left and one stands packed; 10.00 each
    order = picked(shop, ("A", 3), ("B", 1))
    first, second = put(order, line1=1), put(order, line1=1)
    let_leave(number=first.number, actor="t")
    # when: one of the two that are here, twice
    for _time in range(2):
        off(order, line1=1)
    # then it is taken out of its parcel, back on the shelf and free
    line = line_of(order)
    assert (line.status, line.quantity_cancelled, line.quantity_picked) == ("picking", 1, 2)
    assert refunds() == [Decimal("10.00")]
    assert shop.stock("A").reserved == 2
    assert Parcel.objects.get(pk=second.pk).status == "unpacked"
    assert StoreTask.objects.get(kind="put_back").quantity == 1
    assert nothing_differs()
    # when: the other one too
    off(order, line1=2)
    # then what has left is all there is of the line: it has gone, and stock falls
    line = line_of(order)
    assert (line.status, line.quantity_fulfilled) == ("shipped", 1)
    assert (shop.stock("A").on_hand, shop.stock("A").reserved) == (9, 0)
    assert refunds() == [Decimal("10.00")] * 2
    assert StoreTask.objects.get(kind="put_back").quantity == 2
    assert statuses(order) == ["shipped", "picking"]
    assert nothing_differs()
    # and the rest of the order goes on
    assert ship(number=order.number, actor="t").status == "shipped"
    assert nothing_differs()


def test_what_has_left_is_not_called_off(shop):
    order = picked(shop, ("A", 3))
    let_leave(number=put(order, line1=2).number, actor="t")
    with translation.override("en"), pytest.raises(WrongState, match="cancel the pieces that have not"):
        cancel(number=order.number, line_numbers={1}, actor="t")
    with pytest.raises(WrongState, match="2"):
        off(order, line1=2)
    assert refunds() == []
    off(order, line1=1)
    with pytest.raises(WrongState):
        off(order, line1=2)
    assert line_of(order).status == "shipped"
    assert nothing_differs()


# --- of any line -------------------------------------------------------------------------------------------------------


def test_pieces_that_wait_on_the_shelf_are_free_at_once(shop):
    order = order_of(shop, ("A", 3))
    off(order, line1=1)
    assert (line_of(order).status, line_of(order).quantity_cancelled) == ("sourced", 1)
    assert shop.stock("A").reserved == 2
    assert not StoreTask.objects.exists()
    assert pick(number=order.number, actor="t").lines.get().quantity_picked == 2
    told = Event.objects.get(topic="order.cancelled").payload
    assert (told["lines"], told["refunded"]) == ([{"line": 1, "quantity": "1"}], "10.00")
    assert nothing_differs()


def test_the_last_piece_cancels_the_line_and_the_order_with_its_charges(shop):
    order = order_of(shop, ("A", 3))
    total = order.total
    for in_all in (1, 2, 3):
        order = off(order, line1=in_all)
    assert order.status == "cancelled"
    assert sum(refunds()) == total
    assert shop.stock("A").reserved == 0
    assert nothing_differs()


@pytest.mark.parametrize("in_all", ["4", "-1", "0.5", "NaN"])
def test_a_number_that_cannot_be_is_refused(shop, in_all):
    order = order_of(shop, ("A", 3))
    with pytest.raises(InvalidInput) as refused:
        cancel(number=order.number, pieces={1: Decimal(in_all)}, actor="t")
    assert refused.value.faults[0].attr == "pieces.1"
    with pytest.raises(InvalidInput):
        off(order, line9=1)
    assert line_of(order).quantity_cancelled == 0


def test_fewer_than_before_is_no_way_back(shop):
    order = off(order_of(shop, ("A", 3)), line1=2)
    with pytest.raises(WrongState):
        off(order, line1=1)
    assert line_of(order).quantity_cancelled == 2


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    amount=st.decimals("0.00", "9999.99", places=2),
    steps=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    kept=st.integers(0, 9),
)
def test_what_goes_back_and_what_stays_are_the_line_to_the_cent(amount, steps, kept):
    # given: a line of which so many are cancelled step by step, and the rest comes back piece by piece
    quantity = Decimal(sum(steps) + kept)
    line = OrderLine(line=1, quantity=quantity, amount=amount, vat_amount=None, status="sourced")
    order = Order(charges_total=Decimal(0))
    left = owed(order, [line])
    assert left == amount
    back = Decimal(0)
    for step in steps:
        line.quantity_cancelled += step
        line.status = "cancelled" if line.quantity_cancelled == quantity else "sourced"
        now = owed(order, [line])
        assert now <= left
        back, left = back + left - now, now
    assert back + left == amount
    # then what is kept is worth what its pieces are worth when it leaves, and comes back for just that
    assert left == spread(amount, [Decimal(kept), quantity - kept])[0] if kept else left == 0
    returned = NOTHING
    for piece in range(kept):
        line.vat_amount = Decimal(0)
        returned = returned.plus(worth_of(line, Decimal(1), gone=Decimal(piece), given=returned))
    assert returned.amount == left


@pytest.fixture
def raced(transactional_db: None) -> Shop:
    return open_shop()


def test_two_who_cancel_the_same_pieces_at_once_pay_back_once(raced):
    raced.receive(raced.s1, A=10)
    order = order_of(raced, ("A", 3))
    assert all_at_once([lambda: off(order, line1=2)] * 4) == {"done": 4}
    assert refunds() == [Decimal("20.00")]
    assert raced.stock("A").reserved == 1
    assert nothing_differs()


# --- API and page ------------------------------------------------------------------------------------------------------


def test_an_app_cancels_pieces(shop):
    order = order_of(shop, ("A", 3), ("B", 2))
    url = f"orders/{order.number}/cancel/"
    body = {"pieces": [{"line": 1, "quantity": "1"}], "lines": [2]}
    for _time in range(2):
        answer = shop.post(url, body)
        assert answer.status_code == 200, answer.content
    told = answer.json()["lines"]
    assert [(ln["status"], ln["quantity_cancelled"]) for ln in told] == [("sourced", "1"), ("cancelled", "2")]
    assert sum(refunds()) == Decimal("30.00")


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"pieces": [{"line": 1, "quantity": "4"}]}, "pieces.0.quantity"),
        ({"pieces": [{"line": 1, "quantity": "1"}] * 2}, "pieces"),
        ({"pieces": [{"line": 1, "quantity": "1"}], "lines": [1]}, "pieces"),
    ],
)
def test_an_app_that_says_what_cannot_be_is_told_where(shop, body, attr):
    order = order_of(shop, ("A", 3))
    answer = shop.post(f"orders/{order.number}/cancel/", body)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    assert refunds() == []


def test_the_page_asks_how_many_and_the_same_form_twice_cancels_them_once(shop, head_office):
    # given
    order = order_of(shop, ("A", 3), ("B", 1))
    client = browser(head_office)
    page = client.get(f"{order.get_absolute_url()}cancel/")
    assert [name for name in page.context["form"].fields if "-" in name] == ["pieces-1", "before-1"]
    assert ".000" not in str(page.context["form"]["pieces-1"])
    # when
    form = {"lines": ["1"], "pieces-1": "2", "before-1": "0", "reason": "The customer wants one"}
    for _time in range(2):
        assert client.post(f"{order.get_absolute_url()}cancel/", form).status_code == 302
    # then
    assert line_of(order).quantity_cancelled == 2
    assert statuses(order) == ["sourced", "sourced"]
    assert refunds() == [Decimal("20.00")]
    # and the form names what stands
    label = dict(client.get(f"{order.get_absolute_url()}cancel/").context["form"].fields["lines"].choices)["1"]
    assert label == "1 × Product A, €10.00"
