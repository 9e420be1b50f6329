"""Announced goods that do not come after all: called off, never brought, or brought to a till."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.core.models import Event
from apps.core.reconcile import reconcile
from apps.network.models import Location
from apps.orders.models import Order, OrderLine
from apps.payments.models import PaymentEntry
from apps.returns.models import Return
from apps.returns.services.accepting import accept_announced
from apps.returns.services.announcing import announce_return
from apps.returns.services.inspecting import inspect_return
from apps.returns.services.receiving import WrongState, receive_return
from apps.returns.services.settling import settle_return
from apps.returns.services.types import Announced, Graded, NotReturnable, ReturnSale
from apps.returns.services.withdrawing import ANNOUNCED_FOR, lapse_announced, withdraw_return
from apps.returns.tasks import lapse_announced_returns
from tests.people import make_user
from tests.returns.purchases import collected
from tests.returns.test_recording import bought, line, record, returned
from tests.shop import Shop
from tests.staff import browser

__all__ = ["make_user"]


def announce(shop: Shop, order: Order, name: str, *lines: tuple[int, str], **changes: Any) -> Return:
    rma, _new = announce_return(
        channel=shop.web,
        external_id=name,
        fingerprint="",
        lines=[Announced(order.number, Decimal(quantity), line=n) for n, quantity in lines],
        **{"occurred_at": timezone.now()} | changes,
    )
    return rma


def counters(order: Order, n: int = 1) -> tuple[int, int]:
    """How many pieces of a line are announced, and how many came back."""
    found = OrderLine.objects.get(order=order, line=n)
    return int(found.quantity_returning), int(found.quantity_returned)


def take_in(shop: Shop, rma: Return, *gradings: tuple[int, int]) -> Return:
    return accept_announced(
        rma=rma,
        location=shop.s1,
        gradings=[Graded(n, "saleable", Decimal(quantity)) for n, quantity in gradings],
        occurred_at=timezone.now(),
        actor="test",
    )


def paid_back() -> Decimal:
    return sum((e.amount for e in PaymentEntry.objects.filter(kind="refunded")), Decimal(0))


def all_is_well() -> bool:
    return [o.check.name for o in reconcile() if o.differences] == []


def test_what_was_announced_is_taken_back_at_the_till_once(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "2", "0"))
    rma = announce(shop, order, "RET-1", (1, "2"))
    # when
    record(returned(shop, "T1", line(shop, 1, "20.00", of=bought(order), quantity=Decimal(2))))
    # then the till's return is that of the order, and nothing is expected any more
    at_till = Return.objects.get(external_id="T1")
    assert (at_till.lines.get().order_line, at_till.payment_account) == (bought(order), None)
    assert counters(order) == (0, 2)
    rma.refresh_from_db()
    assert (rma.status, rma.withdrawn_because, rma.total) == ("withdrawn", "till", 0)
    with pytest.raises(NotReturnable):
        take_in(shop, rma, (1, 2))
    with pytest.raises(WrongState):
        receive_return(rma=rma, location=shop.s1, occurred_at=timezone.now())
    assert paid_back() == order.total == Decimal("20.00")
    assert Order.objects.get(pk=order.pk).status == "returned"
    assert all_is_well()


def test_the_till_takes_announced_pieces_before_others(shop: Shop) -> None:
    # given three pieces of which one is announced
    order = collected(shop, ("A", "3", "0"))
    rma = announce(shop, order, "RET-1", (1, "1"))
    # when
    record(returned(shop, "T1", line(shop, 1, "20.00", of=bought(order), quantity=Decimal(2))))
    # then
    assert counters(order) == (0, 2)
    assert Return.objects.get(pk=rma.pk).status == "withdrawn"
    assert bought(order).returnable == 1


def test_the_rest_of_an_announcement_is_still_expected(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "3", "0.01"), ("B", "1", "0"))
    rma = announce(shop, order, "RET-1", (1, "3"), (2, "1"))
    # when one of A and the only B come back at a till
    record(
        returned(
            shop,
            "T1",
            line(shop, 1, "9.99", of=bought(order)),
            line(shop, 2, "10.00", of=bought(order, 2), sku="B"),
        )
    )
    # then
    rma.refresh_from_db()
    (left,) = rma.lines.all()
    assert (rma.status, rma.total) == ("announced", left.amount)
    assert (left.sku, left.quantity, left.amount) == ("A", 2, Decimal("19.99"))
    assert (counters(order), counters(order, 2)) == ((2, 1), (0, 1))
    told = Event.objects.get(topic="return.withdrawn").payload
    assert [(part["order_line"], part["quantity"]) for part in told["lines"]] == [(1, "1"), (2, "1")]
    # when
    take_in(shop, rma, (1, 2))
    # then everything is paid back, to the cent
    assert paid_back() == Decimal("39.98")
    assert all_is_well()


def test_the_announcement_for_this_store_goes_first(shop: Shop) -> None:
    # given one by parcel, and a later one to be brought to S2
    order = collected(shop, ("A", "2", "0"))
    parcel = announce(shop, order, "RET-1", (1, "1"))
    here = announce(shop, order, "RET-2", (1, "1"), destination=shop.s2)
    # when
    record(returned(shop, "T1", line(shop, 1, "10.00", of=bought(order))))
    # then
    assert {rma.status for rma in Return.objects.filter(pk=here.pk)} == {"withdrawn"}
    assert {rma.status for rma in Return.objects.filter(pk=parcel.pk)} == {"announced"}


@pytest.mark.parametrize("arrived", ["S1", "S2"])
@pytest.mark.parametrize("inspected", [False, True])
def test_what_arrived_already_is_paid_by_the_till_or_by_its_return(shop: Shop, arrived: str, inspected: bool) -> None:
    # given
    order = collected(shop, ("A", "1", "0"))
    rma, place = announce(shop, order, "RET-1", (1, "1")), Location.objects.get(code=arrived)
    receive_return(rma=rma, location=place, occurred_at=timezone.now())
    gradings = [Graded(1, "saleable", Decimal(1))]
    if inspected:
        inspect_return(rma=rma, gradings=gradings, occurred_at=timezone.now(), actor="test")
    # when the till of S2 pays for the same piece
    record(returned(shop, "T1", line(shop, 1, "10.00", of=bought(order))))
    # then the return no longer does
    assert Return.objects.get(external_id="T1").lines.get().order_line == bought(order)
    assert counters(order) == (0, 1)
    with pytest.raises(WrongState):
        settle_return(rma=rma, occurred_at=timezone.now(), actor="test")
    with pytest.raises(WrongState):
        inspect_return(rma=rma, gradings=gradings * 2, occurred_at=timezone.now(), actor="test")
    assert paid_back() == order.total
    assert all_is_well()


def test_what_arrived_elsewhere_is_left_to_its_return_while_others_are_at_home(shop: Shop) -> None:
    # given two pieces, of which one came to S1
    order = collected(shop, ("A", "2", "0"))
    rma = announce(shop, order, "RET-1", (1, "1"))
    receive_return(rma=rma, location=shop.s1, occurred_at=timezone.now())
    # when the other one is brought to a till of S2
    record(returned(shop, "T1", line(shop, 1, "10.00", of=bought(order))))
    # then
    assert counters(order) == (1, 1)
    assert take_in(shop, rma, (1, 1)).status == "settled"
    assert paid_back() == order.total


def test_many_tickets_cost_as_many_statements_as_one(shop: Shop) -> None:
    # given
    orders = [collected(shop, ("A", "1", "0")) for _ in range(6)]
    for n, order in enumerate(orders):
        announce(shop, order, f"RET-{n}", (1, "1"))
    sales = [returned(shop, f"T{n}", line(shop, 1, "10.00", of=bought(order))) for n, order in enumerate(orders)]

    def statements(tickets: list[ReturnSale]) -> int:
        with CaptureQueriesContext(connection) as queries:
            record(*tickets)
        return len(queries)

    # then
    assert statements(sales[:1]) >= statements(sales[1:])  # the first one also makes the stock level
    assert set(Return.objects.filter(channel=shop.web).values_list("status", flat=True)) == {"withdrawn"}


def test_a_return_is_called_off_and_announced_again(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "3", "0.01"))
    rma = announce(shop, order, "RET-1", (1, "3"))
    # when, twice
    for _ in range(2):
        assert withdraw_return(rma=rma, occurred_at=timezone.now()).withdrawn_because == "asked"
    # then
    assert counters(order) == (0, 0)
    again = announce(shop, order, "RET-2", (1, "3"))
    assert again.total == order.total
    assert take_in(shop, again, (1, 3)).status == "settled"
    assert paid_back() == order.total
    assert Event.objects.filter(topic="return.withdrawn").count() == 1


def test_what_is_there_cannot_be_called_off(shop: Shop) -> None:
    rma = announce(shop, collected(shop, ("A", "1", "0")), "RET-1", (1, "1"))
    receive_return(rma=rma, location=shop.s1, occurred_at=timezone.now())
    with pytest.raises(WrongState):
        withdraw_return(rma=rma, occurred_at=timezone.now())


def test_what_nobody_brings_lapses(shop: Shop) -> None:
    # given
    order, now = collected(shop, ("A", "2", "0")), timezone.now()
    late = announce(shop, order, "RET-1", (1, "1"), occurred_at=now - ANNOUNCED_FOR)
    fresh = announce(shop, order, "RET-2", (1, "1"), occurred_at=now - ANNOUNCED_FOR + dt.timedelta(hours=1))
    # when
    lapse_announced_returns()
    # then
    late.refresh_from_db()
    fresh.refresh_from_db()
    assert (late.status, late.withdrawn_because, fresh.status) == ("withdrawn", "lapsed", "announced")
    assert counters(order) == (1, 0)
    assert lapse_announced() == 0


def test_withdrawing_on_the_page(shop: Shop, make_user: Callable[..., User]) -> None:
    # given
    rma = announce(shop, collected(shop, ("A", "1", "0")), "RET-1", (1, "1"))
    agent = browser(make_user("service_agent"))
    url = f"{rma.get_absolute_url()}withdraw/"
    # when
    assert url in agent.get(rma.get_absolute_url()).content.decode()
    assert f"Withdraw return {rma.number}?" in agent.get(url).content.decode()
    answer = agent.post(url, {"reason": "Fits after all"}, follow=True)
    # then
    page = answer.content.decode()
    assert f"Return {rma.number} is withdrawn." in page
    assert "called off" in page
    assert url not in page
    # and a counter that had it open is told
    counter = browser(make_user("store_associate", shop.s1))
    stale = counter.post(f"{rma.get_absolute_url()}take-in/", {"saleable-1": "1", "confirm": ""})
    assert stale.status_code == 409
    assert paid_back() == 0


def test_many_are_withdrawn_with_one_reason(shop: Shop, make_user: Callable[..., User]) -> None:
    bought = collected(shop, ("A", "3", "0"))
    coming = [announce(shop, bought, f"RET-{n}", (1, "1")) for n in range(2)]
    here = announce(shop, bought, "RET-9", (1, "1"))
    receive_return(rma=here, location=shop.s1, occurred_at=timezone.now())
    client = browser(make_user("store_manager", shop.s1))
    agent = browser(make_user("service_agent"))
    url = "/returns/?part=many"
    asked = agent.post(url, {"act": "withdraw", "all": "1"}).content.decode()
    assert "Withdraw 2 returns?" in asked
    assert f"1 left out: The goods of return {here.number} are here already." in asked
    agent.post(url, {"act": "withdraw", "all": "1", "sure": "2", "reason": "Recall is off"})
    statuses = dict(Return.objects.values_list("number", "status"))
    assert statuses == {**{rma.number: "withdrawn" for rma in coming}, here.number: "received"}
    for rma in coming:
        assert "Recall is off" in agent.get(f"{rma.get_absolute_url()}?part=audit").content.decode()
    assert client.post(url, {"act": "withdraw", "pick": [coming[0].pk]}).status_code == 200
