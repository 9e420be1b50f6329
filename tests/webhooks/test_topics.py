"""What each topic tells."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.accounts.models import WebhookDelivery, WebhookEndpoint
from apps.catalogue.services.repricing import change_price
from apps.catalogue.services.updating import link_gtin
from apps.customers.models import Basis, Customer, Edge
from apps.customers.services.joining import join
from apps.customers.services.parting import undo_join
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.inventory.models import ChannelThreshold, Demand, Reservation, StockLevel, StockNews
from apps.inventory.services.telling import drop_threshold, put_threshold, tell_stock
from apps.network.models import Channel
from tests.webhooks.telling import at_once, order, register, told

pytestmark = pytest.mark.django_db


def news(receiver):
    return [(r.data["sku"], {here["code"]: here["available"] for here in r.data["locations"]}) for r in receiver.came]


def test_each_step_of_an_order_is_told(shop, receiver):
    # given
    shop.receive(shop.s1, A=9)
    register(shop, receiver)
    number = order(shop, payments=[])
    told()
    code = None
    # when
    for path, body in (
        ("payments/", {"payments": [{"method": "ideal", "status": "captured", "amount": "10.00"}]}),
        ("pick/", {}),
        ("ready/", {}),
        ("hand-over/", None),
    ):
        code = shop.get(f"orders/{number}/").json()["collect_code"]
        assert shop.post(f"orders/{number}/{path}", body or {"collect_code": code}).status_code == 200
        told()
    # then
    assert [r.data["events"] for r in receiver.came] == [
        ["order.placed"],
        ["order.paid"],
        ["order.picked"],
        ["order.ready"],
        ["order.fulfilled"],
    ]
    assert [r.data["status"] for r in receiver.came][-1] == "collected"
    assert receiver.came[-1].data["lines"][0]["quantity_fulfilled"] == "1"
    # and picking again what was picked is no news
    shop.post(f"orders/{number}/pick/")
    assert told() == 0


def test_each_step_of_a_return_is_told_and_so_is_the_order(shop, receiver):
    # given: an order that was collected
    shop.receive(shop.s1, A=9)
    number = order(shop)
    shop.post(f"orders/{number}/pick/")
    shop.post(f"orders/{number}/ready/")
    code = shop.get(f"orders/{number}/").json()["collect_code"]
    shop.post(f"orders/{number}/hand-over/", {"collect_code": code})
    told()
    register(shop, receiver, "return.updated", "order.updated")
    # when
    body = {
        "external_id": "R-1",
        "channel": "web",
        "lines": [{"order": number, "line": 1, "quantity": "1", "reason": "changed_mind"}],
        "destination": {"method": "store", "location": "S1"},
    }
    answer = shop.post("returns/", body)
    assert answer.status_code == 201, answer.content
    rma = answer.json()["number"]
    told()
    steps = {
        "receive": {"location": "S1"},
        "inspect": [{"line": 1, "grade": "saleable", "quantity": "1"}],
        "refund": {},
    }
    for path, step in steps.items():
        answer = shop.post(f"returns/{rma}/{path}/", step)
        assert answer.status_code == 200, answer.content
        told()
    # then
    of_return = [r.data for r in receiver.came if r.body["type"] == "return.updated"]
    assert [d["events"] for d in of_return] == [
        ["return.announced"],
        ["return.received"],
        ["return.inspected"],
        ["return.settled"],
    ]
    assert {d["number"] for d in of_return} == {rma}
    assert all("return_code" not in d for d in of_return)
    (of_order,) = [r.data for r in receiver.came if r.body["type"] == "order.updated"]
    assert (of_order["events"], of_order["lines"][0]["quantity_returned"]) == (["order.returned"], "1")
    # and whoever mirrors the orders finds it by the log
    assert shop.get("orders/?since=1").json()["results"][0]["lines"][0]["quantity_returned"] == "1"


def test_a_changed_product_is_told_as_the_channel_sells_it(shop, receiver):
    register(shop, receiver, "product.changed")
    link_gtin(variant=shop.variants["A"], code="8710400000006")
    told()
    (request,) = receiver.came
    assert request.data["product"] == "P-A"
    assert [(v["sku"], v["gtins"]) for v in request.data["variants"]] == [("A", ["08710400000006"])]


def test_a_changed_price_is_told_and_what_is_coming(shop, receiver):
    # given
    register(shop, receiver, "price.changed")
    later = timezone.localdate() + dt.timedelta(days=3)
    # when
    change_price(variant=shop.variants["A"], channel=shop.web, amount=Decimal("8.00"))
    change_price(variant=shop.variants["A"], channel=shop.web, amount=Decimal("7.50"), day=later)
    told()
    # then
    (request,) = receiver.came
    assert (request.data["sku"], request.data["price"], request.data["lowest_price_30_days"]) == ("A", "8.00", "10.00")
    assert [c["price"] for c in request.data["coming"]] == ["7.50"]


def test_stock_is_told_once_per_variant_with_what_is_left(shop, receiver):
    # given
    shop.receive(shop.s1, A=9, B=9)
    shop.receive(shop.dc, A=4)
    register(shop, receiver, "stock.changed")
    # when: three orders of one variant, one of which takes the other too
    order(shop)
    order(shop)
    shop.post("orders/", shop.order_body(("A", 1), ("B", 2)))
    shop.receive(shop.dc, A=1)
    while tell_stock():
        pass
    told()
    # then
    assert sorted(news(receiver)) == [("A", {"DC": "5", "S1": "6"}), ("B", {"S1": "7"})]
    assert {r.data["sku"]: r.data["delivery"]["available"] for r in receiver.came} == {"A": "5", "B": "0"}
    assert not StockNews.objects.exists()


def test_stock_that_waits_takes_up_what_comes_next(shop, receiver):
    # given: a receiver that is away
    shop.receive(shop.s1, A=9)
    shop.receive(shop.s2, A=9)
    receiver.answers(503)
    register(shop, receiver, "stock.changed")
    shop.receive(shop.s1, A=1)
    tell_stock()
    told()
    first = WebhookDelivery.objects.get()
    # when: it changes again, elsewhere too
    for location in (shop.s1, shop.s2):
        shop.receive(location, A=1)
        tell_stock()
    # then: there is one message, of all places, and since it says something else it has another id
    merged = WebhookDelivery.objects.get()
    assert merged.key != first.key
    receiver.answers(200)
    at_once()
    told()
    assert news(receiver)[-1] == ("A", {"S1": "11", "S2": "10"})
    assert len(receiver.came) == 2


def test_what_cannot_be_promised_is_no_news_of_stock(shop, receiver):
    # given
    shop.receive(shop.s1, A=9)
    register(shop, receiver, "stock.changed")
    # when: damaged goods, and the same promise for another reason
    StockLevel.objects.filter(variant__sku="A", location=shop.s1).update(changed_at="2026-01-01T00:00:00Z")
    StockLevel.objects.create(
        variant=shop.variants["A"], location=shop.s1, owner=shop.own, condition="damaged", on_hand=5
    )
    # then
    assert not StockNews.objects.exists()


def test_nothing_is_noted_while_nobody_listens(shop):
    shop.receive(shop.s1, A=9)
    assert not StockNews.objects.exists()
    WebhookEndpoint.objects.create(client=shop.client, url="https://shop.example/", topics=["order.updated"])
    shop.receive(shop.s1, A=9)
    assert not StockNews.objects.exists()


def test_a_reservation_and_its_end_are_news_of_stock(shop, receiver):
    # given
    shop.receive(shop.s1, A=9)
    register(shop, receiver, "stock.changed")
    body = {"reference": "basket", "lines": [{"sku": "A", "quantity": "2"}], "location": "S1"}
    # when
    reservation = shop.post("reservations/", body).json()["id"]
    tell_stock()
    told()
    shop.client_call("delete", f"reservations/{reservation}/")
    tell_stock()
    told()
    # then
    assert news(receiver) == [("A", {"S1": "7"}), ("A", {"S1": "9"})]


def test_a_threshold_and_what_waits_are_news_of_what_can_be_sent(shop, receiver):
    # given
    shop.receive(shop.dc, A=9, B=5)
    register(shop, receiver, "stock.changed")

    def sent() -> dict[str, str]:
        tell_stock()
        told()
        came = {r.data["sku"]: r.data["delivery"]["available"] for r in receiver.came}
        receiver.came.clear()
        return came

    # when the channel leaves two of everything, then of A only, then nothing
    threshold = ChannelThreshold(channel=shop.web, quantity=Decimal(2))
    put_threshold(threshold=threshold)
    assert sent() == {"A": "7", "B": "3"}
    threshold.variant = shop.variants["A"]
    put_threshold(threshold=threshold)
    assert sent() == {"A": "7", "B": "5"}
    drop_threshold(threshold=threshold)
    assert sent() == {"A": "9"}
    # and when somebody comes to wait for B, and does so no more
    reservation = Reservation.objects.create(channel=shop.web, reference="waits")
    waits = Demand.objects.create(reservation=reservation, line=1, variant=shop.variants["B"], quantity=1)
    assert sent() == {"B": "4"}
    Demand.objects.filter(pk=waits.pk).update(released=1)
    assert sent() == {"B": "5"}
    # then what another channel keeps back is none
    app = Channel.objects.create(code="app", name="App", kind="app", seller=shop.own)
    put_threshold(threshold=ChannelThreshold(channel=app, quantity=Decimal(1)))
    assert sent() == {}


def test_two_customers_who_become_one_are_told_and_so_is_taking_it_back(shop, receiver):
    # given
    register(shop, receiver, "customer.merged")
    people = [Person(source="webshop", account_id="a", email="a@example.org"), Person(source="app", account_id="b")]
    one, other = recognise(people, actor="system")
    older, younger = Customer.objects.order_by("pk")
    told()
    receiver.came.clear()
    # when
    join(one, other, basis=Basis.BY_HAND, actor="user:1")
    told()
    # then: the key that means them now, and the key that no longer does; nothing of who they are
    [news] = receiver.came
    assert news.body["type"] == "customer.merged"
    assert (news.data["id"], news.data["merged"]) == (str(older.key), [str(younger.key)])
    assert "example.org" not in str(news.body)
    # and taken back, each key means its own person again
    undo_join(Edge.objects.get(), actor="user:1")
    told()
    [*_, last] = receiver.came
    assert (last.data["merged"], last.data["parted"]) == ([], [str(younger.key)])
