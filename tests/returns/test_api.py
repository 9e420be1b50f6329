"""Returns over the API: announce, receive, inspect, refund."""

from decimal import Decimal
from typing import Any

import pytest

from apps.accounts.models import ApiClient
from apps.accounts.services import issue_api_key
from apps.core.reconcile import reconcile
from apps.inventory.models import StockLevel
from apps.network.models import Channel, Location
from apps.orders.models import Order, OrderLine
from apps.payments.models import PaymentEntry
from apps.returns.models import Return, ReturnLine
from tests.returns.purchases import collected, sold
from tests.shop import Shop


def body(order: Order, *lines: tuple[Any, Any], **changes: Any) -> dict[str, Any]:
    """A body for POST returns/; lines are (line number or SKU, quantity)."""
    named = [{"order": order.number, "line" if isinstance(w, int) else "sku": w, "quantity": q} for w, q in lines]
    return {
        "external_id": f"RET-{order.number}",
        "channel": "web",
        "lines": [line | {"reason": "too_small"} for line in named],
        "destination": {"method": "store", "location": "S2"},
    } | changes


def store_key(store: Location, *scopes: str) -> str:
    channel = Channel.objects.get(location=store)
    client = ApiClient.objects.create(name=store.code, channel=channel, scopes=list(scopes))
    client.locations.add(store)
    return issue_api_key(client=client)


def errors(answer: Any) -> list[tuple[str, str | None]]:
    return [(e["code"], e["attr"]) for e in answer.json()["errors"]]


def test_from_announcing_to_refund(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "2", "0"), ("B", "1", "0"))
    # when
    answer = shop.post("returns/", body(order, (1, "2"), ("B", 1)))
    # then
    assert answer.status_code == 201, answer.content
    announced = answer.json()
    assert (announced["status"], announced["refund_expected"], announced["location"]) == ("announced", "30.00", "S2")
    assert len(announced["return_code"]) == 8
    assert [(ln["order_line"], ln["quantity"], ln["reason"]) for ln in announced["lines"]] == [
        (1, "2", "too_small"),
        (2, "1", "too_small"),
    ]
    assert OrderLine.objects.get(order=order, line=1).quantity_returning == 2

    # when
    path = f"returns/{announced['number']}"
    assert shop.post(f"{path}/receive/").json()["status"] == "received"
    inspected = shop.post(
        f"{path}/inspect/",
        [
            {"line": 1, "grade": "saleable", "quantity": "1"},
            {"line": 1, "grade": "damaged", "quantity": 1},
            {"line": 2, "grade": "saleable", "quantity": "1"},
        ],
    ).json()
    refunded = shop.post(f"{path}/refund/").json()

    # then
    assert [(ln["sku"], ln["grade"], ln["quantity"], ln["amount"]) for ln in inspected["lines"]] == [
        ("A", "saleable", "1", "10.00"),
        ("B", "saleable", "1", "10.00"),
        ("A", "damaged", "1", "10.00"),
    ]
    assert (refunded["status"], refunded["refunded"]) == ("settled", "30.00")
    assert shop.get(f"{path}/").json() == refunded
    levels = StockLevel.objects.filter(location=shop.s2).values_list("variant__sku", "condition", "on_hand")
    assert sorted(levels) == [("A", "damaged", 1), ("A", "saleable", 1), ("B", "saleable", 1)]
    order.refresh_from_db()
    assert (order.status, order.payment_account.refunded) == ("returned", Decimal("30.00"))
    assert [o.check.name for o in reconcile() if o.differences] == []


def test_each_step_repeated_changes_nothing(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "1", "0"))
    path = f"returns/{shop.post('returns/', body(order, (1, 1))).json()['number']}"
    gradings = [{"line": 1, "grade": "saleable", "quantity": 1}]
    # when
    for step, sent in (("receive", {}), ("inspect", gradings), ("refund", {})):
        assert shop.post(f"{path}/{step}/", sent).status_code == 200
        assert shop.post(f"{path}/{step}/", sent).status_code == 200
    # then
    assert shop.stock("A", shop.s2).on_hand == 1
    assert PaymentEntry.objects.filter(kind="refunded").count() == 1


def test_steps_in_another_order_are_refused(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "1", "0"))
    path = f"returns/{shop.post('returns/', body(order, (1, 1))).json()['number']}"
    # then
    assert shop.post(f"{path}/refund/").status_code == 409
    assert shop.post(f"{path}/inspect/", [{"line": 1, "grade": "saleable", "quantity": 1}]).status_code == 409
    assert not PaymentEntry.objects.filter(kind="refunded").exists()


def test_a_store_sale_is_returned_by_its_number(shop: Shop) -> None:
    # given
    sale = sold(shop, shop.s1, ("A", "1", "8.49"))
    # when
    answer = shop.post("returns/", body(sale, ("A", 1)))
    # then
    assert (answer.status_code, answer.json()["refund_expected"]) == (201, "8.49")


def test_a_sku_on_two_lines_is_taken_from_both(shop: Shop) -> None:
    # given
    sale = sold(shop, shop.s1, ("A", "1", "10.00"), ("A", "2", "15.00"))
    # when
    answer = shop.post("returns/", body(sale, ("A", 2)))
    # then
    assert [(ln["order_line"], ln["quantity"], ln["amount"]) for ln in answer.json()["lines"]] == [
        (1, "1", "10.00"),
        (2, "1", "7.50"),
    ]


def test_announced_pieces_cannot_be_announced_again(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "2", "0"))
    shop.post("returns/", body(order, (1, 1)))
    # when
    answer = shop.post("returns/", body(order, (1, 2), external_id="RET-2"))
    # then
    assert answer.status_code == 409
    assert errors(answer) == [("not_returnable", "lines.0.quantity")]
    assert answer.json()["errors"][0]["returnable"] == "1"
    assert Return.objects.count() == 1


def test_the_same_external_id_again(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "2", "0"))
    first = shop.post("returns/", body(order, (1, 2)))
    # when
    again = shop.post("returns/", body(order, (1, 2)))
    other = shop.post("returns/", body(order, (1, 1)))
    # then
    assert (again.status_code, again.json()["number"]) == (200, first.json()["number"])
    assert (other.status_code, errors(other)[0][0]) == (409, "duplicate_external_id")
    assert Return.objects.count() == 1


def test_what_did_not_come_is_let_go_and_can_come_later_to_the_cent(shop: Shop) -> None:
    # given three pieces for 29.99, all announced, two of which come
    order = collected(shop, ("A", "3", "0.01"))
    path = f"returns/{shop.post('returns/', body(order, (1, 3))).json()['number']}"
    shop.post(f"{path}/receive/")
    inspected = shop.post(f"{path}/inspect/", [{"line": 1, "grade": "saleable", "quantity": 2}]).json()
    shop.post(f"{path}/refund/")
    line = OrderLine.objects.get(order=order)
    assert (line.quantity_returning, line.quantity_returned) == (0, 2)
    # when
    later = shop.post("returns/", body(order, (1, 1), external_id="RET-2")).json()
    # then
    assert Decimal(inspected["refund_expected"]) + Decimal(later["refund_expected"]) == Decimal("29.99")
    assert sum(ln.vat_amount or 0 for ln in ReturnLine.objects.all()) == line.vat_amount


def test_a_line_of_which_nothing_came_is_taken_off(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "1", "0"), ("B", "1", "0"))
    path = f"returns/{shop.post('returns/', body(order, (1, 1), (2, 1))).json()['number']}"
    shop.post(f"{path}/receive/")
    # when
    inspected = shop.post(f"{path}/inspect/", [{"line": 2, "grade": "damaged", "quantity": 1}]).json()
    # then
    assert ([ln["sku"] for ln in inspected["lines"]], inspected["refund_expected"]) == (["B"], "10.00")
    assert OrderLine.objects.get(order=order, line=1).returnable == 1


def test_a_store_that_did_not_expect_it_shows_the_return_code(shop: Shop) -> None:
    # given a return of a web order that the customer said would go to S2
    order = collected(shop, ("A", "1", "0"))
    announced = shop.post("returns/", body(order, (1, 1))).json()
    path, key = f"returns/{announced['number']}", store_key(shop.s1, "store:operate")
    # when
    assert shop.get(f"{path}/", api_key=key).status_code == 404
    assert shop.post(f"{path}/receive/", {"return_code": "WRONG"}, api_key=key).status_code == 404
    answer = shop.post(f"{path}/receive/", {"return_code": announced["return_code"].lower()}, api_key=key)
    # then
    assert (answer.status_code, answer.json()["location"]) == (200, "S1")
    assert Return.objects.get().location == shop.s1


def test_a_store_receives_by_return_code_what_goes_anywhere(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "1", "0"))
    announced = shop.post("returns/", body(order, (1, 1), destination={"method": "parcel"})).json()
    key = store_key(shop.s2, "store:operate")
    # when
    answer = shop.post(
        f"returns/{announced['number']}/receive/", {"return_code": announced["return_code"]}, api_key=key
    )
    # then
    assert (answer.status_code, answer.json()["location"]) == (200, "S2")
    assert shop.get(f"returns/{announced['number']}/", api_key=key).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"lines": []}, 400, ("empty", "lines")),
        ({"lines": [{"order": "T00000000000", "line": 1, "quantity": 1}]}, 400, ("does_not_exist", "lines.0.order")),
        ({"lines": "all"}, 400, ("not_a_list", "lines")),
        ({"destination": {"method": "store", "location": "S99"}}, 400, ("does_not_exist", "destination.location")),
        ({"destination": {"method": "store"}}, 400, ("required", "destination.location")),
        ({"channel": "S1-unknown"}, 400, ("does_not_exist", "channel")),
        ({"external_id": "x" * 200}, 400, ("max_length", "external_id")),
        ({"external_id": "a\x00b"}, 400, ("null_characters_not_allowed", "external_id")),
    ],
)
def test_bad_input(shop: Shop, changes: dict[str, Any], status: int, error: tuple[str, str]) -> None:
    # given
    order = collected(shop, ("A", "1", "0"))
    # when
    answer = shop.post("returns/", body(order, (1, 1)) | changes)
    # then
    assert (answer.status_code, errors(answer)[0]) == (status, error)
    assert not Return.objects.exists()


@pytest.mark.parametrize("quantity", ["0", "-1", "0.5", "1e40", "NaN", None, "twee", [1]])
def test_bad_quantities(shop: Shop, quantity: Any) -> None:
    # given
    order = collected(shop, ("A", "1", "0"))
    # when
    answer = shop.post("returns/", body(order, (1, quantity)))
    # then
    assert answer.status_code == 400
    assert errors(answer)[0][1] == "lines.0.quantity"
    assert not Return.objects.exists()


def test_an_unknown_line_or_sku(shop: Shop) -> None:
    order = collected(shop, ("A", "1", "0"))
    assert errors(shop.post("returns/", body(order, (7, 1)))) == [("does_not_exist", "lines.0.line")]
    assert errors(shop.post("returns/", body(order, ("B", 1)))) == [("does_not_exist", "lines.0.sku")]


def test_scopes(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "1", "0"))
    announced = shop.post("returns/", body(order, (1, 1), destination=None)).json()
    reader, announcer = store_key(shop.s2, "orders:read"), store_key(shop.s1, "returns:write")
    own = body(order, (1, 1), destination=None)
    assert (
        shop.post("returns/", own | {"channel": "S1"}, api_key=announcer).status_code == 409
    )  # a key may, nothing is left
    # then
    assert shop.post("returns/", body(order, (1, 1)), api_key=reader).status_code == 403
    assert shop.post(f"returns/{announced['number']}/receive/", {}, api_key=announcer).status_code == 403
    assert shop.get(f"returns/{announced['number']}/", api_key=reader).status_code == 403
    assert shop.get(f"returns/{announced['number']}/", api_key=announcer).status_code == 404  # another channel's
    assert shop.get("returns/R00000000000/").status_code == 404
