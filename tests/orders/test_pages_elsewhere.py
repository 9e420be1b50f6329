"""What the orders app shows on pages of others: search, scan box, a customer's page and timeline."""

import datetime as dt
import re

import pytest
import time_machine
from django.utils import timezone, translation

from apps.accounts.models import AccessGrant
from apps.accounts.services import grant_access
from apps.core.reach import forget_reach
from apps.customers.models import Customer, SourceRecord
from apps.customers.services.lookup import look_up
from apps.orders.models import Order
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from apps.orders.timeline import Purchases
from apps.portal.registry import Registry
from apps.portal.timeline import read_timeline
from tests.orders.counter import SWAP, order_of, text_of
from tests.orders.test_pages_list import till_sale
from tests.staff import browser, person


def opened(principal, customer: Customer) -> None:
    grant_access(
        principal=principal, object_type="customer", object_key=str(customer.key), purpose="service", evidence="email"
    )
    forget_reach(principal)


# --- search --------------------------------------------------------------------------------------------------------


def test_a_full_number_or_id_opens_the_order_at_once(shop, manager):
    order = order_of(shop, external_id="WEB-9001")
    client = browser(manager)
    for text in (order.number, order.number.lower(), "WEB-9001", order.collect_code):
        answer = client.get("/search/", {"q": text})
        assert (answer.status_code, answer.headers.get("Location")) == (302, order.get_absolute_url()), text
    part = client.get("/search/", {"q": order.number[:8]})
    assert part.status_code == 200
    assert f'href="{order.get_absolute_url()}"' in text_of(part)


def test_search_finds_nothing_out_of_reach(shop, manager, stranger):
    order = order_of(shop, external_id="WEB-9001")
    for text in (order.number, order.collect_code, "WEB-9001", order.number[:6]):
        page = text_of(browser(stranger).get("/search/", {"q": text}))
        assert order.get_absolute_url() not in page, text
    assert not AccessGrant.objects.exists()


def test_digits_read_aloud_find_the_order_without_its_letter(shop, manager):
    order = order_of(shop)
    client = browser(manager)
    assert client.post("/search/", {"q": order.number[1:]})["Location"] == order.get_absolute_url()
    assert order.get_absolute_url() in text_of(client.post("/search/", {"q": order.number[1:7]}, headers=SWAP))


def test_the_number_of_an_order_elsewhere_opens_it_when_it_is_asked_for(shop, stranger):
    # given
    order = order_of(shop)
    client = browser(stranger)
    # when typed
    typed = text_of(client.post("/search/", {"q": order.number}, headers=SWAP))
    # then it is offered without a word about it
    assert f"Open order {order.number}" in typed
    assert order.get_absolute_url() not in typed
    assert not AccessGrant.objects.exists()
    # when asked for
    answer = client.post("/search/", {"q": order.number})
    # then
    assert answer["Location"] == order.get_absolute_url()
    assert AccessGrant.objects.get().object_key == order.number
    assert client.get(order.get_absolute_url()).status_code == 200


# --- palette -------------------------------------------------------------------------------------------------------


def test_the_palette_offers_the_acts_of_the_order_on_screen(shop, manager, associate, stranger):
    order = order_of(shop)
    here = SWAP | {"HX-Current-URL": f"http://testserver{order.get_absolute_url()}"}
    cancel = f'href="/orders/{order.number}/cancel/"'
    assert cancel in text_of(browser(manager).get("/palette/", headers=here))
    assert cancel not in text_of(browser(associate).get("/palette/", headers=here))  # may not cancel
    assert cancel not in text_of(browser(stranger).get("/palette/", headers=here))  # does not see the order
    pick(number=order.number, actor="test")
    mark_ready(number=order.number, actor="test")
    hand_over(number=order.number, collect_code=order.collect_code, actor="test")
    assert cancel not in text_of(browser(manager).get("/palette/", headers=here))  # nothing left to cancel


def test_a_customer_seen_before_is_named_only_while_they_are_open(shop, manager):
    order = order_of(shop)
    customer = Customer.objects.get(source_records__orders=order)
    client = browser(manager)
    opened(manager, customer)
    client.get(customer.get_absolute_url())
    assert customer.name in text_of(client.get("/palette/", headers=SWAP))
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=31)):
        assert customer.name not in text_of(client.get("/palette/", headers=SWAP))


# --- scanning ------------------------------------------------------------------------------------------------------


def test_scanning_a_collect_code_shows_what_to_hand_over(shop, associate):
    order = order_of(shop, ("A", 2))
    pick(number=order.number, actor="test")
    mark_ready(number=order.number, actor="test")
    page = text_of(browser(associate).post("/scan/", {"code": order.collect_code}, headers=SWAP))
    assert f'action="{order.get_absolute_url()}hand-over/"' in page
    assert f"Order {order.number}, Ready to collect" in page
    assert "Product A" in page


def test_scanning_an_order_number_opens_the_order_wherever_it_was_bought(shop, associate):
    client = browser(associate)
    here, there = order_of(shop), till_sale(shop, shop.s2)
    assert client.post("/scan/", {"code": here.number}).headers["Location"] == here.get_absolute_url()
    assert not AccessGrant.objects.exists()  # it was in reach already

    assert client.get(there.get_absolute_url()).status_code == 404
    assert client.post("/scan/", {"code": there.number}).headers["Location"] == there.get_absolute_url()
    grant = AccessGrant.objects.get()
    assert (grant.object_key, grant.purpose, grant.evidence) == (there.number, "counter", "order")
    assert client.get(there.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("code", ["T48101273641", "T4810127364", "9520012345674", "ABCDEFGH", "' OR 1=1"])
def test_a_code_that_is_no_orders_is_left_to_others(shop, associate, code):
    page = text_of(browser(associate).post("/scan/", {"code": code}, headers=SWAP))
    assert "is not known here" in page


# --- a customer ----------------------------------------------------------------------------------------------------


def test_web_and_store_purchases_are_in_one_timeline(shop, head_office):
    web = order_of(shop, ("A", 2), ("B", 1), ("C", 1), ("A", 1))
    store = till_sale(shop, shop.s2)
    Order.objects.filter(pk=store.pk).update(source_record=web.source_record)
    opened(head_office, Customer.objects.get())
    registry = Registry()
    registry.timeline("orders", Purchases(), "orders.view")

    with translation.override("en"):
        page = read_timeline(principal=head_office, source_record_ids=[web.source_record_id], registry=registry)

    first, second = page.entries
    assert (first.url, first.where, first.amount) == (web.get_absolute_url(), "Webshop, collect in Utrecht", web.total)
    assert "2 × Product A, 1 × Product B, 1 × Product C and 1 more" in first.text
    assert (first.tone, second.tone) == ("now", "")
    assert (second.url, second.where, second.amount) == (store.get_absolute_url(), "Leiden", 10)


def test_pages_of_the_timeline_neither_repeat_nor_skip(shop, head_office):
    moment = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    orders = [till_sale(shop, shop.s2, key=str(n)) for n in range(5)]
    record = SourceRecord.objects.get(pk=order_of(shop).source_record_id)
    Order.objects.filter(pk__in=[o.pk for o in orders]).update(source_record=record, placed_at=moment)
    registry = Registry()
    registry.timeline("orders", Purchases(), "orders.view")
    seen, before = [], None
    for _page in range(6):
        page = read_timeline(
            principal=head_office, source_record_ids=[record.pk], limit=2, before=before, registry=registry
        )
        seen += [entry.key for entry in page.entries]
        if (before := page.before) is None:
            break
    assert len(seen) == len(set(seen)) == 6
    assert seen == sorted(seen[:1]) + sorted(seen[1:], reverse=True)

    # another app's entry of the same moment stands between by its key
    def before_key(key):
        return read_timeline(
            principal=head_office, source_record_ids=[record.pk], before=(moment, key), registry=registry
        )

    assert len(before_key("zz").entries) == 5
    assert len(before_key("a").entries) == 0


def test_what_is_said_of_purchases_is_read_at_once(shop, django_assert_num_queries):
    for _n in range(2):
        order_of(shop, ("A", 2), ("B", 1))
        till_sale(shop, shop.s2, key=str(_n))
    purchases = Purchases()
    keys = [purchases.key_of(order) for order in Order.objects.all()]
    with django_assert_num_queries(2):  # the orders, and their lines
        told = list(purchases.entries(purchases.read(keys)))
    assert len(told) == 4


def test_orders_that_still_go_somewhere_stand_on_the_customers_page(shop, stranger):
    going, gone = order_of(shop), order_of(shop)
    pick(number=gone.number, actor="test")
    mark_ready(number=gone.number, actor="test")
    hand_over(number=gone.number, collect_code=gone.collect_code, actor="test")
    customer = Customer.objects.get()
    panel = f"/orders/open/{customer.key}/"
    assert browser(stranger).get(panel).status_code == 404
    opened(stranger, customer)
    page = text_of(browser(stranger).get(panel, headers=SWAP))
    assert going.number in page
    assert gone.number not in page
    assert f'hx-get="{panel}"' in text_of(browser(stranger).get(customer.get_absolute_url()))


def test_a_customer_is_known_by_an_order_number_or_collect_code(shop, stranger):
    order = order_of(shop)
    customer = Customer.objects.get()
    for identifiers in ({"order": order.number.lower()}, {"collect_code": order.collect_code}):
        found = look_up(identifiers=identifiers, purpose="service", principal=stranger)
        assert (found.match, found.customer) == ("one", customer), identifiers
    assert look_up(identifiers={"order": "T48101273641"}, purpose="service", principal=stranger).match == "none"
    nobody = order_of(shop, customer=None)
    assert look_up(identifiers={"order": nobody.number}, purpose="service", principal=stranger).match == "none"


# --- today ---------------------------------------------------------------------------------------------------------


def test_head_office_sees_how_many_orders_are_short(shop, head_office):
    page = text_of(browser(head_office).get("/"))
    assert re.search(r'<a href="/orders/\?view=short">0</a>', page)
    assert "/orders/pick/" not in page


def test_head_office_sees_where_orders_wait_longest(shop, head_office, manager):
    # given two orders to pick in S1, none in the other stores
    order_of(shop, ("A", 1), external_id="O1")
    order_of(shop, ("A", 1), external_id="O2")
    # when
    page = text_of(browser(head_office).get("/"))
    # then the store leads to what waits there
    assert 'href="/work/?store=S1"' in page
    assert "2 things to do" in page
    # and a store has its own work instead
    assert "waits longest" not in text_of(browser(manager).get("/"))
    assert "To do first" in text_of(browser(manager).get("/"))


def test_people_without_orders_see_none_of_it(shop):
    nobody = person("Niels Niemand", "head_office")
    nobody.assignments.all().delete()
    assert "/orders/" not in text_of(browser(nobody).get("/"))
    assert browser(nobody).get("/orders/").status_code == 403


def test_a_collect_code_of_another_stores_order_asks_before_it_tells_anything(shop, stranger):
    # given
    order = order_of(shop, ("A", 1))
    client = browser(stranger)
    unknown = "Z" * 8
    # when it is typed: a code of nobody's gets the very same answer
    answers = [
        text_of(client.post("/search/", {"q": code}, headers=SWAP)).replace(code, "CODE")
        for code in (order.collect_code, unknown)
    ]
    # then
    assert answers[0] == answers[1]
    assert "Open the order with collect code CODE" in answers[0]
    assert order.number not in answers[0]
    # when it is asked for
    opened = client.post("/search/", {"q": order.collect_code, "look_up": "order"})
    assert opened["Location"] == order.get_absolute_url()
    assert AccessGrant.objects.filter(object_key=order.number).exists()
    assert "Nothing here goes by" in text_of(client.post("/search/", {"q": unknown, "look_up": "order"}))
