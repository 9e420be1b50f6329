"""Privacy requests: their clock, who may do what with them, and what the person is told."""

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts.models import AccessGrant, User
from apps.accounts.services import grant_access
from apps.core.errors import Conflict, InvalidInput
from apps.core.events.subscribers import catch_up
from apps.core.models import Event
from apps.customers.models import Consent, Customer, Look, PrivacyRequest
from apps.customers.rights.clocks import months_after
from apps.customers.rights.handling import check_identity, extend, finish, receive, refuse, take_back
from apps.customers.services.consenting import customers_allowing, may_write_to, record_consent, record_soft_opt_in
from apps.messages.models import Message
from tests.customers.test_pages import jan

__all__ = ["jan"]

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 23)


@pytest.fixture
def officer(make_user: Callable[..., User]) -> User:
    return make_user("privacy_officer")


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(dt.datetime(2026, 11, 23, 11, tzinfo=dt.UTC), tick=False):
        yield


def asked(jan: Customer, kind: str = "access", received_on: dt.date = TODAY, **more: Any) -> PrivacyRequest:
    return receive(customer=jan, kind=kind, came="mail", received_on=received_on, principal=None, **more)


@pytest.mark.parametrize(
    ("day", "months", "due"),
    [
        (dt.date(2026, 11, 23), 1, dt.date(2026, 12, 23)),
        (dt.date(2027, 1, 31), 1, dt.date(2027, 2, 28)),
        (dt.date(2026, 11, 30), 3, dt.date(2027, 2, 28)),
        (dt.date(2026, 12, 15), 1, dt.date(2027, 1, 15)),
    ],
)
def test_a_month_is_a_month_of_the_calendar(day: dt.date, months: int, due: dt.date) -> None:
    assert months_after(day, months) == due


def test_the_month_begins_on_the_day_it_came_and_not_on_the_day_it_was_written_down(jan: Customer) -> None:
    request = asked(jan, received_on=dt.date(2026, 11, 3))
    assert (request.due_on, request.days_left()) == (dt.date(2026, 12, 3), 10)
    with pytest.raises(InvalidInput):
        asked(jan, kind="erasure", received_on=dt.date(2026, 11, 24))


def test_the_same_is_asked_once_at_a_time(jan: Customer, officer: User) -> None:
    first = asked(jan)
    with pytest.raises(Conflict, match=first.number):
        asked(jan)
    assert asked(jan, kind="erasure").kind == "erasure"
    take_back(request=first, principal=officer)
    assert asked(jan).pk != first.pk


@pytest.mark.usefixtures("in_english")
def test_two_months_more_once_within_the_first_month_and_the_person_is_told_why(jan: Customer, officer: User) -> None:
    # given
    request = asked(jan, received_on=dt.date(2026, 11, 1))

    # when
    request = extend(request=request, reason="Er staat veel in een oud systeem.", principal=officer)
    catch_up()

    # then
    assert request.due_on == dt.date(2027, 2, 1)
    message = Message.objects.get(template="privacy_extended")
    assert "Er staat veel in een oud systeem." in message.body
    assert "1 februari 2027" in message.body
    assert message.address == jan.email
    with pytest.raises(Conflict):
        extend(request=request, reason="Nog eens.", principal=officer)
    late = asked(jan, kind="erasure", received_on=dt.date(2026, 10, 1))
    with pytest.raises(Conflict, match="within it"):
        extend(request=late, reason="Te laat.", principal=officer)


@pytest.mark.usefixtures("in_english")
def test_nobody_is_answered_before_it_is_known_that_it_is_them(jan: Customer, officer: User) -> None:
    request = asked(jan)
    with pytest.raises(Conflict, match="make sure"):
        finish(request=request, principal=officer)
    check_identity(request=request, how="answered", principal=officer)
    assert finish(request=request, words="Verstuurd.", principal=officer).status == "done"
    with pytest.raises(Conflict, match="closed"):
        refuse(request=request, reason="Toch niet.", principal=officer)


def test_who_is_refused_is_told_why_and_where_to_complain(jan: Customer, officer: User) -> None:
    request = asked(jan)
    with pytest.raises(InvalidInput):
        refuse(request=request, reason=" ", principal=officer)
    refuse(request=request, reason="U vroeg dit gisteren ook.", principal=officer)
    catch_up()
    message = Message.objects.get(template="privacy_refused")
    assert "U vroeg dit gisteren ook." in message.body
    assert "Autoriteit Persoonsgegevens" in message.body


def test_the_log_of_events_holds_no_word_of_it(jan: Customer, officer: User) -> None:
    request = asked(jan, asked="Ik ben Jan en wil alles zien")
    extend(request=request, reason="Jan, het duurt langer.", principal=officer)
    told = Event.objects.filter(object_type="privacyrequest")
    assert {event.topic for event in told} == {"privacy_request.received", "privacy_request.extended"}
    assert "Jan" not in str([event.payload for event in told])


def test_an_agent_registers_what_the_customer_asks_and_handles_nothing(
    jan: Customer, make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    agent = make_user("service_agent")
    desk = browse(agent)
    desk.post("/customers/", {"identifier": jan.email})

    # when
    form = {"kind": "access", "came": "phone", "received_on": "2026-11-20", "asked": "Wat weten jullie van mij?"}
    answer = desk.post(f"/privacy/new/{jan.key}/", form)

    # then
    request = PrivacyRequest.objects.get()
    assert answer["Location"] == jan.get_absolute_url()
    assert request.number in desk.get(f"/privacy/of/{jan.key}/").content.decode()
    page = desk.get(request.get_absolute_url()).content.decode()
    assert "Wat weten jullie van mij?" in page
    assert "What to do next" not in page
    assert desk.get("/privacy/").status_code == 403
    assert desk.post(f"/privacy/{request.number}/identity/", {"how": "account"}).status_code == 403


def test_the_officer_sees_the_clocks_and_what_to_do_next(
    jan: Customer, officer: User, browse: Callable[[User], Client]
) -> None:
    # given
    overdue = asked(jan, received_on=dt.date(2026, 10, 20))
    soon = asked(jan, kind="erasure", received_on=dt.date(2026, 10, 28))
    later = asked(jan, kind="restriction")
    here = browse(officer)

    # then
    page = here.get("/privacy/").content.decode()
    assert page.index(overdue.number) < page.index(soon.number) < page.index(later.number)
    assert "3 days overdue" in page
    assert "due in 5 days" in page
    assert "due in 30 days" in page
    assert jan.name not in page  # a list of requests is no list of people
    assert later.number not in here.get("/privacy/?clock=soon").content.decode()
    assert "Make sure that it is them" in here.get(soon.get_absolute_url()).content.decode()
    here.post(f"/privacy/{soon.number}/identity/", {"how": "document"})
    assert "Show what would go" in here.get(soon.get_absolute_url()).content.decode()


def test_that_the_officer_looked_is_written_down_with_the_request(
    jan: Customer, officer: User, browse: Callable[[User], Client]
) -> None:
    # given
    request, here = asked(jan), browse(officer)
    assert here.get(jan.get_absolute_url()).status_code == 404

    # when
    here.get(request.get_absolute_url())
    answer = here.post(f"/privacy/{request.number}/open/")

    # then
    assert answer["Location"] == jan.get_absolute_url()
    assert here.get(jan.get_absolute_url()).status_code == 200
    grant = AccessGrant.objects.get()
    assert (grant.purpose, grant.case) == ("privacy", request.number)
    parts = set(Look.objects.filter(customer_key=jan.key, outcome="one").values_list("part", flat=True))
    assert {"privacy:request", "customers:customer"} <= parts
    assert timezone.localdate() == TODAY


def test_what_somebody_asked_stands_among_what_is_still_to_be_done(
    jan: Customer, officer: User, make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    soon, late = (
        asked(jan, kind="erasure", received_on=dt.date(2026, 11, 1)),
        asked(jan, received_on=dt.date(2026, 11, 2)),
    )
    closed = asked(jan, kind="restriction")
    take_back(request=closed, principal=officer)

    def page(role: str) -> str:
        user = make_user(role)
        grant_access(
            principal=user, object_type="customer", object_key=str(jan.key), purpose="service", evidence="email"
        )
        return html.unescape(browse(user).get(f"/customers/{jan.key}/open-work/").content.decode())

    # then
    for role in ("service_agent", "privacy_officer", "head_office"):
        text = page(role)
        assert text.index(soon.get_absolute_url()) < text.index(late.get_absolute_url())
        assert "Asked about their data: erasure" in text
        assert closed.get_absolute_url() not in text
    assert browse(make_user("service_agent")).get(soon.get_absolute_url()).status_code == 404


def test_the_officer_carries_an_objection_out(
    jan: Customer, officer: User, make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given: the newsletter is allowed, and personal offers were never asked about
    record = jan.source_records.get()
    record_consent(source_record_id=record.pk, purpose="newsletter", given=True, text_version="1", proof="webshop")
    request, here = asked(jan, kind="objection"), browse(officer)
    address = f"/privacy/{request.number}/stop/"
    form = {"purposes": ["newsletter", "personal_offers"]}

    # when it is not known yet who asks, or another role tries
    early = here.post(address, form)
    others = [browse(make_user(role)).post(address, form).status_code for role in ("service_agent", "head_office")]
    assert (early.status_code, others) == (409, [403, 403])
    assert may_write_to(record.pk, purpose="newsletter", address=jan.email)

    # when
    here.post(f"/privacy/{request.number}/identity/", {"how": "document"})
    advice = here.get(request.get_absolute_url()).content.decode()
    page = here.get(address).content.decode()
    empty = here.post(address, {})
    done = here.post(address, form, follow=True).content.decode()

    # then
    assert f'href="{address}"' in advice
    ticked = re.findall(r'<input type="checkbox" name="purposes" value="(\w+)"[^>]* checked', page)
    assert (ticked, empty.status_code) == (["newsletter"], 422)
    assert not may_write_to(record.pk, purpose="newsletter", address=jan.email)
    assert not customers_allowing([jan.pk], "newsletter")
    assert {word.proof for word in Consent.objects.filter(said="request", given=False)} == {request.number}
    assert "Newsletter, Personal offers" in done
    assert "Tell them, and close" in done
    assert (
        record_soft_opt_in(
            source_record_id=record.pk,
            purpose="personal_offers",
            order_number="T48101273642",
            text_version="1",
            proof="web",
            at=timezone.now(),
        )
        is None
    )
