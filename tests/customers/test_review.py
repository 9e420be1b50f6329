"""Every look is written down, what stands out is found, and somebody else says what came of it."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import ApiClient, PersonalExport, User
from apps.core.errors import Conflict, InvalidInput
from apps.customers.models import Basis, Customer, Finding, Look, SourceRecord
from apps.customers.review.seals import broken_seals, seal_days
from apps.customers.review.services import STRETCH, judge, looks_at, review, watch
from apps.customers.review.views import part_word
from apps.customers.services.joining import join
from apps.customers.services.lookup import look_up
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.network.models import Location
from apps.service.services import Contact, log_contact
from tests.api import ApiCaller

pytestmark = pytest.mark.django_db
Rule = Finding.Rule
NOON = dt.datetime(2026, 11, 18, 11, 0, tzinfo=dt.UTC)


def person(n: int, **more: Any) -> Person:
    known: dict[str, Any] = {"email": f"p{n}@example.org", "email_is_verified": True, "first_name": f"P{n}"}
    return Person(source="webshop", account_id=f"web-{n}", **(known | more))


@pytest.fixture
def jan() -> Customer:
    [record] = recognise([person(1, postcode="3511AB", house_number="12")], actor="system")
    return Customer.objects.get(source_records=record)


@pytest.fixture
def agent(make_user: Callable[..., User]) -> User:
    return make_user("service_agent")


def found() -> set[tuple[str, str]]:
    return set(Finding.objects.values_list("rule", "principal"))


def seen(principal: str, number: int, *, at: dt.datetime = NOON, role: str = "") -> None:
    """So many customers that somebody looked up on a day, all with a case."""
    Look.objects.bulk_create(
        Look(
            act="look_up",
            outcome="one",
            at=at,
            day=at.date(),
            principal=principal,
            role=role,
            source="page",
            customer_key=uuid.uuid4(),
            purpose="service",
            with_case=True,
        )
        for _n in range(number)
    )


def outcomes(**of: Any) -> list[str]:
    return list(Look.objects.filter(**of).order_by("pk").values_list("outcome", flat=True))


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


def test_a_street_house_by_house_shows_though_somebody_was_found_each_time(agent: User) -> None:
    # given
    recognise([person(n, email="", postcode="3511AB", house_number=str(n)) for n in range(1, 6)], actor="system")

    # when
    with time_machine.travel(NOON):
        for n in range(1, 6):
            look_up(
                identifiers={"postcode": "3511 AB", "house_number": str(n)},
                purpose="service",
                principal=agent,
                case="C",
            )
        review()

    # then
    assert outcomes() == ["one"] * 5
    assert found() == {(Rule.ENUMERATION, f"user:{agent.pk}")}


def test_colleagues_oneself_and_well_known_names_are_found(agent: User, make_user: Callable[..., User]) -> None:
    # given
    colleague = make_user("head_office")
    people = [person(1, email=agent.email), person(2, email=colleague.email), person(3), person(4)]
    records = recognise(people, actor="system")
    watch(source_record_id=records[2], principal=colleague)

    # when
    with time_machine.travel(NOON):
        for each in people:
            look_up(identifiers={"email": each.email}, purpose="service", principal=agent, case="C-1")
        review()
        review()

    # then
    assert sorted(Finding.objects.values_list("rule", flat=True)) == [Rule.COLLEAGUE, Rule.ONESELF, Rule.WELL_KNOWN]


def test_a_look_without_a_case_order_or_contact_near_it_is_found(agent: User) -> None:
    # given
    quiet, spoken = recognise([person(1), person(2)], actor="system")
    with time_machine.travel(NOON):
        for n in (1, 2):
            look_up(identifiers={"email": f"p{n}@example.org"}, purpose="service", principal=agent)
        log_contact(
            contact=Contact(
                source="desk",
                external_id="1",
                source_record_id=spoken,
                channel="phone",
                topic="other",
                occurred_at=NOON + dt.timedelta(hours=1),
            ),
            actor="test",
        )

    # when
    review(until=NOON + dt.timedelta(hours=2))
    early = found()
    review(until=NOON + dt.timedelta(hours=6))

    # then
    assert early == set()
    [finding] = Finding.objects.all()
    assert finding.rule == Rule.NO_REASON
    assert finding.customer_key == SourceRecord.objects.get(pk=quiet).customer.key


def test_who_looks_at_many_more_than_colleagues_is_found(make_user: Callable[..., User]) -> None:
    # given
    agents = [make_user("service_agent") for _n in range(5)]
    recognise([person(n) for n in range(40)], actor="system")

    # when
    with time_machine.travel(NOON):
        for agent, number in zip(agents, (5, 6, 7, 8, 40), strict=True):
            for n in range(number):
                look_up(identifiers={"email": f"p{n}@example.org"}, purpose="service", principal=agent, case="C")
        review()

    # then
    [finding] = Finding.objects.filter(rule=Rule.VOLUME)
    assert (finding.principal, finding.number, finding.usual) == (f"user:{agents[4].pk}", 40, 7.0)


@pytest.mark.parametrize(("number", "stands_out"), [(79, False), (80, True)])
def test_who_has_too_few_colleagues_is_held_against_a_number(agent: User, number: int, stands_out: bool) -> None:
    # given: nobody else looked, or a handful who do not say what is usual
    seen(f"user:{agent.pk}", number, role="service_agent")
    for colleague in range(2):
        seen(f"user:{900 + colleague}", 5, role="service_agent")

    # when
    review(until=NOON + dt.timedelta(hours=1))

    # then
    found_of = Finding.objects.filter(rule=Rule.VOLUME)
    assert [(one.principal, one.number) for one in found_of] == ([(f"user:{agent.pk}", number)] if stands_out else [])


@pytest.mark.parametrize(
    ("days_before", "number", "usual"),
    [
        ([400, 380, 420], 1199, None),
        ([400, 380, 420], 1200, 400.0),
        ([400, 9000, 380, 420], 1230, 410.0),  # one busy day does not hide the next
        ([20, 20, 20], 499, None),  # few by any measure
        ([20, 20, 20], 500, 20.0),
        ([400, 380], 4999, None),  # a new key has no usual day yet
    ],
)
def test_a_system_is_held_against_its_own_days_though_it_finds_somebody_each_time(
    days_before: list[int], number: int, usual: float | None
) -> None:
    # given
    seen("client:7", number)
    for ago, before in enumerate(days_before, start=1):
        seen("client:7", before, at=NOON - dt.timedelta(days=ago))
    seen("client:8", 450)

    # when
    review(until=NOON + dt.timedelta(hours=1))

    # then
    findings: list[Any] = list(Finding.objects.values_list("rule", "principal", "number", "usual", "user"))
    assert findings == ([(Rule.VOLUME, "client:7", number, usual, None)] if usual else [])


def test_a_new_system_that_reads_thousands_on_its_first_day_is_found(
    make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    seen("client:7", 5000)

    # when
    review(until=NOON + dt.timedelta(hours=1))

    # then
    finding = Finding.objects.get()
    assert (finding.rule, finding.usual) == (Rule.VOLUME, None)
    page = browse(make_user("head_office")).get(finding.get_absolute_url()).content.decode()
    assert "Many more than usual" in page
    assert "Usual for" not in page


def test_a_large_file_of_customers_is_found_and_a_small_one_is_not(agent: User, shop_api: ApiCaller) -> None:
    # given
    saved: dict[str, Any] = {
        "page": "orders:orders",
        "columns": ["customer"],
        "purpose": "service",
        "file_format": "csv",
    }
    midnight = dt.datetime(2026, 11, 17, 23, 30, tzinfo=dt.UTC)  # the next day in Amsterdam
    for rows, at in ((499, NOON), (500, midnight), (12, NOON)):
        PersonalExport.objects.create(principal=f"user:{agent.pk}", rows=rows, exported_at=at, **saved)
    PersonalExport.objects.create(principal=f"user:{agent.pk}", rows=900, exported_at=NOON - STRETCH, **saved)

    # when
    review(until=NOON + dt.timedelta(hours=1))
    review(until=NOON + dt.timedelta(hours=2))

    # then
    [finding] = Finding.objects.all()
    assert (finding.rule, finding.number, finding.user, finding.day) == (Rule.EXPORT, 500, agent, NOON.date())


def test_looks_at_night_are_found(agent: User, jan: Customer) -> None:
    # when
    with time_machine.travel(NOON.replace(hour=22)):  # eleven at night in Amsterdam
        look_up(identifiers={"email": "p1@example.org"}, purpose="service", principal=agent, case="C")
        review()

    # then
    assert found() == {(Rule.OUT_OF_HOURS, f"user:{agent.pk}")}


@pytest.fixture
def finding(agent: User) -> Finding:
    return Finding.objects.create(
        rule=Rule.VOLUME, principal=f"user:{agent.pk}", user=agent, day=timezone.localdate(), number=40, usual=7
    )


def test_somebody_else_judges_and_says_why(finding: Finding, agent: User, make_user: Callable[..., User]) -> None:
    # given
    officer = make_user("head_office")

    # then
    with pytest.raises(Conflict):
        judge(finding=finding, outcome="explained", reason="It was me", principal=agent)
    with pytest.raises(InvalidInput):
        judge(finding=finding, outcome="explained", reason=" ", principal=officer)
    judge(finding=finding, outcome="breach", reason="Sold addresses", principal=officer, request_number="V-1")
    assert finding.judgements.get().judged_by == f"user:{officer.pk}"


def test_the_queue_counts_what_waits_and_is_worked_off(
    finding: Finding, make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    office = browse(make_user("head_office"))
    queue = office.get("/customers/review/").content.decode()

    # when
    page = office.get(finding.get_absolute_url()).content.decode()
    refused = office.post(f"{finding.get_absolute_url()}judge/", {"outcome": "explained", "reason": ""})
    judged = office.post(f"{finding.get_absolute_url()}judge/", {"outcome": "spoken", "reason": "Busy"}, follow=True)
    after = office.get("/customers/review/").content.decode()

    # then
    assert "Many more than usual" in queue
    assert re.findall(r'data-tone="(\w+)">([^<]+)<', queue) == [("wait", "To review")]
    assert "Usual for colleagues" in page
    assert refused.status_code == 422
    assert "Busy" in judged.content.decode()
    assert "Nothing to review" in after


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


def test_a_look_under_a_key_that_was_joined_since_is_a_look_at_whoever_that_is_now(
    agent: User, browse: Callable[[User], Client], make_user: Callable[..., User]
) -> None:
    # given
    older, newer = recognise([person(1), person(2)], actor="system")
    watch(source_record_id=older, principal=make_user("head_office"))
    was = SourceRecord.objects.get(pk=newer).customer
    with time_machine.travel(NOON):
        look_up(identifiers={"email": "p2@example.org"}, purpose="service", principal=agent, case="C-1")
        join(older, newer, basis=Basis.BY_HAND, actor="user:1", reason="same person")

        # when
        page = browse(agent).get(f"/customers/{was.key}/", follow=True)
        review()

    # then
    assert page.status_code == 200
    assert "p2@example.org" in page.content.decode()  # the purpose of the look-up at the old key holds
    assert (Rule.WELL_KNOWN, f"user:{agent.pk}") in found()
    assert {look.purpose for look in Look.objects.filter(act="view")} == {"service"}
    assert len(looks_at([newer])) == Look.objects.filter(outcome="one").count()
