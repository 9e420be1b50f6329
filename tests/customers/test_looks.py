"""Every look is written down and sealed, who tries is slowed, and the customer may know of it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from apps.accounts.models import ApiClient, User
from apps.customers.models import Customer, Finding, Look
from apps.customers.review.seals import broken_seals, seal_days
from apps.customers.review.services import looks_at, review
from apps.customers.review.views import part_word
from apps.customers.services.lookup import look_up
from apps.customers.services.recognising import recognise
from apps.network.models import Location
from tests.api import ApiCaller
from tests.customers.looking import NOON, agent, found, jan, outcomes, person

__all__ = ["agent", "jan"]
pytestmark = pytest.mark.django_db
Rule = Finding.Rule


def test_every_attempt_and_every_view_is_written_down_without_what_was_given(
    agent: User, browse: Callable[[User], Client], jan: Customer
) -> None:
    # given
    desk = browse(agent)

    # when
    desk.post("/customers/", {"identifier": "nobody@example.org"})
    desk.post("/customers/", {"identifier": "p1@example.org"}, follow=True)
    desk.get(f"/orders/open/{jan.key}/")
    desk.get("/customers/00000000-0000-7000-8000-000000000000/")

    # then
    looks = list(Look.objects.order_by("pk"))
    assert [(look.act, look.outcome, look.part) for look in looks] == [
        ("look_up", "none", ""),
        ("look_up", "one", ""),
        ("view", "one", "customers:customer"),
        ("view", "one", "orders:open-of-customer"),
        ("view", "refused", "customers:customer"),
    ]
    assert {look.purpose for look in looks[:4]} == {"service"}
    assert {look.principal for look in looks} == {f"user:{agent.pk}"}
    stored = " ".join(str(value) for look in looks for value in vars(look).values())
    assert "example.org" not in stored


def test_nobody_changes_the_log(agent: User, jan: Customer) -> None:
    # given
    look_up(identifiers={"email": "p1@example.org"}, purpose="service", principal=agent)

    # then
    for change in (lambda: Look.objects.update(purpose="x"), lambda: Look.objects.all().delete()):
        with pytest.raises(ProgrammingError), transaction.atomic():
            change()


def test_a_seal_breaks_when_a_look_of_its_day_comes_or_goes_afterwards(agent: User, jan: Customer) -> None:
    # given
    with time_machine.travel(NOON):
        look_up(identifiers={"email": "p1@example.org"}, purpose="service", principal=agent)
    with time_machine.travel(NOON + dt.timedelta(days=1)):
        look_up(identifiers={"email": "p1@example.org"}, purpose="service", principal=agent)

    # when
    sealed = seal_days(now=NOON + dt.timedelta(days=3))
    before = broken_seals()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_look DISABLE TRIGGER ALL")
        cursor.execute("UPDATE customers_look SET purpose = 'x' WHERE day = '2026-11-18'")
        cursor.execute("ALTER TABLE customers_look ENABLE TRIGGER ALL")

    # then
    assert sealed == 3
    assert before == []
    assert [difference.what for difference in broken_seals()] == ["2026-11-18"]


def test_none_and_several_take_the_same_statements_and_are_answered_in_the_same_shape(shop_api: ApiCaller) -> None:
    # given
    recognise([person(n, email="", postcode="3511AB", house_number="12", phone="") for n in range(2)], actor="system")
    recognise([person(n, email="", postcode="3512AB", house_number="1") for n in range(5, 30)], actor="system")

    def ask(postcode: str, number: str) -> tuple[set[str], Any, list[str]]:
        body = {"identifiers": {"postcode": postcode, "house_number": number}, "purpose": "service"}
        shop_api.post("/api/v1/customers/lookup/", body)
        with CaptureQueriesContext(connection) as asked:
            answer = shop_api.post("/api/v1/customers/lookup/", body)
        read = [query["sql"].split(" ")[0] + query["sql"].partition(" FROM ")[2][:30] for query in asked]
        return set(answer.json()), answer.json()["id"], read

    # when
    nobody, two, many = ask("3599ZZ", "1"), ask("3511AB", "12"), ask("3512AB", "1")

    # then
    assert nobody == two == many
    assert nobody[:2] == ({"match", "id"}, None)
    assert {"none", "ambiguous"} == set(outcomes())


def test_trying_addresses_by_api_is_throttled_and_stands_in_the_review(shop_api: ApiCaller, settings: Settings) -> None:
    # given
    settings.CUSTOMER_LOOKUP_RATE = "9/min"

    # when
    answers = [
        shop_api.post(
            "/api/v1/customers/lookup/", {"identifiers": {"email": f"a{n}@example.org"}, "purpose": "checkout"}
        ).status_code
        for n in range(11)
    ]
    review()

    # then
    assert answers == [200] * 9 + [429] * 2
    assert outcomes()[-2:] == ["throttled"] * 2
    assert found() == {(Rule.ENUMERATION, f"client:{ApiClient.objects.get().pk}")}


def test_one_network_address_has_one_limit_whatever_the_key(shop_api: ApiCaller, settings: Settings) -> None:
    # given
    cache.clear()  # of what was asked from here before
    settings.NETWORK_LOOKUP_RATE = "2/min"

    # when
    answers = [
        shop_api.post(
            "/api/v1/customers/lookup/", {"identifiers": {"email": "a@example.org"}, "purpose": "checkout"}
        ).status_code
        for _n in range(3)
    ]

    # then
    assert answers == [200, 200, 429]


def test_guessed_customers_are_404_by_api_and_stand_in_the_review(shop_api: ApiCaller) -> None:
    # when
    for n in range(3):
        answer = shop_api.get(f"/api/v1/customers/00000000-0000-7000-8000-00000000000{n}/")
        assert answer.status_code == 404
    review()

    # then
    assert found() == {(Rule.GUESSED, f"client:{ApiClient.objects.get().pk}")}


def test_trying_cards_in_the_scan_box_is_throttled_and_stands_in_the_review(
    make_user: Callable[..., User],
    make_location: Callable[..., Location],
    browse: Callable[[User], Client],
    settings: Settings,
) -> None:
    # given
    settings.STAFF_LOOKUP_RATE = "8/min"
    recognise([person(1, loyalty_card="2912345678901")], actor="system")
    associate = make_user("store_associate", make_location("S001"))
    in_store = browse(associate)

    # when
    for n in range(8):
        in_store.post("/scan/", {"code": f"29123456789{n}9"})
    scanned = in_store.post("/scan/", {"code": "2912345678901"})
    review()

    # then
    assert scanned.status_code == 200  # as for a card that nobody has
    assert outcomes() == ["none"] * 8 + ["throttled"]
    assert found() == {(Rule.ENUMERATION, f"user:{associate.pk}")}


@pytest.mark.usefixtures("in_english")
def test_what_was_seen_is_said_in_words() -> None:
    seen = [part_word(part) for part in ("customers:timeline", "customers:household", "api:customer")]
    assert seen == ["the timeline", "Household", "api:customer"]


def test_the_customer_may_know_when_what_for_and_where_but_not_who(
    agent: User, browse: Callable[[User], Client], jan: Customer
) -> None:
    # given
    browse(agent).post("/customers/", {"identifier": "p1@example.org"}, follow=True)
    recognise([person(2)], actor="system")
    look_up(identifiers={"email": "p2@example.org"}, purpose="service", principal=agent)

    # when
    looks = looks_at([jan.source_records.get().pk])

    # then
    assert [(look.purpose, look.role, look.source, look.part) for look in looks] == [
        ("service", "service_agent", "page", "customers:customer"),
        ("service", "service_agent", "page", "look_up"),
    ]
    assert str(agent) not in str(looks)
    assert f"user:{agent.pk}" not in str(looks)
