"""Transfers over the API: asked for, agreed to, sent and received in goes, each by the end that does it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import ApiClient
from apps.accounts.roles import Scope
from apps.accounts.services import issue_api_key
from apps.inventory.models import StockMovement, Transfer
from apps.network.models import Location
from tests.api import ApiCaller
from tests.inventory.transfers import ask, levels, send
from tests.shop import Shop, nothing_differs


@pytest.fixture
def keys(shop: Shop) -> dict[str, str]:
    """A key of each store's own app."""
    return {place.code: key_of(shop, place) for place in (shop.s1, shop.s2)}


def key_of(shop: Shop, place: Location) -> str:
    client = ApiClient.objects.create(name=place.code, channel=shop.web, scopes=[Scope.STORE_OPERATE])
    client.locations.add(place)
    return issue_api_key(client=client)


def wanted(**changes: Any) -> dict[str, Any]:
    lines = [{"sku": "A", "quantity": "3"}, {"sku": "B", "quantity": "1"}]
    return {"from": "S1", "to": "S2", "reference": "P-1", "lines": lines} | changes


def posted(shop: Shop, path: str, body: Any, key: str, status: int = 200) -> Any:
    answer = shop.post(f"transfers/{path}", body, api_key=key)
    assert answer.status_code == status, answer.content
    return answer.json()


def faults(answer: Any) -> list[tuple[str, str]]:
    return [(fault["code"], fault["attr"]) for fault in answer["errors"]]


def test_a_franchisees_goods_are_set_aside_when_they_agree_and_go_in_parts(shop, keys):
    # when Leiden asks Utrecht, which is a franchisee's
    asked = posted(shop, "", wanted(), keys["S2"], 201)
    number = asked["number"]
    assert (asked["status"], asked["from"], asked["to"]) == ("asked", "S1", "S2")
    assert posted(shop, "", wanted(), keys["S2"]) == asked
    # then nothing is set aside, and nothing can be sent
    assert levels(shop) == {("S1", "saleable", "F01"): (10, 0)}
    assert faults(posted(shop, f"{number}/send/", {"sending": 1}, keys["S1"], 409)) == [("wrong_state", None)]
    # when
    assert posted(shop, f"{number}/agree/", {}, keys["S1"])["status"] == "to_send"
    assert posted(shop, f"{number}/agree/", {}, keys["S1"])["status"] == "to_send"
    assert levels(shop) == {("S1", "saleable", "F01"): (10, 3)}
    # when it goes and comes in two goes, each said twice
    first = {"sending": 1, "lines": [{"line": 1, "quantity": "2", "reason": "later"}]}
    for _time in range(2):
        sent = posted(shop, f"{number}/send/", first, keys["S1"])
    assert (sent["status"], sent["sendings"], sent["lines"][0]["to_send"]) == ("partly", 1, "1")
    for _time in range(2):
        came = posted(shop, f"{number}/receive/", {"receipt": 1}, keys["S2"])
    assert (came["lines"][0]["received"], came["lines"][0]["on_the_way"]) == ("2", "0")
    posted(shop, f"{number}/send/", {"sending": 2}, keys["S1"])
    short = {"receipt": 2, "lines": [{"line": 1, "quantity": "1"}, {"line": 2, "quantity": "0", "reason": "missing"}]}
    came = posted(shop, f"{number}/receive/", short, keys["S2"])
    # then
    assert (came["status"], came["lines"][1]["differs_because"]) == ("received", "missing")
    assert levels(shop) == {("S1", "saleable", "F01"): (7, 0), ("S2", "saleable", "OWN"): (3, 0)}
    assert StockMovement.objects.filter(cause_type="transfer").count() == 6
    assert nothing_differs()


def test_who_asks_for_what_they_give_themselves_waits_for_nobody(shop, keys):
    assert posted(shop, "", wanted(), keys["S1"], 201)["status"] == "to_send"
    shop.receive(shop.dc, A=5, B=5)
    own = wanted(**{"from": "DC"}, reference="P-2")
    assert posted(shop, "", own, keys["S2"], 201)["status"] == "to_send"
    shop.sends(shop.s1)
    assert posted(shop, "", wanted(reference="P-3"), keys["S2"], 201)["status"] == "to_send"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"from": "S9"}, (400, "does_not_exist", "from")),
        ({"to": "S9"}, (400, "does_not_exist", "to")),
        ({"from": "DC", "to": "S1"}, (400, "does_not_exist", "to")),
        ({"from": "S2"}, (400, "same_location", None)),
        ({"lines": []}, (400, "min_length", "lines")),
        ({"lines": [{"sku": "NOPE", "quantity": "1"}]}, (400, "does_not_exist", "lines.0.sku")),
        ({"lines": [{"sku": "A", "quantity": "1"}] * 2}, (400, "invalid", "lines.1.quantity")),
        ({"lines": [{"sku": "A", "quantity": "0.5"}]}, (400, "invalid", "lines.0.quantity")),
        ({"reference": ""}, (400, "blank", "reference")),
    ],
)
def test_what_cannot_be_asked_for_says_where(shop, keys, change, expected):
    answer = shop.post("transfers/", wanted(**change), api_key=keys["S2"])
    assert [(answer.status_code, *fault) for fault in faults(answer.json())] == [expected]
    assert not Transfer.objects.exists()


def test_there_is_too_little_or_it_was_something_else(shop, keys):
    many = wanted(lines=[{"sku": "B", "quantity": "1"}, {"sku": "A", "quantity": "11"}])
    assert faults(posted(shop, "", many, keys["S1"], 409)) == [("insufficient_stock", "lines.1.quantity")]
    posted(shop, "", wanted(), keys["S2"], 201)
    assert faults(posted(shop, "", many, keys["S2"], 409)) == [("reference_taken", None)]
    number = posted(shop, "", many | {"reference": "P-4"}, keys["S2"], 201)["number"]
    assert faults(posted(shop, f"{number}/agree/", {}, keys["S1"], 409)) == [("insufficient_stock", "lines.1.quantity")]
    assert Transfer.objects.get(number=number).status == "asked"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([{"line": 2, "quantity": "1"}, {"line": 1, "quantity": "2"}], ("reason_needed", "lines.1.reason")),
        ([{"line": 1, "quantity": "4"}], ("invalid", "lines.0.quantity")),
        ([{"line": 3, "quantity": "1"}], ("does_not_exist", "lines.0.line")),
    ],
)
def test_a_line_that_is_refused_is_named_by_its_place(shop, keys, lines, expected):
    transfer = ask(shop, A=3, B=1)
    body = {"sending": 1, "lines": lines}
    assert faults(posted(shop, f"{transfer.number}/send/", body, keys["S1"], 400)) == [expected]
    twice = {"sending": 1, "lines": [{"line": 1, "quantity": "1"}] * 2}
    assert faults(posted(shop, f"{transfer.number}/send/", twice, keys["S1"], 400)) == [("invalid", "lines")]
    assert levels(shop) == {("S1", "saleable", "F01"): (10, 3)}


def test_each_end_takes_its_own_steps_and_either_calls_it_off(shop, keys):
    transfer = ask(shop, waits=True, A=3)
    stranger = key_of(shop, shop.dc)
    chain = ApiClient.objects.create(name="Chain", channel=shop.web, scopes=[Scope.STORE_OPERATE])
    posted(shop, f"{transfer.number}/agree/", {}, issue_api_key(client=chain), 404)
    for step in ("agree", "send"):
        posted(shop, f"{transfer.number}/{step}/", {"sending": 1}, keys["S2"], 404)
    posted(shop, f"{transfer.number}/receive/", {"receipt": 1}, keys["S1"], 404)
    assert shop.get(f"transfers/{transfer.number}/", api_key=stranger).status_code == 404
    assert shop.get("transfers/", api_key=stranger).json()["results"] == []
    assert posted(shop, f"{transfer.number}/cancel/", {}, keys["S2"])["status"] == "cancelled"
    assert faults(posted(shop, f"{transfer.number}/agree/", {}, keys["S1"], 409)) == [("wrong_state", None)]
    assert nothing_differs()


def test_a_transfer_is_read_once_while_it_is_the_same_and_listed_when_it_changed(shop, keys):
    transfer, other = ask(shop, A=3), ask(shop, B=1)
    reading = ApiCaller(keys["S1"])
    answer = reading.get(f"/api/v1/transfers/{transfer.number}/")
    tag = {"If-None-Match": answer["ETag"]}
    assert reading.get(f"/api/v1/transfers/{transfer.number}/", headers=tag).status_code == 304
    page = shop.get("transfers/", api_key=keys["S2"]).json()
    assert [one["number"] for one in page["results"]] == [other.number, transfer.number]
    # when
    posted(shop, f"{transfer.number}/send/", {"sending": 1}, keys["S1"])
    # then
    assert reading.get(f"/api/v1/transfers/{transfer.number}/", headers=tag).status_code == 200
    listed = shop.get("transfers/?status=in_transit", api_key=keys["S2"]).json()["results"]
    assert [one["number"] for one in listed] == [transfer.number]
    assert shop.get("transfers/?updated_since=2100-01-01T00:00:00Z", api_key=keys["S2"]).json()["results"] == []


def test_what_is_partly_sent_is_found_by_what_is_on_its_way(shop, keys):
    transfer, _other = send(ask(shop, A=3), (1, 1, "later")), ask(shop, B=1)
    listed = shop.get("transfers/?on_the_way=true", api_key=keys["S2"]).json()["results"]
    assert [(one["number"], one["status"]) for one in listed] == [(transfer.number, "partly")]


def test_who_sees_all_stock_asks_for_nothing_between_others(shop):
    client = ApiClient.objects.create(name="S2", channel=shop.web, scopes=[Scope.STORE_OPERATE, Scope.STOCK_READ])
    client.locations.add(shop.s2)
    shop.receive(shop.dc, A=5, B=5)
    refused = posted(shop, "", wanted(**{"from": "DC", "to": "S1"}), issue_api_key(client=client), 400)
    assert faults(refused) == [("does_not_exist", "to")]
    assert not Transfer.objects.exists()


def test_a_page_of_many_transfers_costs_no_more_queries(shop, keys):
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert shop.get("transfers/", api_key=keys["S1"]).status_code == 200
        return len(counted)

    ask(shop, A=1)
    queries()
    few = queries()
    for _n in range(4):
        ask(shop, A=1, B=1)
    assert queries() == few
