import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.services import grant_access
from apps.core.reach import forget_reach
from apps.inventory.models import StockLevel
from apps.messages.models import Message
from apps.orders.models import Order, OrderLine
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from tests.orders.counter import order_of, read_events, text_of
from tests.staff import browser, person


def test_the_page_of_an_order_tells_all_of_it(shop, head_office):
    order = order_of(
        shop,
        ("A", 2),
        ("B", 1),
        charges=[{"type": "wrapping", "amount": "2.50", "vat_rate": "21.00"}],
        payments=[{"method": "ideal", "status": "captured", "amount": "32.50", "provider": "mollie"}],
        referral={"store": "S2", "associate": "A17"},
    )
    pick(number=order.number, actor="test", quantities={1: 1})

    page = text_of(browser(head_office).get(order.get_absolute_url()))

    assert f">Order {order.number}</h1>" in page
    assert '<li class="done">Placed</li><li aria-current="step">Picked</li><li>Ready</li><li>Collected</li>' in page
    assert "Product A<small" in page
    assert "1 picked" in page
    assert "Wrapping" in page
    assert "of which VAT 21%" in page
    assert "€5.64" in page  # VAT in 32.50, line by line: 3.47 + 1.74 + 0.43
    assert "over €26.86" in page
    assert "iDEAL" in page
    assert "j.jansen@example.org" in page
    assert "2 × Product A, 1 × Product B" in page  # out of the event log
    assert "Referred by" in page
    assert order.collect_code not in page  # it is the customer's proof, not the staff's


def test_the_mail_to_the_customer_is_part_of_what_happened(shop, head_office):
    order = order_of(shop)
    read_events()
    page = text_of(browser(head_office).get(order.get_absolute_url()))
    assert "Mail to the customer" in page
    assert Message.objects.get().subject in page


def test_finance_sees_the_money_and_not_the_person(shop):
    order = order_of(shop)
    read_events()
    page = text_of(browser(person("Frits Kas", "finance")).get(order.get_absolute_url()))
    assert "iDEAL" in page
    assert "j.jansen@example.org" not in page
    assert "Mail to the customer" not in page


def test_another_stores_order_is_not_found(shop, manager, stranger):
    order = order_of(shop)
    assert browser(manager).get(order.get_absolute_url()).status_code == 200
    for act in ("", "pick/", "ready/", "hand-over/", "cancel/", "lines/1/not-found/"):
        assert browser(stranger).get(f"{order.get_absolute_url()}{act}").status_code == 404, act
    assert browser(stranger).get("/orders/T00000000000/").status_code == 404


def test_a_grant_lets_one_look_and_not_act(shop, stranger):
    order = order_of(shop)
    grant_access(principal=stranger, object_type="order", object_key=order.number, purpose="counter", evidence="order")
    forget_reach(stranger)
    client = browser(stranger)
    page = text_of(client.get(order.get_absolute_url()))
    assert order.number in page
    assert f"{order.get_absolute_url()}pick/" not in page
    assert f"{order.get_absolute_url()}cancel/" not in page
    for act in ("pick/", "ready/", "hand-over/", "cancel/", "lines/1/not-found/"):
        assert client.post(f"{order.get_absolute_url()}{act}", {"everything": "1"}).status_code == 404, act
    order.refresh_from_db()
    assert order.status == "sourced"


@pytest.mark.parametrize(
    ("state", "acts"),
    [
        ("sourced", {"pick/", "cancel/"}),
        ("picked", {"ready/", "cancel/"}),
        ("ready", {"hand-over/", "cancel/"}),
        ("collected", set()),
        ("cancelled", set()),
    ],
)
def test_only_acts_that_can_succeed_are_offered(shop, manager, state, acts):
    order = order_of(shop)
    if state in {"picked", "ready", "collected"}:
        pick(number=order.number, actor="test")
    if state in {"ready", "collected"}:
        mark_ready(number=order.number, actor="test")
    if state == "collected":
        hand_over(number=order.number, collect_code=order.collect_code, actor="test")
    if state == "cancelled":
        cancel(number=order.number, actor="test")
    page = text_of(browser(manager).get(order.get_absolute_url()))
    every = ("pick/", "ready/", "hand-over/", "cancel/")
    assert {act for act in every if f'href="{order.get_absolute_url()}{act}"' in page} == acts


def test_acts_are_offered_to_those_who_may(shop, head_office, associate):
    order = order_of(shop)
    at_desk = text_of(browser(head_office).get(order.get_absolute_url()))
    assert "/pick/" not in at_desk
    assert "/cancel/" in at_desk
    on_floor = text_of(browser(associate).get(order.get_absolute_url()))
    assert "/pick/" in on_floor
    assert "/cancel/" not in on_floor
    assert browser(head_office).post(f"{order.get_absolute_url()}ready/").status_code == 403
    assert browser(associate).post(f"{order.get_absolute_url()}cancel/", {"lines": "1"}).status_code == 403


def test_cancelling_a_line_frees_its_stock_and_pays_it_back(shop, manager):
    order = order_of(shop, ("A", 2), ("B", 1))
    client = browser(manager)
    form = text_of(client.get(f"{order.get_absolute_url()}cancel/"))
    assert "2 × Product A, €20.00" in form

    answer = client.post(f"{order.get_absolute_url()}cancel/", {"lines": ["1"], "reason": "Sold out"}, follow=True)

    assert "the lines are cancelled" in text_of(answer)
    order = Order.objects.get(pk=order.pk)
    assert [line.status for line in order.lines.order_by("line")] == ["cancelled", "sourced"]
    assert order.payment_account.refunded == 20
    assert shop.stock("A").reserved == 0
    assert "−€20.00" in text_of(answer)


def test_a_cancelled_order_owes_nothing(shop, head_office):
    order = order_of(shop, payment_terms="on_collection", payments=[])
    assert "Still to pay" in text_of(browser(head_office).get(order.get_absolute_url()))
    cancel(number=order.number, actor="test")
    assert "Still to pay" not in text_of(browser(head_office).get(order.get_absolute_url()))


def test_cancelling_nothing_is_refused_beside_the_field(shop, manager):
    order = order_of(shop)
    answer = browser(manager).post(f"{order.get_absolute_url()}cancel/", {})
    assert answer.status_code == 422
    assert "Choose at least one line." in text_of(answer)
    assert StockLevel.objects.get(variant__sku="A", location=shop.s1).reserved == 1


def test_the_number_of_queries_does_not_grow_with_the_lines(shop, head_office):
    client = browser(head_office)

    def queries(order: Order) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(order.get_absolute_url()).status_code == 200
        return len(captured)

    short, long = order_of(shop), order_of(shop, ("A", 1), ("B", 1), ("C", 1), ("A", 2), ("B", 2))
    OrderLine.objects.update(location=shop.s2)  # so that the page says of each line where it comes from
    assert "Goods from" in text_of(client.get(long.get_absolute_url()))
    assert queries(short) == queries(long) <= 20


def test_who_cancels_says_why_and_the_order_remembers(shop, manager):
    order = order_of(shop)
    client = browser(manager)
    url = f"{order.get_absolute_url()}cancel/"
    answer = client.post(url, {"lines": ["1"]})
    assert answer.status_code == 422
    assert "Say why, in a few words." in text_of(answer)
    client.post(url, {"lines": ["1"], "reason": "Ordered twice"})
    trail = text_of(client.get(f"{order.get_absolute_url()}?part=audit"))
    assert "Ordered twice" in trail
