"""What stands out among looks is found, and somebody else says what came of it."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts.models import PersonalExport, User
from apps.core.errors import Conflict, InvalidInput
from apps.customers.models import Basis, Customer, Finding, Look, SourceRecord
from apps.customers.review.services import STRETCH, judge, looks_at, review, watch
from apps.customers.services.joining import join
from apps.customers.services.lookup import look_up
from apps.customers.services.recognising import recognise
from apps.service.services import Contact, log_contact
from tests.api import ApiCaller
from tests.customers.looking import NOON, agent, found, jan, outcomes, person

__all__ = ["agent", "jan"]
pytestmark = pytest.mark.django_db
Rule = Finding.Rule


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
