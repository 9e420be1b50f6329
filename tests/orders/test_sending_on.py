"""Collected in a store that has not got it: another location sends it there, for this order and nobody else."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from apps.core.events.models import Event
from apps.core.events.subscribers import catch_up
from apps.inventory.models import Demand, StoreTask, Transfer
from apps.inventory.services.recalls.starting import start_recall
from apps.inventory.services.transfers.receiving import receive_transfer
from apps.inventory.services.transfers.rules import WrongTransferState
from apps.inventory.services.transfers.sending import cancel_transfer, send_transfer
from apps.messages.models import Message
from apps.orders.models import Order, OrderLine
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from apps.orders.services.rerouting import reroute
from apps.orders.services.shortages import refuse, source_waiting
from tests.at_once import all_at_once
from tests.inventory.transfers import levels, receive, send
from tests.orders.counter import order_of, text_of
from tests.shop import Shop, nothing_differs
from tests.staff import browser, person

ANY = {"method": "collect", "location": "S2", "source": "any"}


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """S1 and the distribution centre have A; S2, where it is collected, has only B."""
    shop.receive(shop.dc, A=5)
    shop.receive(shop.s2, B=5)
    return shop


def sent_on(shop: Shop, *lines: tuple[str, Any], **changes: Any) -> Order:
    return order_of(shop, *(lines or (("A", 2),)), fulfilment=ANY, **changes)


def transfer_of(order: Order) -> Transfer:
    """The transfer that travels for an order now."""
    return Transfer.objects.exclude(status="cancelled").get(cause_type="order", cause_id=order.number)


def standing(order: Order) -> tuple[str, list[tuple[str, str]]]:
    order.refresh_from_db()
    lines = order.lines.order_by("line").select_related("location")
    return order.status, [(line.status, line.location.code if line.location else "") for line in lines]


def api(shop: Shop, order: Order) -> dict[str, Any]:
    answer: dict[str, Any] = shop.get(f"orders/{order.number}/").json()
    return answer


# --- the whole way ----------------------------------------------------------------------------------------------------


def test_it_is_promised_where_it_lies_and_travels_to_the_store(shop):
    # when
    order = sent_on(shop)
    # then: promised on concrete stock of the distribution centre, which is asked to send it
    assert standing(order) == ("coming", [("coming", "DC")])
    transfer = transfer_of(order)
    assert (transfer.status, transfer.sender, transfer.receiver) == ("to_send", shop.dc, shop.s2)
    assert levels(shop)[("DC", "saleable", "OWN")] == (5, 2)
    assert nothing_differs()

    # when
    send(transfer)
    # then: on its way, with the promise on it
    assert levels(shop)[("S2", "in_transit", "OWN")] == (2, 2)
    assert levels(shop)[("DC", "saleable", "OWN")] == (3, 0)
    assert api(shop, order)["lines"][0]["coming"]["sent_at"] is not None
    assert nothing_differs()

    # when
    receive(transfer_of(order))
    # then: it lies there for this order, and only has to be laid ready
    assert levels(shop)[("S2", "saleable", "OWN")] == (2, 2)
    assert standing(order) == ("picking", [("picking", "S2")])
    assert shop.stock("A", shop.s2).reserved == 2
    assert nothing_differs()

    # when
    mark_ready(number=order.number, actor="t")
    catch_up()
    assert Message.objects.filter(template="collect_ready").count() == 1
    hand_over(number=order.number, collect_code=order.collect_code or "", actor="t")
    # then
    assert levels(shop)[("DC", "saleable", "OWN")] == (3, 0)
    assert ("S2", "saleable", "OWN") not in levels(shop)
    assert standing(order) == ("collected", [("collected", "S2")])
    assert nothing_differs()


def test_a_franchisees_goods_are_theirs_until_they_are_received(shop):
    shop.sends(shop.s1)
    shop.receive(shop.s1, C=1)
    order = sent_on(shop, ("C", 1))
    assert standing(order)[1] == [("coming", "S1")]
    send(transfer_of(order))
    assert levels(shop, "C")[("S2", "in_transit", "F01")] == (1, 1)
    receive(transfer_of(order))
    assert levels(shop, "C")[("S2", "saleable", "OWN")] == (1, 1)
    assert nothing_differs()


def test_the_stores_own_stock_comes_first(shop):
    order = sent_on(shop, ("B", 1), ("A", 1))
    assert standing(order) == ("coming", [("sourced", "S2"), ("coming", "DC")])
    assert [line.requested for line in transfer_of(order).lines.all()] == [1]


def test_what_the_store_has_got_asks_nobody(shop):
    order = sent_on(shop, ("B", 1))
    assert standing(order) == ("sourced", [("sourced", "S2")])
    assert not Transfer.objects.exists()


def test_a_part_lies_ready_while_the_rest_comes(shop):
    order = sent_on(shop, ("B", 1), ("A", 1))
    pick(number=order.number, actor="t")
    mark_ready(number=order.number, actor="t")
    assert standing(order) == ("coming", [("ready", "S2"), ("coming", "DC")])
    hand_over(number=order.number, collect_code=order.collect_code or "", actor="t")
    assert standing(order) == ("coming", [("collected", "S2"), ("coming", "DC")])
    receive(send(transfer_of(order)))
    mark_ready(number=order.number, actor="t")
    hand_over(number=order.number, collect_code=order.collect_code or "", actor="t")
    assert standing(order)[0] == "collected"
    assert nothing_differs()


# --- the API ----------------------------------------------------------------------------------------------------------


def test_without_being_asked_for_the_store_has_not_got_it(shop):
    answer = shop.post("orders/", shop.order_body(("A", 1), fulfilment={"method": "collect", "location": "S2"}))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "insufficient_stock")
    assert not Transfer.objects.exists()


def test_the_api_calls_it_by_the_statuses_it_always_had(shop):
    answer = shop.post("orders/", shop.order_body(("A", 1), ("B", 1), fulfilment=ANY)).json()
    assert (answer["status"], [line["status"] for line in answer["lines"]]) == ("sourced", ["sourced", "sourced"])
    assert [line["coming"] for line in answer["lines"]] == [{"sent_at": None}, None]
    assert [line["location"] for line in answer["lines"]] == ["DC", "S2"]
    assert shop.get(f"orders/{answer['number']}/").json() == answer


def test_what_nobody_has_enough_of_is_refused_and_says_how_much_there_is(shop):
    answer = shop.post("orders/", shop.order_body(("A", 6), fulfilment=ANY))
    assert (answer.status_code, answer.json()["errors"][0]["available"]) == (409, "5")
    assert not Order.objects.exists()
    assert nothing_differs()


def test_a_basket_is_held_where_it_lies_and_ordered_to_the_store(shop):
    asked = {"reference": "basket", "lines": [{"sku": "A", "quantity": "1"}], "location": "S2"}
    assert shop.post("reservations/", asked).status_code == 409
    held = shop.post("reservations/", asked | {"source": "any"}).json()
    assert [line["location"] for line in held["lines"]] == ["DC"]
    order = sent_on(shop, ("A", 1), reservation=held["id"])
    assert standing(order) == ("coming", [("coming", "DC")])
    assert shop.stock("A", shop.dc).reserved == 1
    assert transfer_of(order)


def test_nobody_is_asked_to_send_before_it_is_paid(shop):
    body = shop.order_body(("A", 1), fulfilment=ANY)
    order = order_of(shop, ("A", 1), fulfilment=ANY, payments=[])
    assert (order.status, Transfer.objects.count()) == ("awaiting_payment", 0)
    paid = shop.post(f"orders/{order.number}/payments/", {"payments": body["payments"]})
    assert paid.json()["status"] == "sourced"
    assert transfer_of(order).status == "to_send"
    assert nothing_differs()


# --- it goes wrong ----------------------------------------------------------------------------------------------------


def test_a_sender_that_cannot_find_it_is_passed_over(shop):
    shop.sends(shop.s1)
    order = sent_on(shop)
    send(transfer_of(order), (1, 0, "not_found"))
    # then: the other one that has it is asked, and what is missing is promised to nobody
    assert standing(order) == ("coming", [("coming", "S1")])
    assert transfer_of(order).sender == shop.s1
    assert OrderLine.objects.get(order=order).refusals.get().location == shop.dc
    assert levels(shop)[("DC", "saleable", "OWN")] == (5, 2)
    assert StoreTask.objects.get().kind == "count_missing"
    assert nothing_differs()


def test_a_sender_that_needs_it_itself_keeps_it_and_the_order_waits(shop):
    order = sent_on(shop)
    send(transfer_of(order), (1, 0, "needed_here"))
    assert standing(order) == ("open", [("open", "DC")])
    assert levels(shop)[("DC", "saleable", "OWN")] == (5, 0)
    source_waiting()
    assert standing(order)[0] == "open", "who refused is not asked again"
    # and it gets the first that comes in
    shop.receive(shop.s2, A=2)
    source_waiting()
    assert standing(order) == ("sourced", [("sourced", "S2")])
    assert nothing_differs()


def test_the_store_app_of_the_sender_refuses_it_too(shop):
    shop.sends(shop.s1)
    order = sent_on(shop)
    refuse(number=order.number, reason="too_busy", actor="t", places={shop.dc.pk})
    assert standing(order) == ("coming", [("coming", "S1")])
    assert [t.status for t in Transfer.objects.order_by("pk")] == ["cancelled", "to_send"]
    assert levels(shop)[("DC", "saleable", "OWN")] == (5, 0)
    assert nothing_differs()


def test_a_part_of_a_line_is_not_sent(shop):
    order = sent_on(shop)
    with pytest.raises(Exception, match=order.number):
        send(transfer_of(order), (1, 1, "not_found"))
    assert transfer_of(order).status == "to_send"


def test_the_sender_does_not_call_off_what_is_an_orders(shop):
    order = sent_on(shop)
    with pytest.raises(WrongTransferState, match=order.number):
        cancel_transfer(number=transfer_of(order).number, actor="t")
    assert standing(order)[0] == "coming"


@pytest.mark.parametrize(("came", "left"), [(1, 1), (0, 0)])
def test_what_did_not_come_is_short_and_looked_for_anew(shop, came, left):
    order = sent_on(shop)
    shop.sends(shop.s1)
    transfer = send(transfer_of(order))
    receive(transfer, (1, came, "missing"))
    # then: others are asked for all of it; what did come is stock of the store
    assert standing(order) == ("coming", [("coming", "DC")])
    assert Event.objects.filter(topic="order.lost_on_the_way").count() == 1
    there = levels(shop)
    assert there.get(("S2", "saleable", "OWN"), (0, 0)) == (left, 0)
    assert ("S2", "in_transit", "OWN") not in there
    assert nothing_differs()


def test_what_is_recalled_meanwhile_does_not_reach_the_customer(shop):
    order = sent_on(shop)
    transfer = send(transfer_of(order))
    start_recall(variants=[shop.variants["A"]], why="sharp", advice="bring it back", actor="t")
    receive(transfer)
    assert standing(order)[1][0][0] == "open"
    assert levels(shop)[("S2", "quality", "OWN")] == (2, 0)
    assert nothing_differs()


# --- it is wanted no more, or otherwise -------------------------------------------------------------------------------


def test_cancelled_before_it_is_sent_it_stays_where_it_is(shop):
    order = sent_on(shop)
    transfer = transfer_of(order)
    cancel(number=order.number, actor="t")
    transfer.refresh_from_db()
    assert (transfer.status, transfer.lines.get().unsent_because) == ("cancelled", "called_off")
    assert levels(shop)[("DC", "saleable", "OWN")] == (5, 0)
    assert nothing_differs()


def test_a_cancelled_line_is_not_packed_with_the_rest(shop):
    shop.receive(shop.dc, C=3)
    order = sent_on(shop, ("A", 1), ("C", 1))
    cancel(number=order.number, line_numbers={1}, actor="t")
    send(transfer_of(order))
    assert standing(order) == ("coming", [("cancelled", "DC"), ("coming", "DC")])
    receive(transfer_of(order))
    assert standing(order) == ("picking", [("cancelled", "DC"), ("picking", "S2")])
    assert (levels(shop)[("DC", "saleable", "OWN")], levels(shop, "C")[("S2", "saleable", "OWN")]) == ((5, 0), (1, 1))
    assert nothing_differs()


@pytest.mark.parametrize("is_sent", [False, True])
def test_pieces_of_a_line_are_cancelled(shop, is_sent):
    order = sent_on(shop, ("A", 3))
    if is_sent:
        send(transfer_of(order))
    cancel(number=order.number, pieces={1: Decimal(2)}, actor="t")
    if not is_sent:
        send(transfer_of(order))
    receive(transfer_of(order))
    # then: what left before comes as stock of the store
    assert standing(order) == ("picking", [("picking", "S2")])
    assert [line.quantity_picked for line in order.lines.all()] == [1]
    assert levels(shop)[("S2", "saleable", "OWN")] == ((3, 1) if is_sent else (1, 1))
    assert nothing_differs()


def test_a_sender_refuses_what_is_left_of_a_line(shop):
    order = sent_on(shop, ("A", 3))
    cancel(number=order.number, pieces={1: Decimal(2)}, actor="t")
    send(transfer_of(order), (1, 0, "damaged"))
    assert standing(order)[0] == "open"
    assert levels(shop)[("DC", "saleable", "OWN")] == (5, 0)
    assert nothing_differs()


def test_cancelled_on_the_way_it_becomes_stock_of_the_store(shop):
    order = sent_on(shop)
    transfer = send(transfer_of(order))
    cancel(number=order.number, actor="t")
    assert levels(shop)[("S2", "in_transit", "OWN")] == (2, 0)
    receive(transfer)
    assert levels(shop)[("S2", "saleable", "OWN")] == (2, 0)
    assert not Demand.objects.exclude(quantity=Decimal(0)).filter(released=0, consumed=0).exists()
    assert nothing_differs()


def test_it_is_collected_elsewhere_or_sent_home_instead(shop):
    shop.receive(shop.s1, A=2)
    order = sent_on(shop)
    transfer = send(transfer_of(order))
    reroute(number=order.number, to=shop.s1, actor="t")
    assert standing(order) == ("sourced", [("sourced", "S1")])
    receive(transfer)
    assert levels(shop)[("S2", "saleable", "OWN")] == (2, 0)
    assert nothing_differs()


def test_what_a_store_cannot_find_is_sent_to_it(shop):
    order = order_of(shop, ("B", 1), ("A", 1), fulfilment=ANY | {"location": "S1", "source": "store"})
    refuse(number=order.number, reason="damaged", actor="t", line_numbers=[2])
    assert standing(order) == ("open", [("sourced", "S1"), ("open", "S1")])
    reroute(number=order.number, to=shop.s1, actor="t", from_anywhere=True)
    assert standing(order) == ("coming", [("sourced", "S1"), ("coming", "DC")])
    receive(send(transfer_of(order)))
    assert standing(order) == ("sourced", [("sourced", "S1"), ("picking", "S1")])
    assert nothing_differs()


def test_a_parcel_is_sent_to_a_store_instead(shop):
    order = order_of(shop, ("A", 1), fulfilment={"method": "delivery"})
    reroute(number=order.number, to=shop.s2, actor="t", from_anywhere=True)
    assert standing(order) == ("coming", [("coming", "DC")])
    assert transfer_of(order).receiver == shop.s2
    assert nothing_differs()


def test_goods_on_their_way_are_nobody_elses(shop):
    order = sent_on(shop, ("A", 5))
    send(transfer_of(order))
    body = shop.order_body(("A", 1), fulfilment={"method": "collect", "location": "S2"})
    assert shop.post("orders/", body).status_code == 409
    receive(transfer_of(order))
    assert shop.post("orders/", body).status_code == 409


# --- what people see --------------------------------------------------------------------------------------------------


def test_the_desk_offers_to_have_it_sent_to_the_store_that_is_short(shop, manager):
    order = order_of(shop, ("A", 1), fulfilment=ANY | {"location": "S1", "source": "store"})
    refuse(number=order.number, reason="not_found", actor="t")
    path = f"/orders/{order.number}/reroute/"
    assert "Have it sent to Utrecht and collect it there" in text_of(browser(manager).get(path))
    assert browser(manager).post(path, {"to": "sent-to:S1"}).status_code == 302
    assert standing(order) == ("coming", [("coming", "DC")])


def test_the_store_orders_what_it_has_not_got_to_be_collected_there(shop):
    counter = browser(person("Eva Bos", "store_associate", location=shop.s2))
    page = text_of(counter.get("/orders/in-store/A/"))
    assert "Sent to Leiden and collected here" in page
    token = page.split('name="token" value="')[1].split('"')[0]
    told = {"token": token, "quantity": "2", "method": "sent-here", "paid_with": "", "email": "els@example.org"}
    answer = counter.post("/orders/in-store/A/", told)
    order = Order.objects.get()
    assert standing(order) == ("coming", [("coming", "DC")])
    assert "2 × Product A comes here from Tiel" in text_of(counter.get(answer.headers["Location"]))


def test_both_stores_see_what_it_is_for_and_where_it_is(shop):
    order = sent_on(shop)
    transfer = transfer_of(order)
    desk = browser(person("Ada Smit", "head_office"))
    assert "To be sent to the store" in text_of(desk.get(f"/orders/{order.number}/"))
    page = text_of(desk.get(transfer.get_absolute_url()))
    assert f'href="/orders/{order.number}/"' in page
    send(transfer)
    assert "On its way to the store" in text_of(desk.get(f"/orders/{order.number}/"))
    receiver = browser(person("Eva Bos", "store_manager", location=shop.s2))
    assert f"for order {order.number}" in text_of(receiver.get("/work/"))
    receive(transfer)
    assert f"Pick {order.number}" in text_of(receiver.get("/work/"))


def test_the_customer_is_told_that_it_comes_first(shop):
    sent_on(shop, ("A", 1))
    catch_up()
    assert "eerst voor je naar de winkel gestuurd" in Message.objects.get(template="order_confirmed").body


# --- at the same moment -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_cancelled_sent_and_received_at_the_same_moment_it_adds_up(shop):
    orders = [sent_on(shop, ("A", 1)) for _ in range(4)]
    numbers = [transfer_of(order).number for order in orders]
    cancels = [partial(cancel, number=order.number, actor="t") for order in orders]
    sends = [partial(send_transfer, number=number, actor="t") for number in numbers]
    became = all_at_once(cancels + sends)
    assert became["done"] >= len(orders)
    assert set(became) <= {"done", "wrong_state"}
    arrived = Transfer.objects.filter(status="in_transit").values_list("number", flat=True)
    if arrived:  # unless every cancellation came first
        all_at_once([partial(receive_transfer, number=number, actor="t") for number in list(arrived) * 2])
    there = levels(shop)
    pieces = [there.get((place, "saleable", "OWN"), (0, 0)) for place in ("DC", "S2")]
    assert (sum(on_hand for on_hand, _ in pieces), sum(reserved for _, reserved in pieces)) == (5, 0)
    assert nothing_differs()
