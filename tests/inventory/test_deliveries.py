"""What suppliers announce: customers see it coming, stores book it in as it came, and nothing is booked twice."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.inventory.models import NoticeStatus, PlaceLevel, PurchaseNotice, StockDocument, StockLevel, StockMovement
from apps.inventory.services.purchases.announcing import (
    AnotherNotice,
    NothingToCome,
    announce_delivery,
    close_notice,
    put_off,
)
from apps.inventory.services.purchases.receiving import Came, ReceivedMeanwhile, receive_delivery
from apps.network.models import Location
from tests.at_once import all_at_once
from tests.orders.counter import text_of
from tests.shop import Shop, nothing_differs
from tests.staff import browser, person
from tests.tills.tickets import line, send, ticket


def announce(
    shop: Shop, *, at: Location | None = None, days: int = 3, reference: str = "PO-1", **goods: int
) -> PurchaseNotice:
    return announce_delivery(
        location=at or shop.s1,
        supplier="Van Dam BV",
        reference=reference,
        expected_on=timezone.localdate() + dt.timedelta(days=days),
        lines=[(shop.variants[sku], Decimal(quantity)) for sku, quantity in goods.items()],
        actor="test",
    )


def receive(shop: Shop, notice: PurchaseNotice, go: int, *, shelf: str = "", **goods: int) -> StockDocument:
    came = [Came(shop.variants[sku], Decimal(quantity), shelf) for sku, quantity in goods.items()]
    return receive_delivery(number=notice.number, came=came, go=go, actor="test")[1]


def lines(notice: PurchaseNotice) -> dict[str, tuple[int, int, int]]:
    return {ln.variant.sku: (int(ln.announced), int(ln.received), int(ln.to_come)) for ln in notice.lines.all()}


def expected(shop: Shop, query: str) -> tuple[list[Any], dict[str, list[Any]]]:
    (result,) = shop.get(f"availability/?{query}").json()["results"]
    told = [(one["on"], one["quantity"]) for one in result["delivery"]["expected"]]
    at = {at["code"]: [(one["on"], one["quantity"]) for one in at["expected"]] for at in result["locations"]}
    return told, at


def day(days: int) -> str:
    return (timezone.localdate() + dt.timedelta(days=days)).isoformat()


# --- what comes in


def test_goods_come_in_goes_more_and_fewer_than_announced(shop):
    notice = announce(shop, A=5, B=2)
    # when three of five come, on a shelf where some were seen before
    receive(shop, notice, 1, A=1, shelf="A-1")
    receive(shop, notice, 2, A=2, shelf="A-1")
    notice.refresh_from_db()
    assert (notice.status, lines(notice)) == (NoticeStatus.PARTLY, {"A": (5, 3, 2), "B": (2, 0, 2)})
    assert (shop.stock("A").on_hand, PlaceLevel.objects.get().quantity) == (13, 3)
    # and then more than the rest, and something that nobody announced
    receive(shop, notice, 3, A=4, B=2, C=1)
    notice.refresh_from_db()
    assert (notice.status, lines(notice)) == (NoticeStatus.RECEIVED, {"A": (5, 7, 0), "B": (2, 2, 0), "C": (0, 1, 0)})
    assert (shop.stock("A").on_hand, shop.stock("C").on_hand) == (17, 11)
    with pytest.raises(NothingToCome):
        receive(shop, notice, 4, A=1)
    nothing_differs()


def test_a_go_is_booked_once(shop):
    notice = announce(shop, A=5)
    first = receive(shop, notice, 1, A=2)
    # the same again gives what was booked, another number or one too far is refused
    assert receive(shop, notice, 1, A=2) == first
    with pytest.raises(ReceivedMeanwhile):
        receive(shop, notice, 1, A=3)
    with pytest.raises(ReceivedMeanwhile):
        receive(shop, notice, 3, A=1)
    assert shop.stock("A").on_hand == 12
    assert StockMovement.objects.filter(cause_id=first.number).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_book_the_same_box_at_once(shop):
    notice = announce(shop, A=5)
    # when
    outcomes = all_at_once([lambda: receive(shop, notice, 1, A=5)] * 8)
    # then there is one receipt, which all of them got
    assert outcomes == {"done": 8}
    assert StockDocument.objects.filter(reference=f"{notice.number}/1").count() == 1
    assert shop.stock("A").on_hand == 15
    assert lines(notice) == {"A": (5, 5, 0)}


def test_the_same_reference_is_noted_once(shop):
    notice = announce(shop, A=5)
    assert announce(shop, A=5) == notice
    with pytest.raises(AnotherNotice):
        announce(shop, A=6)
    assert announce(shop, at=shop.s2, A=6) != notice


# --- what customers see coming


def test_what_comes_is_told_by_day_after_what_waits_for_it(shop):
    # given what comes to a place that sends, in two goes, and to the store
    announce(shop, at=shop.dc, days=5, A=4)
    announce(shop, at=shop.dc, days=2, reference="PO-2", A=3)
    announce(shop, days=1, reference="PO-3", A=6)
    assert expected(shop, "sku=A&location=S1") == ([(day(2), "3"), (day(5), "4")], {"S1": [(day(1), "6")]})
    # when an order to be sent waits for four of it
    shop.receive(shop.dc, A=4)
    address = {"postcode": "3511AB", "house_number": "1", "city": "Utrecht"}
    body = shop.order_body(("A", 4), fulfilment={"method": "delivery", "address": address})
    number = shop.post("orders/", body).json()["number"]
    shop.post(f"orders/{number}/short/", {"line": 1})
    # then the first that come are its own
    assert expected(shop, "sku=A&location=S1")[0] == [(day(5), "3")]


def test_what_is_owed_already_is_not_told_as_coming(shop):
    # given all ten promised, three of them sold by a till, and four that come
    shop.post("reservations/", {"reference": "B", "lines": [{"sku": "A", "quantity": "10"}], "location": "S1"})
    send(shop, ticket(line("A", quantity="3", amount="30.00")))
    announce(shop, days=2, A=4)
    assert expected(shop, "sku=A&location=S1")[1] == {"S1": [(day(2), "1")]}
    StockLevel.objects.filter(variant__sku="A").update(safety_collect=1)
    assert expected(shop, "sku=A&location=S1")[1] == {"S1": []}


def test_a_quantity_that_no_lorry_brings_is_refused(shop):
    body = {"location": "S1", "supplier": "X", "reference": "1", "expected_on": day(1)}
    answer = shop.post("deliveries/", body | {"lines": [{"sku": "A", "quantity": "999999999"}]})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "lines.0.quantity")


def test_what_is_late_or_called_off_is_promised_to_nobody(shop):
    notice = announce(shop, at=shop.dc, A=4)
    put_off(notice=notice, expected_on=timezone.localdate() + dt.timedelta(days=9))
    assert expected(shop, "sku=A")[0] == [(day(9), "4")]
    PurchaseNotice.objects.update(expected_on=timezone.localdate() - dt.timedelta(days=1))
    assert expected(shop, "sku=A")[0] == []
    PurchaseNotice.objects.update(expected_on=timezone.localdate())
    assert expected(shop, "sku=A")[0] == [(day(0), "4")]
    close_notice(notice=notice)
    assert expected(shop, "sku=A")[0] == []
    with pytest.raises(NothingToCome):
        close_notice(notice=notice)


# --- pages


@pytest.fixture
def associate(shop):
    return browser(person("Bo Jansen", "store_associate", location=shop.s1))


def test_a_delivery_is_announced_received_and_closed_by_page(shop, associate):
    # when it is announced
    form = {"location": "S1", "supplier": "Van Dam BV", "reference": "PO-9", "expected_on": day(0), "goods": "A 5\nB 2"}
    assert associate.post("/stock/deliveries/announce/", form).status_code == 302
    notice = PurchaseNotice.objects.get()
    page = f"/stock/deliveries/{notice.number}/"
    # then it waits, and is received as it came
    assert "Van Dam BV" in text_of(associate.get("/stock/deliveries/"))
    opened = text_of(associate.get(f"{page}receive/"))
    assert "5 to come" in opened
    came = {"go": "1", "quantity-1": "3", "shelf-1": "b-1", "quantity-2": "0", "shelf-2": "", "extra": "C\nA 1"}
    assert associate.post(f"{page}receive/", came).status_code == 302
    assert lines(notice) == {"A": (5, 4, 1), "B": (2, 0, 2), "C": (0, 1, 0)}
    assert PlaceLevel.objects.get(place__code="B-1").quantity == 4
    assert StockDocument.objects.get(reference=f"{notice.number}/1").number in text_of(associate.get(page))
    # twice is once
    assert associate.post(f"{page}receive/", came).status_code == 302
    assert shop.stock("A").on_hand == 14
    # and the rest is called off
    assert associate.post(f"{page}close/", {"reason": "Sold out there"}).status_code == 302
    assert "Closed" in text_of(associate.get(page))
    assert associate.post(f"{page}receive/", came | {"go": "2"}).status_code in {409, 422}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"expected_on": "2020-01-01"}, "That day has passed."),
        ({"goods": "NONE 1"}, "“NONE 1” is not known."),
        ({"goods": "A 0.5"}, "This is sold by the piece."),
        ({"supplier": ""}, "required"),
        ({"location": "S2"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_announced_says_why(shop, associate, wrong, said):
    form = {"location": "S1", "supplier": "X", "reference": "PO-9", "expected_on": day(0), "goods": "A 5"}
    answer = associate.post("/stock/deliveries/announce/", form | wrong)
    assert answer.status_code in {400, 422}
    assert said in text_of(answer)
    assert not PurchaseNotice.objects.exists()


def test_what_is_due_stands_with_the_other_work(shop, associate):
    announce(shop, days=0, A=1)
    announce(shop, days=2, reference="PO-2", A=1)
    announce(shop, at=shop.s2, days=0, A=1)
    page = text_of(associate.get("/work/"))
    assert "Receive from Van Dam BV" in page
    assert "PO-2" not in page


def test_the_list_costs_as_many_queries_however_long(shop, associate):
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert associate.get("/stock/deliveries/").status_code == 200
        return len(counted)

    announce(shop, A=1)
    queries()
    few = queries()
    for n in range(8):
        announce(shop, reference=f"PO-{n + 2}", A=1, B=1)
    assert queries() == few


# --- over HTTP


def test_purchasing_announces_and_the_store_app_receives(shop):
    body = {
        "location": "S1",
        "supplier": "Van Dam BV",
        "reference": "PO-1",
        "expected_on": day(2),
        "lines": [{"sku": "A", "quantity": "5"}],
    }
    first = shop.post("deliveries/", body)
    assert first.status_code == 201
    assert shop.post("deliveries/", body).status_code == 200
    other = shop.post("deliveries/", body | {"lines": [{"sku": "B", "quantity": "5"}]})
    assert (other.status_code, other.json()["errors"][0]["code"]) == (409, "duplicate_reference")
    number = first.json()["number"]
    path = f"deliveries/{number}"
    receipt = {"receipt": 1, "lines": [{"sku": "A", "quantity": "3", "shelf": "A-1"}]}
    for _time in range(2):
        answer = shop.post(f"{path}/receive/", receipt)
        assert (answer.status_code, answer.json()["status"], answer.json()["receipts"]) == (200, "partly", 1)
    assert answer.json()["lines"] == [{"sku": "A", "announced": "5", "received": "3", "to_come": "2"}]
    assert shop.stock("A").on_hand == 13
    unknown = shop.post(f"{path}/receive/", {"receipt": 2, "lines": [{"sku": "X", "quantity": "1"}]})
    assert (unknown.status_code, unknown.json()["errors"][0]["attr"]) == (400, "lines.0.sku")
    assert shop.post(f"{path}/close/").json()["status"] == "closed"
    assert shop.get(f"{path}/").json()["status"] == "closed"
    assert [one["number"] for one in shop.get("deliveries/?status=closed").json()["results"]] == [number]
    assert shop.get("deliveries/L00000000000/").status_code == 404
