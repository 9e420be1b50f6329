"""A store cannot give what was promised from it: other stock is found, missing goods are held back, nothing is doubled."""

from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.inventory.models import Demand, SourcingRun, StoreTask
from apps.inventory.services.counting import book_count
from apps.inventory.services.finishing import finish_task
from apps.inventory.services.profiles import draft_profile, publish_profile, put_strategy
from apps.inventory.services.promising import held_of
from apps.orders.models import Order, Refusal
from apps.orders.services import shortages
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import pick
from apps.orders.services.shipping import ship
from apps.orders.services.shortages import refuse, source_waiting
from apps.orders.services.types import WrongState
from tests.api import ApiCaller
from tests.orders.counter import order_of, text_of
from tests.shop import Shop, nothing_differs
from tests.staff import browser, person

ADDRESS = {"street": "Oudegracht", "postcode": "3511AB", "house_number": "12", "city": "Utrecht", "country": "NL"}


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """S1 sends orders, and so does S2, which has five of A."""
    shop.sends(shop.s1)
    shop.sends(shop.s2)
    shop.receive(shop.s2, A=5)
    return shop


def to_send(shop: Shop, *lines: tuple[str, Any]) -> Order:
    return order_of(shop, *(lines or (("A", 2),)), fulfilment={"method": "delivery", "address": ADDRESS})


def standing(order: Order) -> list[tuple[str, str]]:
    """Status and location of each line."""
    lines = order.lines.order_by("line").select_related("location")
    return [(line.status, line.location.code if line.location else "") for line in lines]


def test_a_parcel_goes_from_elsewhere_and_the_missing_goods_to_nobody(shop):
    # given a parcel that S1 should send
    order = to_send(shop)
    assert standing(order) == [("sourced", "S1")]
    # when
    refuse(number=order.number, reason="not_found", actor="t")
    # then S2 sends it, and what S1 misses is promised to nobody
    assert standing(order) == [("sourced", "S2")]
    assert shop.stock("A", shop.s1).reserved == 2
    assert shop.stock("A", shop.s2).reserved == 2
    refusal = Refusal.objects.get()
    assert (refusal.location, refusal.reason, refusal.quantity) == (shop.s1, "not_found", 2)
    assert SourcingRun.objects.latest("pk").candidates[1]["verdict"] == "refused"
    assert nothing_differs()
    # and it can be sent
    pick(number=order.number, actor="t")
    ship(number=order.number, actor="t")
    assert shop.stock("A", shop.s2).on_hand == 3
    assert nothing_differs()


def test_what_was_found_of_a_refused_line_is_put_back(shop):
    order = to_send(shop)
    pick(number=order.number, quantities={1: Decimal(1)}, actor="t")
    refuse(number=order.number, reason="not_found", line_numbers=[1], actor="t")
    task = StoreTask.objects.get(kind=StoreTask.Kind.PUT_BACK)
    assert (task.location, task.variant.sku, task.quantity) == (shop.s1, "A", 1)
    assert standing(order) == [("sourced", "S2")]
    assert nothing_differs()


def test_a_count_brings_back_what_was_there_after_all(shop):
    order = to_send(shop)
    refuse(number=order.number, reason="not_found", actor="t")
    count = {shop.variants["A"].pk: Decimal(9)}
    book_count(location=shop.s1, counted=count, reference="C-1", counted_at=timezone.now(), actor="t")
    level = shop.stock("A", shop.s1)
    assert (level.on_hand, level.reserved, level.oversold) == (9, 0, 0)
    assert not StoreTask.objects.open().exists(), "the count answered the question and raises no other"
    assert nothing_differs()


def test_a_task_that_is_done_without_a_count_brings_it_back_too(shop):
    order = to_send(shop)
    refuse(number=order.number, reason="damaged", actor="t")
    finish_task(task=StoreTask.objects.get(), actor="t")
    finish_task(task=StoreTask.objects.get(), actor="t")
    assert shop.stock("A", shop.s1).reserved == 0
    assert nothing_differs()


def test_what_is_missed_again_after_a_count_is_held_back_until_the_next(shop):
    # given: not found, counted, found by the count, promised to the same order once more
    order = order_of(shop, ("A", 2))
    count = {shop.variants["A"].pk: Decimal(10)}
    refuse(number=order.number, reason="not_found", actor="t")
    book_count(location=shop.s1, counted=count, reference="C-1", counted_at=timezone.now(), actor="t")
    assert source_waiting() == 1
    # when
    refuse(number=order.number, reason="not_found", actor="t")
    # then
    assert StoreTask.objects.open().get().quantity == 2
    assert shop.stock("A").reserved == 2
    book_count(location=shop.s1, counted=count, reference="C-2", counted_at=timezone.now(), actor="t")
    assert shop.stock("A").reserved == 0, "what was held back for the second count is free after it"
    assert not StoreTask.objects.open().exists()


def test_a_store_without_time_keeps_nothing_back(shop):
    order = to_send(shop)
    refuse(number=order.number, reason="too_busy", actor="t")
    assert standing(order) == [("sourced", "S2")]
    assert shop.stock("A", shop.s1).reserved == 0
    assert not StoreTask.objects.exists()


def test_who_refused_is_not_asked_again_for_this_order(shop):
    order = to_send(shop)
    refuse(number=order.number, reason="too_busy", actor="t")
    refuse(number=order.number, reason="too_busy", actor="t")
    assert standing(order) == [("open", "S2")], "S1 has nine of it, but said no"
    assert standing(to_send(shop)) == [("sourced", "S1")], "another order is another question"


def test_what_finds_nothing_waits_and_gets_the_first_that_comes_in(shop):
    first, second = to_send(shop, ("B", 10)), to_send(shop, ("C", 10))
    refuse(number=first.number, reason="not_found", actor="t")
    refuse(number=second.number, reason="not_found", actor="t")
    assert standing(first) == [("open", "S1")]
    assert source_waiting() == 0
    shop.receive(shop.dc, B=10)
    assert source_waiting() == 1
    assert (standing(first), standing(second)) == ([("sourced", "DC")], [("open", "S1")])
    assert source_waiting() == 0
    assert nothing_differs()


def test_the_oldest_order_gets_it_first(shop):
    orders = [to_send(shop, ("B", 5)) for _ in range(2)]
    for order in reversed(orders):
        refuse(number=order.number, reason="closed", actor="t")
    shop.receive(shop.dc, B=5)
    assert source_waiting() == 1
    assert [standing(order)[0][0] for order in orders] == ["sourced", "open"]


def test_what_is_nowhere_keeps_nobody_from_their_turn(shop, monkeypatch):
    monkeypatch.setattr(shortages, "_AT_ONCE", 1)
    hopeless, other = to_send(shop, ("B", 10)), to_send(shop, ("C", 10))
    for order in (hopeless, other):
        refuse(number=order.number, reason="not_found", actor="t")
    shop.receive(shop.dc, C=10)
    assert source_waiting() == 1
    assert standing(other) == [("sourced", "DC")]


def test_a_collected_order_waits_for_stock_in_its_own_store(shop):
    order = order_of(shop, ("A", 10))
    refuse(number=order.number, reason="not_found", actor="t")
    assert source_waiting() == 0, "S2 has some, but the customer comes to S1"
    assert standing(order) == [("open", "S1")]


def test_together_if_that_can_be_else_what_can(shop):
    shop.receive(shop.dc, A=2)
    order = to_send(shop, ("A", 2), ("B", 2))
    where = {line.location.code for line in order.lines.all()}
    assert where == {"S1"}, "one parcel"
    refuse(number=order.number, reason="too_busy", actor="t")
    assert sorted(standing(order)) == [("open", "S1"), ("sourced", "DC")]


def test_a_cancelled_line_waits_for_nothing(shop):
    order = to_send(shop, ("B", 10))
    refuse(number=order.number, reason="not_found", actor="t")
    cancel(number=order.number, actor="t")
    shop.receive(shop.dc, B=10)
    assert source_waiting() == 0
    waiting = Demand.objects.filter(level=None)
    assert [held_of(demand) for demand in waiting] == [0]
    assert nothing_differs()


@pytest.mark.parametrize("state", ["cancelled", "shipped", "twice"])
def test_only_what_waits_to_be_picked_is_refused(shop, state):
    order = to_send(shop, ("B", 1))
    if state == "cancelled":
        cancel(number=order.number, actor="t")
    elif state == "shipped":
        pick(number=order.number, actor="t")
        ship(number=order.number, actor="t")
    else:
        refuse(number=order.number, reason="not_found", actor="t")
    before = Refusal.objects.count()
    with pytest.raises(WrongState):
        refuse(number=order.number, reason="not_found", actor="t")
    assert Refusal.objects.count() == before


def test_an_order_that_waits_for_its_payment_is_not_refused(shop):
    order = order_of(shop, ("A", 1), payments=[])
    with pytest.raises(WrongState):
        refuse(number=order.number, reason="too_busy", actor="t")
    order.refresh_from_db()
    assert order.status == "awaiting_payment"


def test_a_refusal_is_never_changed(shop):
    refuse(number=to_send(shop).number, reason="closed", actor="t")
    with pytest.raises(DatabaseError), transaction.atomic():
        Refusal.objects.update(reason="not_found")


def test_the_api_takes_a_reason_and_a_whole_order(shop):
    order = to_send(shop, ("A", 1), ("B", 1))
    answer = shop.post(f"orders/{order.number}/short/", {"reason": "closed"})
    assert answer.status_code == 200, answer.json()
    assert set(Refusal.objects.values_list("reason", flat=True)) == {"closed"}
    assert Refusal.objects.count() == 2
    assert shop.post(f"orders/{order.number}/short/", {"reason": "tired"}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_two_refusals_and_a_cancellation_at_once_leave_the_books_right(shop):
    orders = [to_send(shop, ("A", 1)) for _ in range(6)]
    failures: list[Exception] = []

    def act(work: Any, **how: Any) -> None:
        try:
            work(**how)
        except WrongState:
            pass
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = []
    for order in orders:
        threads += [
            Thread(target=act, args=(refuse,), kwargs={"number": order.number, "reason": "not_found", "actor": "1"}),
            Thread(target=act, args=(refuse,), kwargs={"number": order.number, "reason": "too_busy", "actor": "2"}),
            Thread(target=act, args=(cancel,), kwargs={"number": order.number, "actor": "3"}),
        ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert {order.lines.get().status for order in orders} == {"cancelled"}
    for demand in Demand.objects.filter(held_for=None):
        assert held_of(demand) == 0
    assert nothing_differs()


def test_the_order_says_where_it_comes_from_and_why_not_from_elsewhere(shop):
    draft = draft_profile(version="1", name="Close by", takes_from_anywhere=True)
    put_strategy(profile=draft, position=None, name="Warehouse", sources="dc", criteria=["fewest_parcels"])
    put_strategy(profile=draft, position=None, name="Nearest store", sources="store", criteria=["nearest"])
    publish_profile(profile=draft, principal=None)
    order = to_send(shop)
    refuse(number=order.number, reason="not_found", actor="t")
    page = text_of(browser(person("Mirjam Vos", "head_office")).get(f"/orders/{order.number}/sources/"))
    assert "Nearest store" in page
    assert "Warehouse: cannot send all of it" in page
    assert "Others come first: Nearest to the customer" in page
    assert "Could not send it before" in page
    assert "km" in page
    answer = shop.get(f"orders/{order.number}/explain/").json()
    assert [line["location"] for line in answer["lines"]] == ["S2"]
    first, second = answer["choices"]
    assert (first["profile"], first["strategy"]) == ("1", "Nearest store")
    assert first["in_vain"][0].startswith("Warehouse: ")
    assert [(c["location"], c["verdict"]) for c in first["candidates"]] == [("S1", "chosen"), ("S2", "later")]
    assert [(c["location"], c["verdict"], c["skus"]) for c in second["candidates"]] == [
        ("S2", "chosen", ["A"]),
        ("S1", "refused", []),
    ]


def test_who_collects_chose_the_store(shop):
    order = order_of(shop, ("A", 1))
    page = text_of(browser(person("Mirjam Vos", "head_office")).get(f"/orders/{order.number}/sources/"))
    assert "The customer chose the store." in page
    assert shop.get(f"orders/{order.number}/explain/").json()["choices"] == []
    assert shop.get("orders/T00000000000/explain/").status_code == 404


def test_a_store_passes_an_order_on(shop):
    manager = browser(person("Daan de Ruiter", "store_manager", location=shop.s1))
    order = to_send(shop)
    page = f"/orders/{order.number}/refuse/"
    assert manager.get(page).status_code == 200
    assert manager.post(page, {}).status_code == 422
    assert manager.post(page, {"reason": "too_busy"}).status_code == 302
    assert standing(order) == [("sourced", "S2")]
    assert manager.get(page).status_code == 404, "it is another store's now"


def test_a_line_that_is_found_elsewhere_leaves_the_store(shop, key_of):
    manager = browser(person("Daan de Ruiter", "store_manager", location=shop.s1))
    order, other = to_send(shop), to_send(shop)
    reported = manager.post(f"/orders/{order.number}/lines/1/not-found/")
    assert (reported.status_code, reported["Location"]) == (302, "/orders/pick/")
    answer = shop.post(f"orders/{other.number}/short/", {"line": 1}, api_key=key_of(shop.s1))
    assert answer.status_code == 200
    assert answer.json()["lines"][0]["location"] == "S2"
    assert standing(order) == standing(other) == [("sourced", "S2")]


def test_a_basket_that_became_an_order_is_not_let_go_of_after_a_refusal(shop):
    # given an order that took its basket over, and whose line was not found
    body = {"reference": "B", "lines": [{"sku": "A", "quantity": "2"}], "location": "S1"}
    basket = shop.post("reservations/", body).json()["id"]
    number = shop.post("orders/", shop.order_body(("A", 2), reservation=basket)).json()["number"]
    shop.post(f"orders/{number}/short/", {"line": 1})
    # when the webshop clears up its baskets
    answer = ApiCaller(shop.key).delete(f"/api/v1/reservations/{basket}/")
    # then the order still waits for its goods, and the missing ones are still held for the count
    assert answer.status_code == 404
    held = [held_of(demand) for demand in Demand.objects.filter(reservation__key=basket).order_by("pk")]
    assert held == [2, 2]
