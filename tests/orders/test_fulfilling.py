"""Pick, ready, hand over; ship; cancel; short: by the API, with stock, money and events in step."""

from decimal import Decimal

import pytest

from apps.core.audit.trail import trail_of
from apps.core.models import Event
from apps.inventory.models import Demand, StockMovement, StoreTask
from apps.orders.models import Order
from apps.payments.models import PaymentEntry
from tests.shop import nothing_differs


def placed(shop, *lines, **changes):
    answer = shop.post("orders/", shop.order_body(*lines, **changes))
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_from_pick_list_to_customer(shop):
    # given
    order = placed(shop, ("A", 2), ("B", 1))
    path = f"orders/{order['number']}"
    # when / then
    assert shop.post(f"{path}/ready/").status_code == 409  # nothing picked yet
    assert shop.post(f"{path}/pick/").json()["status"] == "picking"
    assert shop.post(f"{path}/ready/").json()["status"] == "ready"
    wrong = shop.post(f"{path}/hand-over/", {"collect_code": "WRONG234"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (409, "wrong_collect_code")
    assert shop.stock("A").on_hand == 10
    done = shop.post(f"{path}/hand-over/", {"collect_code": order["collect_code"].lower()})
    assert done.json()["status"] == "collected"
    # then: goods and promises have gone together
    level = shop.stock("A")
    assert (level.on_hand, level.reserved, level.oversold) == (8, 0, 0)
    assert set(Demand.objects.values_list("consumed", flat=True)) == {2, 1}
    assert StockMovement.objects.filter(kind="collect").count() == 2
    event = Event.objects.get(topic="order.fulfilled")
    assert event.payload["lines"] == [{"line": 1, "quantity": "2"}, {"line": 2, "quantity": "1"}]
    assert nothing_differs()
    # when: the same again
    again = shop.post(f"{path}/hand-over/", {"collect_code": order["collect_code"]})
    # then: a no-op
    assert again.status_code == 200
    assert shop.stock("A").on_hand == 8
    assert Event.objects.filter(topic="order.fulfilled").count() == 1


def test_picking_part_by_part(shop):
    order = placed(shop, ("A", 3))
    path = f"orders/{order['number']}"
    assert shop.post(f"{path}/pick/", {"lines": [{"line": 1, "quantity": 2}]}).json()["status"] == "picking"
    assert shop.post(f"{path}/ready/").status_code == 409
    assert shop.post(f"{path}/pick/", {"lines": [{"line": 1, "quantity": 4}]}).status_code == 400
    shop.post(f"{path}/pick/", {"lines": [{"line": 1, "quantity": 3}]})
    assert shop.post(f"{path}/ready/").json()["status"] == "ready"


def test_paying_at_the_counter(shop):
    # given
    order = placed(shop, ("A", 1), payment_terms="on_collection", payments=[])
    path = f"orders/{order['number']}"
    shop.post(f"{path}/pick/")
    shop.post(f"{path}/ready/")
    # when
    unpaid = shop.post(f"{path}/hand-over/", {"collect_code": order["collect_code"]})
    # then
    assert (unpaid.status_code, unpaid.json()["errors"][0]["code"]) == (409, "not_paid")
    assert shop.stock("A").on_hand == 10
    # when
    paid = shop.post(
        f"{path}/hand-over/",
        {"collect_code": order["collect_code"], "payments": [{"method": "pin", "amount": "10.00"}]},
    )
    # then
    assert paid.json()["paid"] == "10.00"
    assert nothing_differs()


def test_delivery_ships_from_where_it_was_sourced(shop):
    # given
    shop.receive(shop.dc, A=4)
    address = {"postcode": "3511AB", "house_number": "12", "city": "Utrecht"}
    order = placed(shop, ("A", 4), fulfilment={"method": "delivery", "address": address})
    assert order["lines"][0]["location"] == "DC"
    path = f"orders/{order['number']}"
    # when
    shop.post(f"{path}/pick/")
    shipped = shop.post(f"{path}/ship/")
    # then
    assert shipped.json()["status"] == "shipped"
    assert shop.stock("A", shop.dc).on_hand == 0
    assert StockMovement.objects.get(kind="ship").from_location == shop.dc


def test_cancelling_gives_stock_and_money_back(shop):
    # given
    charges = [{"type": "wrapping", "amount": "2.50", "vat_rate": "21.00"}]
    payments = [{"method": "ideal", "amount": "32.50"}]
    order = placed(shop, ("A", 2), ("B", 1), charges=charges, payments=payments)
    path = f"orders/{order['number']}"
    # when: one line
    part = shop.post(f"{path}/cancel/", {"lines": [2]})
    # then
    assert [ln["status"] for ln in part.json()["lines"]] == ["sourced", "cancelled"]
    assert part.json()["paid"] == "22.50"
    assert (shop.stock("A").reserved, shop.stock("B").reserved) == (2, 0)
    # when: the rest, twice
    shop.post(f"{path}/cancel/")
    rest = shop.post(f"{path}/cancel/")
    # then
    assert rest.json()["status"] == "cancelled"
    assert rest.json()["paid"] == "0.00"
    assert shop.stock("A").reserved == 0
    refunded = PaymentEntry.objects.filter(kind="refunded").values_list("amount", flat=True)
    assert sorted(refunded) == [Decimal("10.00"), Decimal("22.50")]
    assert nothing_differs()


def test_who_cancels_may_say_why_and_the_audit_trail_keeps_it(shop):
    order = placed(shop, ("A", 1), ("B", 1))
    path = f"orders/{order['number']}/cancel/"
    # when one line is cancelled with a reason, and the other without
    assert shop.post(path, {"lines": [1], "reason": "Changed their mind"}).status_code == 200
    assert shop.post(path, {"lines": [2]}).status_code == 200
    # then
    said = [(entry.topic, entry.reason) for entry in trail_of("order", order["number"], limit=20)]
    assert ("order.cancelled", "Changed their mind") in said
    assert [reason for _topic, reason in said if reason] == ["Changed their mind"]
    too_long = shop.post(path, {"reason": "x" * 301})
    assert (too_long.status_code, too_long.json()["errors"][0]["attr"]) == (400, "reason")


def test_what_has_gone_cannot_be_cancelled(shop):
    order = placed(shop, ("A", 1))
    path = f"orders/{order['number']}"
    shop.post(f"{path}/pick/")
    shop.post(f"{path}/ready/")
    shop.post(f"{path}/hand-over/", {"collect_code": order["collect_code"]})
    assert shop.post(f"{path}/cancel/").status_code == 409
    assert Order.objects.get().payment_account.refunded == 0


def test_not_found_when_picking(shop):
    # given
    order = placed(shop, ("A", 2), ("B", 1))
    # when
    short = shop.post(f"orders/{order['number']}/short/", {"line": 1})
    # then: nobody else is promised it before the store has counted, and the line waits
    assert [ln["status"] for ln in short.json()["lines"]] == ["open", "sourced"]
    assert short.json()["status"] == "open"
    assert shop.stock("A").reserved == 2
    assert StoreTask.objects.get().kind == "count_missing"
    assert Demand.objects.filter(level=None).get().quantity == 2
    assert nothing_differs()


@pytest.mark.parametrize("step", ["pick", "ready", "ship", "cancel", "hand-over", "short", "payments"])
def test_steps_on_orders_out_of_reach_are_not_there(shop, step):
    from apps.accounts.models import ApiClient
    from apps.accounts.services import issue_api_key
    from tests.shop import ALL_SCOPES

    # given: a client of store S2 only
    order = placed(shop, ("A", 1))
    other = ApiClient.objects.create(name="S2", channel=shop.s2.channel, scopes=ALL_SCOPES)
    other.locations.set([shop.s2])
    key = issue_api_key(client=other)
    bodies = {
        "hand-over": {"collect_code": order["collect_code"]},
        "short": {"line": 1},
        "payments": {"payments": [{"method": "pin", "amount": "1.00"}]},
    }
    # when
    answer = shop.post(f"orders/{order['number']}/{step}/", bodies.get(step, {}), api_key=key)
    # then
    assert answer.status_code == 404
    assert Order.objects.get().status == "sourced"
