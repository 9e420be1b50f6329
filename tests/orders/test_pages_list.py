import datetime as dt
import re
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.services import grant_access
from apps.customers.models import Customer
from apps.network.models import Channel
from apps.orders.models import Order
from apps.orders.services.fulfilling import mark_ready, pick
from apps.orders.services.recording import record_sales
from apps.orders.services.shortages import report_short
from apps.orders.services.types import Sale, SaleLine
from apps.payments.services.types import Tendered
from tests.orders.counter import numbers_in, order_of, text_of
from tests.staff import browser, person

LIST = "/orders/"


def till_sale(shop, store, *, day=dt.date(2026, 11, 20), key="1", currency="EUR", channel=None):
    """A sale at a till, taken along; nobody knows who bought it."""
    channel = channel or Channel.objects.get(location=store)
    line = SaleLine(1, shop.variants["A"].pk, "A", "Product A", Decimal(1), Decimal(10), Decimal(0), Decimal("10.00"))
    sale = Sale(
        channel_id=channel.pk,
        channel_code=channel.code,
        external_id=f"till-{key}",
        placed_at=dt.datetime.combine(day, dt.time(12), dt.UTC),
        business_date=day,
        currency=currency,
        seller_id=shop.own.pk,
        method="carry_out",
        lines=[line],
        tenders=[Tendered("pin", Decimal("10.00"))],
        location_id=store.pk,
    )
    with transaction.atomic():
        [recorded] = record_sales([sale], actor="test", move_stock=False)
    return Order.objects.get(pk=recorded.order_id)


@pytest.fixture
def book(shop):
    """Four orders: two to collect (one of them ready), one to deliver, one sold at the till of S2."""
    shop.receive(shop.dc, A=5)
    ready = order_of(shop, external_id="WEB-READY")
    pick(number=ready.number, actor="test")
    mark_ready(number=ready.number, actor="test")
    return {
        "waiting": order_of(shop, external_id="WEB-WAITS", placed_at="2026-11-21T13:00:00+01:00"),
        "ready": ready,
        "delivery": order_of(
            shop, external_id="WEB-SENT", fulfilment={"method": "delivery", "address": {"postcode": "3511AB"}}
        ),
        "till": till_sale(shop, shop.s2),
    }


def named(book, response) -> set[str]:
    by_number = {order.number: name for name, order in book.items()}
    return {by_number[number] for number in numbers_in(response)}


def test_everybody_sees_the_orders_in_their_reach(shop, book, head_office, manager, stranger):
    assert named(book, browser(head_office).get(LIST)) == {"waiting", "ready", "delivery", "till"}
    assert named(book, browser(manager).get(LIST)) == {"waiting", "ready"}
    assert named(book, browser(stranger).get(LIST)) == {"till"}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("channel=web", {"waiting", "ready", "delivery"}),
        ("channel=S2", {"till"}),
        ("kind=store", {"till"}),
        ("kind=store&kind=webshop", {"waiting", "ready", "delivery", "till"}),
        ("method=collect", {"waiting", "ready"}),
        ("method=carry_out", {"till"}),
        ("status=ready", {"ready"}),
        ("status=ready&status=collected", {"ready", "till"}),
        ("location=S1", {"waiting", "ready"}),
        ("from=2026-11-21", {"waiting", "ready", "delivery"}),
        ("to=2026-11-20", {"till"}),
        ("from=2026-11-20&to=2026-11-20", {"till"}),
        ("currency=EUR", {"waiting", "ready", "delivery", "till"}),
        ("known=true", {"waiting", "ready", "delivery"}),
        ("known=false", {"till"}),
        ("handed=true", {"till"}),
        ("handed=false", {"waiting", "ready", "delivery"}),
        ("view=waiting", {"waiting", "delivery"}),
        ("view=ready", {"ready"}),
        ("view=short", set()),
        ("q=WEB-WAITS", {"waiting"}),
        ("q=till-1", {"till"}),
        ("q=web-waits", set()),
    ],
)
def test_filters_have_the_names_that_other_pages_link_with(book, head_office, query, names):
    assert named(book, browser(head_office).get(f"{LIST}?{query}")) == names


def test_pounds_are_kept_apart_from_euros(shop, book, head_office):
    gifts = Channel.objects.create(code="uk", name="UK", kind="webshop", currency="GBP", seller=shop.own)
    book["pounds"] = till_sale(shop, shop.s2, currency="GBP", channel=gifts)
    page = browser(head_office).get(f"{LIST}?currency=GBP")
    assert named(book, page) == {"pounds"}
    assert "£10.00" in text_of(page)


def test_a_number_is_found_as_people_write_it(book, head_office):
    number, code = book["waiting"].number, book["waiting"].collect_code
    client = browser(head_office)
    for text in (number, number.lower(), f"{number[0]}-{number[1:4]} {number[4:]}", number[:9], code, code.lower()):
        assert named(book, client.get(LIST, {"q": text})) == {"waiting"}, text
    assert named(book, client.get(LIST, {"q": code[:6]})) == set()  # part of a code opens nothing


def test_orders_of_a_customer_are_for_whom_the_customer_is_open(shop, book, head_office):
    customer = Customer.objects.get()
    client = browser(head_office)
    closed = client.get(LIST, {"customer": str(customer.key)})
    assert '<div class="chip invalid">' in text_of(closed)
    assert f'<span class="by">Customer</span> {customer.name}' not in text_of(closed)
    grant_access(
        principal=head_office, object_type="customer", object_key=str(customer.key), purpose="service", evidence="email"
    )
    opened = client.get(LIST, {"customer": str(customer.key)})
    assert named(book, opened) == {"waiting", "ready", "delivery"}
    assert f'<span class="by">Customer</span> {customer.name}' in text_of(opened)


def test_names_of_customers_are_for_those_who_may_see_customers(shop, book, head_office):
    finance = person("Frits Kas", "finance")
    assert "<td" in text_of(browser(head_office).get(LIST))
    assert ">Jan</td>" in text_of(browser(head_office).get(LIST))
    page = text_of(browser(finance).get(LIST))
    assert named(book, browser(finance).get(LIST)) == {"waiting", "ready", "delivery", "till"}
    assert "Jan</td>" not in page
    assert "Customer</" not in page


def test_a_short_order_is_said_to_be_short(shop, book, head_office):
    report_short(number=book["waiting"].number, line=1, actor="test")
    page = browser(head_office).get(f"{LIST}?view=short")
    assert named(book, page) == {"waiting"}
    assert '<span class="status" data-tone="bad">Short</span>' in text_of(page)


def test_the_newest_order_comes_first(book, head_office):
    numbers = numbers_in(browser(head_office).get(LIST))
    assert numbers[0] == book["waiting"].number
    assert numbers[-1] == book["till"].number


def test_the_number_of_queries_does_not_grow_with_the_rows(shop, book, head_office):
    client = browser(head_office)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LIST).status_code == 200
        return len(captured)

    few = queries()
    for n in range(40):
        till_sale(shop, shop.s2, key=f"more-{n}")
    shop.receive(shop.s1, A=10)
    for _n in range(6):
        order_of(shop)
    assert queries() == few <= 16


def test_the_filter_offers_what_is_in_reach_and_keeps_what_is_chosen(shop, book, head_office, manager):
    def options(response, name: str) -> dict[str, bool]:
        select = re.search(rf"<select [^>]*name=\"{name}\".*?</select>", response.content.decode(), re.S)
        assert select
        return {code: bool(on) for code, on in re.findall(r'<option value="([^"]*)"( selected)?>', select[0])}

    page = browser(head_office).get(f"{LIST}?channel=S2&location=S1&part=filters")
    assert options(page, "location") == {"": False, "DC": False, "S1": True, "S2": False}
    assert options(page, "channel") == {"": False, "web": False, "S2": True}  # tills are found by their store
    assert options(browser(manager).get(f"{LIST}?part=filters"), "location") == {"": True, "S1": False}


def test_names_in_the_filter_are_text(shop, head_office):
    shop.s1.name = '<b>"S"</b>'
    shop.s1.save()
    page = browser(head_office).get(f"{LIST}?part=filters").content.decode()
    assert "&lt;b&gt;&quot;S&quot;&lt;/b&gt;</option>" in page


def test_a_day_is_spoken_in_the_language_of_the_page(book, head_office):
    page = text_of(browser(head_office).get(f"{LIST}?from=2025-11-01")).replace("\N{NO-BREAK SPACE}", " ")
    assert '<span class="by">From</span> 1 Nov 2025' in page


@pytest.mark.parametrize("body", [{"lines": [2]}, {"pieces": [{"line": 1, "quantity": "1"}]}])
def test_what_was_cancelled_is_not_marked_as_unpaid(shop, manager, body):
    # given
    order = order_of(shop, ("A", 2), ("B", 1), payments=[{"method": "ideal", "amount": "20.00"}])
    assert '<span class="tone-wait">€20.00</span>' in text_of(browser(manager).get(LIST))
    # when a line is called off, or a piece of one
    shop.post(f"orders/{order.number}/cancel/", body)
    # then
    page = text_of(browser(manager).get(LIST))
    assert "€20.00" in page
    assert '<span class="tone-wait">€20.00</span>' not in page
