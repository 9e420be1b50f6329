"""Points on the customer's page, in their timeline and over the API."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from apps.accounts.models import User
from apps.accounts.services import grant_access
from apps.core.events.subscribers import catch_up
from apps.customers.models import Customer, Identifier
from apps.loyalty.models import LoyaltyAccount
from apps.loyalty.services.activating import activate_due
from apps.loyalty.services.cards import is_card
from apps.portal.timeline import read_timeline
from apps.returns.services.accepting import accept_in_store
from apps.returns.services.types import Accepted
from tests.people import make_user
from tests.returns.purchases import JAN, sold
from tests.shop import Shop
from tests.staff import browser

__all__ = ["make_user"]


def customer_of(account: LoyaltyAccount) -> Customer:
    return account.source_record.customer


@pytest.fixture
def associate(shop: Shop, make_user: Callable[..., User]) -> User:
    return make_user("store_associate", shop.s1)


def opened_to(user: Any, account: LoyaltyAccount) -> None:
    key = str(customer_of(account).key)
    grant_access(principal=user, object_type="customer", object_key=key, purpose="counter", evidence="loyalty_card")


def history(shop: Shop, jan: LoyaltyAccount) -> str:
    """Two pieces bought of which one came back; the number of the return."""
    order = sold(shop, shop.s1, ("A", "2", "20.00"), source_record_id=jan.source_record_id)
    rma = accept_in_store(
        location=shop.s2,
        lines=[Accepted(order.number, 1, Decimal(1))],
        reference="desk",
        occurred_at=timezone.now(),
        actor="test",
    )
    catch_up()
    jan.refresh_from_db()
    activate_due(day=jan.lots.get().active_from)
    return rma.number


def test_the_panel_says_balance_and_card_without_its_number(shop: Shop, jan: LoyaltyAccount, associate: User) -> None:
    # given
    history(shop, jan)
    opened_to(associate, jan)
    # when
    page = browser(associate).get(f"/points/{customer_of(jan).key}/standing/", headers={"HX-Request": "true"})
    # then
    shown = page.content.decode()
    assert "10 points" in shown
    assert jan.card_number[-4:] in shown
    assert jan.card_number not in shown
    assert (
        f"/points/{customer_of(jan).key}/standing/"
        in browser(associate).get(customer_of(jan).get_absolute_url()).content.decode()
    )


def test_points_of_somebody_who_was_not_looked_up_stay_closed(
    shop: Shop, jan: LoyaltyAccount, associate: User, make_user: Callable[..., User]
) -> None:
    history(shop, jan)
    for user in (associate, make_user("head_office"), make_user("service_agent")):
        assert browser(user).get(f"/points/{customer_of(jan).key}/").status_code == 404
        assert browser(user).get(f"/points/{customer_of(jan).key}/standing/").status_code == 404
    assert browser(make_user("finance")).get(f"/points/{customer_of(jan).key}/").status_code == 403


def test_the_rows_behind_the_balance(shop: Shop, jan: LoyaltyAccount, associate: User) -> None:
    # given
    history(shop, jan)
    opened_to(associate, jan)
    # when
    rows = browser(associate).get(f"/points/{customer_of(jan).key}/").context["table"].records
    # then
    assert sorted((row.kind, row.points, row.is_pending) for row in rows) == [
        ("activated", -10, True),
        ("activated", 10, False),
        ("earned", 20, True),
        ("reversed", -10, True),
    ]


def test_the_list_asks_as_much_for_forty_rows_as_for_two(shop: Shop, jan: LoyaltyAccount, associate: User) -> None:
    # given
    opened_to(associate, jan)
    client, address = browser(associate), f"/points/{customer_of(jan).key}/"

    def queries(count: int) -> int:
        for _ in range(count):
            sold(shop, shop.s1, ("A", "1", "10.00"), source_record_id=jan.source_record_id)
        catch_up()
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    # then
    assert queries(2) == queries(38)


def test_the_timeline_tells_each_change_once(shop: Shop, jan: LoyaltyAccount, associate: User) -> None:
    # given
    number = history(shop, jan)
    opened_to(associate, jan)
    # when
    with translation.override("en"):
        first = read_timeline(principal=associate, source_record_ids=[jan.source_record_id], limit=3)
        second = read_timeline(
            principal=associate, source_record_ids=[jan.source_record_id], limit=30, before=first.before
        )
        entries = [e for e in (*first.entries, *second.entries) if e.kind == "points"]
        told = [(str(e.title), str(e.where)) for e in entries]
    # then
    assert [title for title, _where in told] == ["10 points taken back", "20 points earned"]
    assert told[0][1] == f"return {number}"


def test_over_the_api(shop: Shop, jan: LoyaltyAccount) -> None:
    # given
    history(shop, jan)
    address = f"customers/{customer_of(jan).key}/loyalty/"
    assert shop.get(address).status_code == 404
    # when
    opened_to(shop.client, jan)
    body = shop.get(address).json()
    # then
    assert (body["card"], body["balance"], body["pending"]) == (jan.card_number, 10, 0)
    [account] = body["accounts"]
    assert (account["issued_by"], [lot["points"] for lot in account["lots"]]) == ("S1", [10])


def test_signing_up_answers_a_card_that_works_at_once(shop: Shop) -> None:
    # given
    person = {"email": "iris@example.org", "first_name": "Iris"}
    # when
    body = shop.post("customers/", person).json()
    again = shop.post("customers/", person).json()
    # then
    assert is_card(body["loyalty_card"])
    assert again["loyalty_card"] == body["loyalty_card"]
    assert Identifier.objects.filter(kind="loyalty_card", value=body["loyalty_card"], verified=True).exists()
    account = LoyaltyAccount.objects.get()
    sold(shop, shop.s1, ("A", "1", "10.00"), source_record_id=account.source_record_id)
    catch_up()
    account.refresh_from_db()
    assert account.pending == 10


def test_who_has_a_card_keeps_it(shop: Shop, jan: LoyaltyAccount) -> None:
    body = shop.post("customers/", {"email": JAN.email, "first_name": "Jan"}).json()
    assert body["loyalty_card"] == jan.card_number
    assert LoyaltyAccount.objects.count() == 1
