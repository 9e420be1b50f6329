import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.inventory.models import StockMovement, StoreTask
from apps.inventory.services.places.noting import put_on_shelves
from apps.orders.models import Order
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import mark_ready, pick
from apps.orders.services.shortages import report_short
from apps.payments.models import PaymentEntry
from tests.orders.counter import SWAP, order_of, text_of
from tests.staff import browser, person

PICK_LIST, COLLECT = "/orders/pick/", "/orders/collect/"


def ready_order(shop, *lines, **changes) -> Order:
    order = order_of(shop, *lines, **changes)
    pick(number=order.number, actor="test")
    return mark_ready(number=order.number, actor="test")


def lines_of(order: Order) -> list[tuple[str, Decimal]]:
    return list(order.lines.order_by("line").values_list("status", "quantity_picked"))


def test_an_order_goes_from_the_shelf_to_the_customer_by_the_pages(shop, associate):
    order = order_of(shop, ("A", 2), ("B", 1))
    here, client = order.get_absolute_url(), browser(associate)

    # when it is picked piece by piece
    assert order.number in text_of(client.get(PICK_LIST))
    client.post(f"{here}pick/", {"line": "1", "picked": "1"})
    assert lines_of(order) == [("picking", 1), ("sourced", 0)]
    client.post(f"{here}pick/", {"line": "1", "picked": "2"})
    page = text_of(client.post(f"{here}pick/", {"line": "2", "picked": "1"}, follow=True))
    assert lines_of(order) == [("picking", 2), ("picking", 1)]
    assert f'action="{here}ready/"' in page

    # and made ready
    page = text_of(client.post(f"{here}ready/", follow=True))
    assert f"Order {order.number} is ready to collect." in page
    assert "Nothing to pick" in page

    # and the customer shows the code
    card = text_of(client.post(COLLECT, {"code": f" {order.collect_code.lower()} "}))
    assert f'action="{here}hand-over/"' in card
    assert "Paid in full." in card
    page = text_of(client.post(f"{here}hand-over/", {"code": order.collect_code}, follow=True))

    # then the goods and the stock have gone
    assert f"Order {order.number} is handed over to Jan." in page
    assert Order.objects.get(pk=order.pk).status == "collected"
    moved = StockMovement.objects.filter(cause_type="order", cause_id=order.number)
    assert {(m.kind, m.quantity) for m in moved} == {("collect", 2), ("collect", 1)}
    assert set(moved.values_list("actor", flat=True)) == {f"user:{associate.pk}"}
    assert shop.stock("A").on_hand == 8


def test_pressing_a_button_twice_counts_once(shop, associate):
    order = order_of(shop, ("A", 3))
    client = browser(associate)
    for _press in range(2):
        client.post(f"{order.get_absolute_url()}pick/", {"line": "1", "picked": "1"})
    assert lines_of(order) == [("picking", 1)]


def test_a_tap_answers_with_the_lines_as_they_are_now(shop, associate):
    order = order_of(shop, ("A", 3))
    answer = browser(associate).post(f"{order.get_absolute_url()}pick/", {"line": "1", "picked": "2"}, headers=SWAP)
    page = text_of(answer)
    assert page.startswith('<div id="pick"')
    assert "<span data-shown>2</span> of 3" in page
    assert 'id="more-1" type="submit" name="picked" value="3"' in page
    assert 'id="less-1" type="submit" name="picked" value="1"' in page


@pytest.mark.parametrize("picked", ["4", "-1", "many", ""])
def test_an_impossible_number_of_pieces_is_refused(shop, associate, picked):
    order = order_of(shop, ("A", 3))
    answer = browser(associate).post(f"{order.get_absolute_url()}pick/", {"line": "1", "picked": picked})
    assert answer.status_code == 400
    assert "Nothing was changed" in text_of(answer)
    assert lines_of(order) == [("sourced", 0)]


def test_an_order_is_not_made_ready_before_all_is_picked(shop, associate):
    order = order_of(shop, ("A", 2))
    answer = browser(associate).post(f"{order.get_absolute_url()}ready/")
    assert answer.status_code == 409
    assert "Pick every line first" in text_of(answer)
    assert Order.objects.get(pk=order.pk).status == "sourced"


def test_the_oldest_order_comes_first_with_the_shelf_of_each_line(shop, associate):
    shop.receive(shop.s2, A=4)
    put_on_shelves(location=shop.s1, lines=[("A-12-3", shop.variants["A"].pk, Decimal(4))])
    put_on_shelves(location=shop.s2, lines=[("Z-99-9", shop.variants["A"].pk, Decimal(4))])
    newer = order_of(shop, placed_at="2026-11-21T12:00:00+01:00")
    older = order_of(shop, placed_at="2026-11-20T12:00:00+01:00")
    page = text_of(browser(associate).get(PICK_LIST))
    assert page.index(older.number) < page.index(newer.number)
    assert "A-12-3" in page
    assert "Z-99-9" not in page


def test_the_pick_list_is_that_of_ones_own_store(shop, manager, stranger, head_office):
    order = order_of(shop)
    assert order.number in text_of(browser(manager).get(PICK_LIST))
    assert order.number not in text_of(browser(stranger).get(PICK_LIST))
    assert browser(head_office).get(PICK_LIST).status_code == 403


def test_somebody_with_two_stores_picks_in_one_at_a_time(shop):
    owner = person("Els de Vries", "franchisee", legal_entity=shop.franchisee)
    owner.assignments.create(role="franchisee", location=shop.s2)
    shop.receive(shop.s2, A=1)
    here = order_of(shop)
    there = order_of(shop, fulfilment={"method": "collect", "location": "S2"})
    client = browser(owner)
    first, second = text_of(client.get(PICK_LIST)), text_of(client.get(f"{PICK_LIST}?store=S2"))
    assert (here.number in first, there.number in first) == (True, False)
    assert (here.number in second, there.number in second) == (False, True)


def test_unpaid_orders_do_not_wait_for_the_store(shop, associate):
    order = order_of(shop, payments=[])
    assert order.status == "awaiting_payment"
    assert order.number not in text_of(browser(associate).get(PICK_LIST))
    page = text_of(browser(associate).get(f"{order.get_absolute_url()}pick/"))
    assert "Nothing to pick on this order" in page


def test_waiting_work_is_counted_beside_the_link_and_on_today(shop, associate):
    order_of(shop)
    order_of(shop)
    ready_order(shop)
    page = text_of(browser(associate).get("/"))
    assert 'href="/orders/pick/"' in page
    assert page.count('<span class="count now">3<span class="unseen"> waiting</span></span>') == 1
    assert '<a href="/work/?kind=orders.pick">2</a>' in page
    assert '<a href="/work/?kind=orders.collect">1</a>' in page
    assert page.count('class="task"') == 3


def test_the_number_of_queries_of_the_pick_list_does_not_grow(shop, associate):
    client = browser(associate)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(PICK_LIST).status_code == 200
        return len(captured)

    order_of(shop)
    order_of(shop)
    few = queries()
    shop.receive(shop.s1, A=40)
    for _n in range(8):
        order_of(shop, ("A", 2), ("B", 1))
    assert queries() == few <= 15


# --- what is not there ---------------------------------------------------------------------------------------------


def test_what_is_not_on_the_shelf_is_asked_reported_and_becomes_a_task(shop, associate):
    order = order_of(shop, ("A", 2), ("B", 1))
    client, not_found = browser(associate), f"{order.get_absolute_url()}lines/1/not-found/"
    assert "Product A is not there?" in text_of(client.get(not_found))
    assert lines_of(order)[0] == ("sourced", 0)

    page = text_of(client.post(not_found, follow=True))

    assert "Product A is reported as not found." in page
    assert "not found, waits for other stock" in page
    assert lines_of(order) == [("open", 0), ("sourced", 0)]
    assert StoreTask.objects.get().location == shop.s1
    # the rest is still picked here
    assert order.number in text_of(client.get(PICK_LIST))


def test_the_rest_of_a_short_order_is_handed_over(shop, associate):
    order = order_of(shop, ("A", 1), ("B", 1))
    report_short(number=order.number, line=1, actor="test")
    client, here = browser(associate), order.get_absolute_url()
    client.post(f"{here}pick/", {"everything": "1"})
    client.post(f"{here}ready/")
    assert f'href="{here}hand-over/"' in text_of(client.get(COLLECT))
    client.post(f"{here}hand-over/", {"code": order.collect_code})
    assert [status for status, _picked in lines_of(order)] == ["open", "collected"]


def test_a_line_that_is_not_on_the_order_is_not_found(shop, associate):
    order = order_of(shop)
    assert browser(associate).get(f"{order.get_absolute_url()}lines/7/not-found/").status_code == 404
    assert browser(associate).post(f"{order.get_absolute_url()}lines/7/not-found/").status_code == 404


# --- the counter ---------------------------------------------------------------------------------------------------


def test_a_wrong_collect_code_hands_nothing_over(shop, associate):
    order, other = ready_order(shop), ready_order(shop)
    client = browser(associate)
    answer = client.post(f"{order.get_absolute_url()}hand-over/", {"code": other.collect_code})
    assert answer.status_code == 409
    assert "This collect code does not belong to order" in text_of(answer)
    assert Order.objects.get(pk=order.pk).status == "ready"
    assert shop.stock("A").on_hand == 10

    unknown = client.post(COLLECT, {"code": "22222222"})
    assert "No order has the collect code 22222222." in text_of(unknown)
    assert "ask for the collect code" in text_of(client.post(COLLECT, {"code": order.number})).lower()


def test_what_is_due_is_paid_at_the_counter(shop, associate):
    order = ready_order(shop, ("A", 2), payment_terms="on_collection", payments=[])
    client, hand_over = browser(associate), f"{order.get_absolute_url()}hand-over/"
    assert "Still to pay: €20.00" in text_of(client.post(COLLECT, {"code": order.collect_code}))

    # when nobody says how it is paid, nothing goes
    assert client.post(hand_over, {"code": order.collect_code}).status_code == 422
    assert Order.objects.get(pk=order.pk).status == "ready"

    page = text_of(client.post(hand_over, {"code": order.collect_code, "method": "pin"}, follow=True))
    assert "€20.00 paid: Card." in page
    entry = PaymentEntry.objects.get(account=order.payment_account_id)
    assert (entry.kind, entry.amount, entry.actor) == ("captured", 20, f"user:{associate.pk}")
    assert entry.tender.method == "pin"
    assert Order.objects.get(pk=order.pk).status == "collected"


def test_nobody_pays_at_the_counter_for_what_was_cancelled(shop, associate):
    order = order_of(shop, ("A", 2), ("B", 1), payment_terms="on_collection", payments=[])
    cancel(number=order.number, line_numbers={1}, actor="test")
    pick(number=order.number, actor="test")
    mark_ready(number=order.number, actor="test")
    client = browser(associate)
    assert "Still to pay: €10.00" in text_of(client.post(COLLECT, {"code": order.collect_code}))
    client.post(f"{order.get_absolute_url()}hand-over/", {"code": order.collect_code, "method": "pin"})
    assert Order.objects.get(pk=order.pk).status == "collected"
    assert PaymentEntry.objects.get(account=order.payment_account_id).amount == 10


def test_handing_over_twice_takes_the_money_once(shop, associate):
    order = ready_order(shop, payment_terms="on_collection", payments=[])
    client = browser(associate)
    for _time in range(2):
        client.post(f"{order.get_absolute_url()}hand-over/", {"code": order.collect_code, "method": "cash"})
    assert PaymentEntry.objects.filter(account=order.payment_account_id).count() == 1
    assert shop.stock("A").on_hand == 9


def test_a_code_for_another_store_says_where_to_go(shop, stranger):
    order = ready_order(shop)
    client = browser(stranger)
    page = text_of(client.post(COLLECT, {"code": order.collect_code}))
    assert "This order is collected in Utrecht" in page
    assert "hand-over" not in page
    assert client.get(order.get_absolute_url()).status_code == 200  # the customer showed it: one may look


def test_a_code_for_an_order_that_is_not_ready_leads_to_picking(shop, associate):
    order = order_of(shop)
    page = text_of(browser(associate).post(COLLECT, {"code": order.collect_code}))
    assert "This order is not ready yet." in page
    assert f'href="{order.get_absolute_url()}pick/"' in page


def test_the_collect_code_travels_in_no_address(shop, associate):
    order = ready_order(shop)
    card = browser(associate).post(COLLECT, {"code": order.collect_code}, headers=SWAP)
    page = text_of(card)
    assert card.status_code == 200
    assert f'type="hidden" name="code" value="{order.collect_code}"' in page
    assert page.count(order.collect_code) == 1


def test_work_on_an_order_is_marked_where_it_came_from(shop, associate):
    client = browser(associate)
    to_pick, ready = order_of(shop), ready_order(shop)
    for path, entry in (
        (f"{to_pick.get_absolute_url()}pick/", "/orders/pick/"),
        (f"{ready.get_absolute_url()}hand-over/", "/orders/collect/"),
    ):
        page = text_of(client.get(path))
        assert re.findall(r'href="([^"]+)" aria-current="page"', page) == [entry, entry], (
            path
        )  # in the rail and the bar
