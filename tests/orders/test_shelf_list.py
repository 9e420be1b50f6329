"""The shelf list: where each article of a wish or an order stands in a store, on paper, by mail and over the API."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.inventory.handing_out import shelf_list
from apps.inventory.services.places.noting import put_on_shelves
from apps.messages.models import Message
from apps.messages.services.sending import send_due
from apps.network import directory
from apps.network.models import Location
from apps.orders.services.cancelling import cancel
from tests.orders.counter import order_of, text_of
from tests.staff import browser


@pytest.fixture
def shelves(shop):
    """In S1 B stands before A, and A on two shelves; C has no shelf."""
    v = shop.variants
    lines = [("B-02", v["A"].pk, Decimal(4)), ("C-01", v["A"].pk, Decimal(6)), ("A-01", v["B"].pk, Decimal(10))]
    put_on_shelves(location=shop.s1, lines=lines)
    return shop


def goods(shop, **wanted):
    return [(shop.variants[sku], Decimal(quantity)) for sku, quantity in wanted.items()]


def test_articles_come_in_walking_order_and_those_without_a_shelf_last(shelves):
    stands = shelf_list(location=shelves.s1, goods=goods(shelves, C=1, A=1, B=1))
    assert [(one.variant.sku, one.shelves) for one in stands] == [("B", ("A-01",)), ("A", ("B-02", "C-01")), ("C", ())]
    assert all(one.missing == 0 for one in stands)


def test_what_the_store_has_not_got_names_the_nearest_store_that_has_all_of_it(shelves):
    # given ten here, two near by, and enough further away
    shelves.receive(shelves.s2, A=5)
    # when
    [stand] = shelf_list(location=shelves.s1, goods=goods(shelves, A=13))
    # then
    assert (stand.here, stand.missing) == (10, 3)
    assert stand.nearest is not None
    assert (stand.nearest.location.code, stand.nearest.available) == ("S2", 5)
    assert not stand.is_sent


def test_it_can_be_sent_when_those_that_send_have_it_and_the_webshop_sells_it(shelves):
    # given a distribution centre, which no customer walks into
    shelves.receive(shelves.dc, A=5)
    wanted = goods(shelves, A=12)
    [stand] = shelf_list(location=shelves.s1, goods=wanted)
    assert (stand.nearest, stand.is_sent) == (None, True)
    # when the webshop has no price for it
    shelves.variants["A"].prices.all().delete()
    # then
    [stand] = shelf_list(location=shelves.s1, goods=wanted)
    assert not stand.is_sent


def test_what_is_promised_to_others_cannot_be_taken(shelves):
    order_of(shelves, ("A", 9))
    [stand] = shelf_list(location=shelves.s1, goods=goods(shelves, A=3))
    assert (stand.here, stand.missing) == (1, 2)


def test_more_articles_ask_no_more(shelves):
    def queries(**wanted) -> int:
        asked = goods(shelves, **wanted)
        with CaptureQueriesContext(connection) as seen:
            shelf_list(location=shelves.s1, goods=asked)
        return len(seen)

    queries(A=99)
    assert queries(A=99) == queries(A=99, B=99, C=99)


def test_the_page_of_an_order_counts_what_the_store_keeps_for_it(shelves, associate):
    # given all ten of A, for this customer
    order = order_of(shelves, ("A", 10), ("B", 1))
    # when
    page = text_of(browser(associate).get(f"{order.get_absolute_url()}shelf-list/"))
    # then
    assert "Not in this store" not in page
    assert page.index("A-01") < page.index("B-02") < page.index("C-01")
    assert f'href="{order.get_absolute_url()}shelf-list/"' in text_of(browser(associate).get(order.get_absolute_url()))
    # and nothing of it once it is called off
    cancel(number=order.number, line_numbers={1, 2}, actor="test")
    assert "The customer has everything" in text_of(browser(associate).get(f"{order.get_absolute_url()}shelf-list/"))


def test_a_wish_list_is_typed_or_scanned_and_says_what_is_not_known(shelves, associate):
    page = text_of(browser(associate).get("/orders/shelf-list/", {"goods": "b\nA 2\nA"}))
    assert re.search(r"A-01.*B-02.*C-01.*>3<", page, re.DOTALL)
    wrong = text_of(browser(associate).get("/orders/shelf-list/", {"goods": "A\nNOTHING"}))
    assert "Line 2: “NOTHING” is not known." in wrong
    assert "B-02" not in wrong


def test_a_scanned_product_leads_to_a_list_with_it(shelves, associate):
    page = text_of(browser(associate).post("/scan/", {"code": "A"}))
    assert "/orders/shelf-list/?goods=A+1" in page


def test_the_list_of_an_order_is_mailed_to_its_customer_whose_address_nobody_types(shelves, associate):
    # given
    order = order_of(shelves, ("A", 2), ("B", 1))
    client, path = browser(associate), f"/orders/shelf-list/mail/?location=S1&order={order.number}"
    token = re.search(r'name="token" value="([^"]+)"', text_of(client.get(path)))[1]
    # when it is sent twice
    for _turn in range(2):
        assert client.post(path, {"token": token, "address": ""}).status_code == 302
    send_due()
    # then
    [letter] = [m for m in mail.outbox if "j.jansen@example.org" in m.to]
    assert letter.subject == "Waar het staat in Utrecht"
    assert letter.body.index("A-01: 1 × Product B") < letter.body.index("B-02, C-01: 2 × Product A")
    assert Message.objects.get(template="shelf_list").source_record_id == order.source_record_id


def test_a_wish_list_goes_to_the_address_somebody_gives_and_says_what_is_elsewhere(shelves, associate):
    # given
    shelves.receive(shelves.s2, A=5)
    path = "/orders/shelf-list/mail/?location=S1&goods=A+13"
    token = "0192d0a0-0000-7000-8000-000000000000"
    client = browser(associate)
    # when nobody says to whom
    assert client.post(path, {"token": token}).status_code == 422
    client.post(path, {"token": token, "address": "piet@example.org"})
    # then
    message = Message.objects.get(template="shelf_list")
    assert (message.address, message.source_record_id) == ("piet@example.org", None)
    assert "10 × Product A" in message.body
    assert "3 × Product A; Leiden heeft het" in message.body


def test_an_order_out_of_reach_is_not_mailed(shelves, stranger):
    order = order_of(shelves, ("A", 1))
    path = f"/orders/shelf-list/mail/?location=S2&order={order.number}"
    assert browser(stranger).post(path, {"token": "0192d0a0-0000-7000-8000-000000000000"}).status_code == 404
    assert not Message.objects.filter(template="shelf_list").exists()


def test_a_webshop_gets_the_list_and_a_link_that_opens_it(shelves, associate):
    # given
    shelves.receive(shelves.s2, A=5)
    # when
    body = {"location": "S1", "lines": [{"sku": "C"}, {"sku": "A", "quantity": "13"}, {"sku": "B", "quantity": "2"}]}
    answer = shelves.post("shelf-lists/", body)
    # then
    assert answer.status_code == 200
    lines = answer.json()["lines"]
    assert [(line["sku"], line["shelves"], line["missing"]) for line in lines] == [
        ("B", ["A-01"], "0"),
        ("A", ["B-02", "C-01"], "3"),
        ("C", [], "0"),
    ]
    assert (lines[1]["nearest"]["code"], lines[1]["can_be_sent"], lines[0]["nearest"]) == ("S2", False, None)
    opened = text_of(browser(associate).get(answer.json()["link"][len(settings.BASE_URL) :]))
    assert opened.index("A-01") < opened.index("B-02")


def test_a_webshop_hears_which_line_and_which_store_it_got_wrong(shelves):
    unknown = shelves.post("shelf-lists/", {"location": "S1", "lines": [{"sku": "A"}, {"sku": "NO"}]}).json()
    assert unknown["errors"][0]["attr"] == "lines.1.sku"
    centre = shelves.post("shelf-lists/", {"location": "DC", "lines": [{"sku": "A"}]}).json()
    assert centre["errors"][0]["attr"] == "location"


def test_a_store_that_closed_is_not_named(shelves):
    shelves.receive(shelves.s2, A=5)
    Location.objects.filter(pk=shelves.s2.pk).update(active_until=dt.date(2020, 1, 1))
    directory.forget()
    [stand] = shelf_list(location=shelves.s1, goods=goods(shelves, A=13))
    assert stand.nearest is None
