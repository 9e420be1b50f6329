"""POST /api/v1/orders/ and what must be true afterwards."""

from decimal import Decimal

import pytest

from apps.accounts.api_auth import forget_keys
from apps.core.models import Event, IdempotencyKey
from apps.customers.models import Customer
from apps.inventory.models import Demand, Reservation
from apps.orders.models import Order
from apps.payments.models import PaymentEntry

NOTHING_WRITTEN = (Order, Reservation, Demand, PaymentEntry, Customer, IdempotencyKey)


def assert_nothing_written() -> None:
    assert [m.__name__ for m in NOTHING_WRITTEN if m.objects.exists()] == []
    assert not Event.objects.filter(object_type="order").exists()


def test_a_collect_order_reserves_pays_and_recognises(shop):
    # when
    answer = shop.post("orders/", shop.order_body(("A", 2), ("B", 1)))
    # then
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["status"] == "sourced"
    assert body["total"] == "30.00"
    assert body["paid"] == "30.00"
    assert body["vat"] == [{"rate": "21.00", "net": "24.79", "vat": "5.21"}]
    assert [(ln["sku"], ln["quantity"], ln["location"]) for ln in body["lines"]] == [("A", "2", "S1"), ("B", "1", "S1")]
    assert len(body["collect_code"]) == 8
    order = Order.objects.get(number=body["number"])
    assert shop.stock("A").reserved == 2
    assert shop.stock("A").on_hand == 10
    assert order.payment_account.captured == Decimal("30.00")
    assert order.source_record.customer.email == "j.jansen@example.org"
    assert Event.objects.get(topic="order.placed").object_key == order.number
    assert shop.get(f"orders/{order.number}/").json() == body


def test_the_same_key_answers_the_same_again(shop):
    # given
    body = shop.order_body()
    first = shop.post("orders/", body, key="k1")
    # when
    again = shop.post("orders/", body, key="k1")
    # then
    assert again.status_code == 201
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert shop.stock("A").reserved == 1


def test_the_same_key_with_another_body_is_refused(shop):
    shop.post("orders/", shop.order_body(), key="k1")
    other = shop.post("orders/", shop.order_body(("B", 1)), key="k1")
    assert other.status_code == 422
    assert shop.stock("B").reserved == 0


def test_the_same_external_id_under_a_new_key(shop):
    # given
    body = shop.order_body()
    first = shop.post("orders/", body)
    # when
    again = shop.post("orders/", body)
    other = shop.post("orders/", body | {"lines": [{"sku": "B", "quantity": 1, "unit_price": "10.00"}]})
    # then
    assert again.status_code == 200
    assert again.json()["number"] == first.json()["number"]
    assert other.status_code == 409
    assert other.json()["errors"][0]["code"] == "duplicate_external_id"
    assert Order.objects.count() == 1


def test_too_much_is_refused_with_what_there_is(shop):
    # when
    answer = shop.post("orders/", shop.order_body(("A", 11), ("B", 1)))
    # then
    assert answer.status_code == 409
    assert answer.json()["errors"] == [
        {
            "code": "insufficient_stock",
            "detail": answer.json()["errors"][0]["detail"],
            "attr": "lines.0.quantity",
            "available": "10",
        }
    ]
    assert_nothing_written()
    assert shop.stock("B").reserved == 0


def test_the_same_sku_twice_is_added_up(shop):
    answer = shop.post("orders/", shop.order_body(("A", 6), ("A", 6)))
    assert answer.status_code == 409
    assert {e["attr"] for e in answer.json()["errors"]} == {"lines.0.quantity", "lines.1.quantity"}
    assert_nothing_written()


@pytest.mark.parametrize(
    ("change", "code", "attr"),
    [
        ({"lines": [{"sku": "NOPE", "quantity": 1, "unit_price": "10.00"}]}, "does_not_exist", "lines.0.sku"),
        ({"lines": [{"sku": "A", "quantity": -1, "unit_price": "10.00"}]}, "min_value", "lines.0.quantity"),
        ({"lines": [{"sku": "A", "quantity": "1e9", "unit_price": "10"}]}, "max_whole_digits", "lines.0.quantity"),
        ({"lines": [{"sku": "A", "quantity": "0.5", "unit_price": "10.00"}]}, "invalid", "lines.0.quantity"),
        ({"lines": [{"sku": "A", "quantity": "NaN", "unit_price": "10.00"}]}, "invalid", "lines.0.quantity"),
        ({"lines": []}, "empty", "lines"),
        ({"lines": "A"}, "not_a_list", "lines"),
        ({"currency": "GBP"}, "invalid", "currency"),
        ({"placed_at": "yesterday"}, "invalid", "placed_at"),
        ({"fulfilment": {"method": "collect", "location": "S9"}}, "does_not_exist", "fulfilment.location"),
        ({"fulfilment": {"method": "collect"}}, "required", "fulfilment.location"),
        ({"fulfilment": {"method": "teleport"}}, "invalid_choice", "fulfilment.method"),
        ({"payments": [{"method": "ideal", "amount": "10.01"}]}, "overpaid", "payments"),
        ({"referral": {"store": "S9"}}, "does_not_exist", "referral.store"),
        ({"customer": {"email": "not an address"}}, "invalid", "customer.email"),
        ({"external_id": "x" * 200}, "max_length", "external_id"),
    ],
)
def test_bad_input_names_the_field_and_writes_nothing(shop, change, code, attr):
    answer = shop.post("orders/", shop.order_body() | change)
    assert answer.status_code == 400, answer.content
    assert (code, attr) in [(e["code"], e["attr"]) for e in answer.json()["errors"]], answer.content
    assert_nothing_written()


def test_a_price_that_changed_is_a_conflict(shop):
    body = shop.order_body()
    body["lines"][0]["unit_price"] = "9.00"
    body["payments"] = []
    answer = shop.post("orders/", body)
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "price_changed"
    assert_nothing_written()


def test_without_idempotency_key_or_scope(shop, client):
    # when
    keyless = client.post(
        "/api/v1/orders/",
        shop.order_body(),
        content_type="application/json",
        headers={"Authorization": f"Bearer {shop.key}"},
    )
    unknown = shop.post("orders/", shop.order_body(), api_key="tb_wrong")
    shop.client.scopes = ["orders:read"]
    shop.client.save()
    forget_keys()
    scopeless = shop.post("orders/", shop.order_body())
    # then
    assert (keyless.status_code, unknown.status_code, scopeless.status_code) == (400, 401, 403)
    assert_nothing_written()


def test_a_short_prepaid_order_waits_for_its_money(shop):
    # given
    answer = shop.post("orders/", shop.order_body(("A", 2), payments=[]))
    number = answer.json()["number"]
    assert answer.json()["status"] == "awaiting_payment"
    # when
    too_much = shop.post(f"orders/{number}/payments/", {"payments": [{"method": "ideal", "amount": "20.01"}]})
    paid = shop.post(f"orders/{number}/payments/", {"payments": [{"method": "ideal", "amount": "20.00"}]})
    # then
    assert too_much.status_code == 400
    assert paid.json()["status"] == "sourced"
    assert paid.json()["paid"] == "20.00"
    assert Reservation.objects.get().expires_at is None


def test_what_was_cancelled_is_not_to_be_paid(shop):
    # given two lines of which one is cancelled while the order waits for its money
    order = shop.post("orders/", shop.order_body(("A", 2), ("B", 1), payments=[])).json()
    path = f"orders/{order['number']}"
    assert order["due"] == "30.00"
    left = shop.post(f"{path}/cancel/", {"lines": [2]}).json()
    # then it still waits
    assert (left["status"], left["due"], left["total"]) == ("awaiting_payment", "20.00", "30.00")
    # when
    too_much = shop.post(f"{path}/payments/", {"payments": [{"method": "ideal", "amount": "20.01"}]})
    paid = shop.post(f"{path}/payments/", {"payments": [{"method": "ideal", "amount": "20.00"}]}).json()
    # then
    assert too_much.status_code == 400
    assert too_much.json()["errors"][0]["code"] == "overpaid"
    assert (paid["status"], paid["due"], paid["paid"]) == ("sourced", "0.00", "20.00")
    assert Reservation.objects.get().expires_at is None


def test_cancelling_what_is_not_paid_lets_the_rest_go_on(shop):
    # given an order of which only the first line's price came in
    payments = [{"method": "ideal", "amount": "20.00"}]
    order = shop.post("orders/", shop.order_body(("A", 2), ("B", 1), payments=payments)).json()
    assert (order["status"], order["due"]) == ("awaiting_payment", "10.00")
    # when
    left = shop.post(f"orders/{order['number']}/cancel/", {"lines": [2]}).json()
    # then
    assert (left["status"], left["paid"], left["due"]) == ("sourced", "20.00", "0.00")
    assert Reservation.objects.get().expires_at is None


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 400), (b"\xff\xfe", 400), (b'{"lines": ' + b"[" * 5000, 400)]
)
def test_malformed_json(shop, client, body, status):
    answer = client.post(
        "/api/v1/orders/",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {shop.key}", "Idempotency-Key": "k"},
    )
    assert answer.status_code == status
    assert set(answer.json()) == {"type", "errors"}
    assert_nothing_written()
