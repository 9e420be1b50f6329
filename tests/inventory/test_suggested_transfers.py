"""What is suggested: of those who keep enough, the nearest; never what somebody needs, or what is coming already."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.inventory.models import StockLevel, StockMovement, Transfer
from apps.inventory.services.moving import book_moves
from apps.inventory.services.owners import company_of
from apps.inventory.services.transfers.sending import cancel_transfer
from apps.inventory.services.transfers.suggesting import Suggestion, suggest_transfers
from apps.inventory.services.types import Cause, Move, Spot
from apps.network.models import Location
from tests.inventory.transfers import ask, send
from tests.shop import Shop
from tests.staff import browser, person


def sell(shop: Shop, location: Location, *, days_ago: int = 3, **quantities: int) -> None:
    """Something was sold over the counter, some days ago."""
    at = timezone.now() - dt.timedelta(days=days_ago)
    spot = Spot(location.pk, company_of(location.pk, day=at.date()))
    cause = Cause("order", f"T{StockMovement.objects.count()}", at.date(), at, at.date(), "test")
    with transaction.atomic():
        book_moves(
            [
                Move(cause, n, StockMovement.Kind.SALE, shop.variants[sku].pk, Decimal(quantity), source=spot)
                for n, (sku, quantity) in enumerate(quantities.items(), start=1)
            ]
        )


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """S2 sold 14 of 15 pieces of A in four weeks: one is left for two days. S1 has ten, and DC a hundred."""
    shop.receive(shop.s2, A=15)
    sell(shop, shop.s2, A=14)
    return shop


def of(location: Location) -> list[Suggestion]:
    return suggest_transfers(receiver_id=location.pk)


def test_what_runs_out_is_suggested_of_the_nearest_that_can_give_all_of_it(shop):
    # given: 14 in 28 days is half a piece a day; 21 days take 10.5, one is there
    shop.receive(shop.dc, A=100)
    # when
    [suggestion] = of(shop.s2)
    # then: S1 is nearer and has exactly ten to spare
    assert (suggestion.sender.code, suggestion.quantity, suggestion.spare) == ("S1", 10, 10)
    assert (suggestion.there, suggestion.per_day, suggestion.days) == (1, Decimal("0.5"), 2)
    # when S1 sells some itself, the one further away gives all of it
    sell(shop, shop.s1, A=1)
    assert (of(shop.s2)[0].sender.code, of(shop.s2)[0].quantity) == ("DC", 10)


def test_whoever_gives_keeps_its_own_cover(shop):
    # given: S1 sold 4 in 28 days, so it keeps 4 of the 6 it has left
    sell(shop, shop.s1, A=4)
    [suggestion] = of(shop.s2)
    assert (suggestion.quantity, suggestion.spare) == (2, 2)
    # and nothing when it sold more
    sell(shop, shop.s1, A=2)
    assert of(shop.s2) == []


def test_what_is_kept_or_promised_is_not_suggested(shop):
    shop.post("orders/", shop.order_body(("A", 8)))
    assert of(shop.s2)[0].quantity == 2
    StockLevel.objects.filter(location=shop.s1).update(safety_collect=2)
    assert of(shop.s2) == []


def test_what_is_coming_is_not_suggested_again(shop):
    transfer = ask(shop, A=4)
    assert of(shop.s2) == []
    send(transfer)
    assert of(shop.s2) == []


@pytest.mark.parametrize("days_ago", [29, 200])
def test_what_sold_long_ago_only_is_not_suggested(shop, days_ago):
    shop.receive(shop.s2, B=3)
    sell(shop, shop.s2, days_ago=days_ago, B=3)
    assert [one.variant_id for one in of(shop.s2)] == [shop.variants["A"].pk]


def test_a_closed_location_gives_nothing(shop):
    Location.objects.filter(pk=shop.s1.pk).update(active_until=timezone.localdate() - dt.timedelta(days=1))
    assert of(shop.s2) == []


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def test_a_suggestion_becomes_a_request_with_one_act(shop):
    client = browser(person("Ans Visser", "store_manager", location=shop.s2))
    page = text(client.get("/stock/transfers/suggested/"))
    assert "1 here or on its way, 3.5 sold a week: lasts 2 days" in page
    form = {"token": "0192d0a0-0000-7000-8000-000000000001", "sender": "S1", "receiver": "S2", "goods": "A 10"}
    assert all(f'name="{name}"' in page for name in form)
    assert f'value="{form["goods"]}"' in page
    assert client.post("/stock/transfers/request/", form).status_code == 302
    assert Transfer.objects.get().lines.get().requested == 10
    assert "Nothing to suggest" in text(client.get("/stock/transfers/suggested/"))


def test_head_office_asks_for_any_location_and_a_store_for_its_own(shop):
    office = browser(person("Mirjam Vos", "head_office"))
    assert "Product A" not in text(office.get("/stock/transfers/suggested/"))
    assert "Product A" in text(office.get("/stock/transfers/suggested/?location=S2"))
    client = browser(person("Bo Jansen", "store_manager", location=shop.s1))
    assert "Product A" not in text(client.get("/stock/transfers/suggested/?location=S2"))


def test_the_number_of_queries_does_not_grow(shop):
    client = browser(person("Mirjam Vos", "head_office"))

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert "Product A" in text(client.get("/stock/transfers/suggested/?location=S2"))
        return len(counted)

    queries()
    few = queries()
    shop.receive(shop.s2, B=14, C=14)
    sell(shop, shop.s2, B=14, C=14)
    shop.receive(shop.dc, A=100, B=100)
    assert len(of(shop.s2)) == 3
    assert queries() == few


def test_what_follows_in_another_go_is_still_coming(shop):
    # given: ten of A are asked for, of which one has left
    wanted = of(shop.s2)[0].quantity
    transfer = ask(shop, A=wanted)
    # when
    send(transfer, (1, 1, "later"))
    # then
    assert of(shop.s2) == []
    # when the rest is not sent after all
    cancel_transfer(number=transfer.number, actor="test")
    # then it is asked for anew
    assert [suggestion.quantity for suggestion in of(shop.s2)] == [wanted - 1]
