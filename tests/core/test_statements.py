"""Statements that are written once, with blanks for whoever asks."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import F
from django.db.models.functions import ExtractDay
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.translation import get_language
from psycopg import _queries

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.accounts.services import grant_access
from apps.core import statements
from apps.core.acting import Act, acting, current_act
from apps.core.actors import actor_of
from apps.core.blanks import room_for
from apps.core.reach import reach_of
from apps.core.statements import KeptQuery, Statements
from apps.network.models import LegalEntity, Location
from tests.people import make_user
from tests.portal.conftest import chain, make_person, make_store
from tests.staff import browser

__all__ = ["chain", "make_user"]
pytestmark = pytest.mark.django_db


def sql_of(rows: Any) -> tuple[str, Any]:
    sql, parameters = rows.order_by("code").query.sql_with_params()
    return sql, parameters


def own_stores(principal: Any, asked: Any) -> tuple[str, Any]:
    return sql_of(Location.objects.filter(reach_of(principal).q("pk")).values_list("code"))


def named(_nobody: Any, asked: Any) -> tuple[str, Any]:
    return sql_of(Location.objects.filter(code__in=asked["codes"]).values_list("code"))


def opened(principal: Any, asked: Any) -> tuple[str, Any]:
    return sql_of(Location.objects.filter(code__in=reach_of(principal).granted("location")).values_list("code"))


def counted(write: Any) -> tuple[Any, list[Any]]:
    """The same writer, and for whom it wrote."""
    written = []

    def counting(principal: Any, asked: Any) -> tuple[str, Any]:
        written.append(principal)
        text, parameters = write(principal, asked)
        return text, parameters

    return counting, written


def test_who_asks_fills_in_their_own_reach(chain: Any, make_user: Callable[..., User]) -> None:
    # given a statement that two in different stores share, and one that two franchisees of as many stores do
    write, written = counted(own_stores)
    asked, in_gouda = Statements(write), make_user("store_associate", location=chain.gouda)
    other = LegalEntity.objects.create(code="F02", name="Visser Retail", kind="franchisee")
    for code in ("S005", "S006"):
        make_store(code, other)
    owner = make_person("Vera Visser", Role.FRANCHISEE, legal_entity=other)
    # when, then: by turns, so that each asks what another has asked before
    for _ in range(2):
        assert asked.ask(chain.associate) == [("S001",)]
        assert asked.ask(in_gouda) == [("S003",)]
        assert asked.ask(chain.franchise_owner) == [("S003",), ("S004",)]
        assert asked.ask(owner) == [("S005",), ("S006",)]
        assert len(asked.ask(chain.head_office)) == Location.objects.count()
    assert len(written) == 3


def test_who_asks_fills_in_what_is_open_to_them(chain: Any, make_user: Callable[..., User]) -> None:
    # given
    one, other, without = (make_user("service_agent") for _ in range(3))
    for agent, code in ((one, "S001"), (other, "S003")):
        grant_access(principal=agent, object_type="location", object_key=code, purpose="service", evidence="email")
    write, written = counted(opened)
    asked = Statements(write)
    # when, then
    for _ in range(2):
        assert asked.ask(one) == [("S001",)]
        assert asked.ask(other) == [("S003",)]
        assert asked.ask(without) == []
    # once to find out that it matters, once for who has one, once for who has none
    assert len(written) == 3


def test_what_is_asked_about_takes_the_place_of_nothing_that_is_known_of_whoever_asks(
    chain: Any, make_user: Callable[..., User]
) -> None:
    def within(principal: Any, asked: Any) -> tuple[str, Any]:
        mine = Location.objects.filter(reach_of(principal).q("pk"), active_from__lt=statements.now())
        return sql_of(mine.filter(pk__in=asked["locations"], active_from__gt=asked["now"]).values_list("code"))

    Location.objects.update(active_from=dt.date(2020, 1, 1))
    in_gouda, both = make_user("store_associate", location=chain.gouda), [chain.haarlem.pk, chain.gouda.pk]
    assert Statements(within).ask(in_gouda, locations=both, now=dt.date(2019, 1, 1)) == [("S003",)]


def test_its_text_is_the_same_for_two_and_for_three() -> None:
    for code in ("S001", "S003", "S004"):
        Location.objects.create(code=code, name=code)
    asked = Statements(named)
    with CaptureQueriesContext(connection) as queries:
        found = [asked.ask(None, codes=codes) for codes in (["S001"], ["S001", "S003"], ["S001", "S003", "S004"])]
    assert [len(rows) for rows in found] == [1, 2, 3]
    texts = [re.sub(r"'\w+'", "?", query["sql"]) for query in queries]
    assert texts[0] != texts[1] == texts[2]
    assert [room_for(number) for number in (0, 1, 2, 8, 9, 65)] == [0, 1, 8, 8, 64, 512]


def test_nothing_is_asked_where_nothing_can_be_found(django_assert_num_queries: Any) -> None:
    asked = Statements(named)
    with django_assert_num_queries(0):
        assert asked.ask(None, codes=[]) == []


def test_constants_stand_in_its_text() -> None:
    """By parameters one plan for all would not know a partial index."""
    odd = "50% of 'em \\ or so"
    reading = KeptQuery(lambda asked: Location.objects.filter(name=odd, pk=asked["pk"]).values_list("name"))
    place = Location.objects.create(code="S009", name=odd)
    assert reading.read(pk=place.pk) == [(odd,)]
    [(kept, _rows, _compiler)] = reading._kept.values()
    assert "50%% of" in kept.text
    assert [blank.name for blank in kept.blanks] == ["pk"]


def test_moments_are_those_of_asking(chain: Any, time_machine: Any) -> None:
    # given
    reading = KeptQuery(
        lambda _asked: Location.objects.filter(active_from__gt=statements.today(-1)).values_list("code"),
    )
    Location.objects.update(active_from=dt.date(2026, 11, 20))
    # when, then
    time_machine.move_to(dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC), tick=False)
    assert len(reading.read()) == Location.objects.count()
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC), tick=False)
    assert reading.read() == []


def test_a_kept_statement_is_asked_at_the_moment_of_asking(chain: Any, time_machine: Any) -> None:
    # given
    reading = KeptQuery(lambda _asked: User.objects.filter(last_login__gt=statements.now()).values_list("name"))
    User.objects.filter(pk=chain.associate.pk).update(last_login=dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC))
    # when, then
    time_machine.move_to(dt.datetime(2026, 11, 20, 11, 59, 59, tzinfo=dt.UTC), tick=False)
    assert reading.read() == [("Bo Jansen",)]
    time_machine.move_to(dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC), tick=False)
    assert reading.read() == []
    assert statements.now() == timezone.now()


def test_what_is_opened_matters_only_where_it_is_asked(chain: Any, django_assert_num_queries: Any) -> None:
    asked = Statements(own_stores)
    asked.ask(chain.associate)
    chain.associate._reach = None
    reach_of(chain.associate)
    with django_assert_num_queries(1):
        asked.ask(chain.associate)
    assert "grants" not in reach_of(chain.associate).__dict__


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (
            lambda principal: Location.objects.filter(active_from__lte=timezone.localdate()),
            "would stand in a statement",
        ),
        (lambda principal: Location.objects.filter(pk__in=list(Location.objects.values_list("pk"))), "read just now"),
        (lambda principal: Location.objects.filter(name=f"of {actor_of(principal)}"), "no value yet"),
        (lambda principal: Location.objects.filter(name=principal.email), "email"),
        (lambda principal: Location.objects.filter(name=str(7 in reach_of(principal).location_ids)), "not known yet"),
        (lambda principal: Location.objects.filter(name=str(reach_of(principal).location_ids == {7})), "not known yet"),
        (lambda principal: Location.objects.filter(name=str(principal.pk == 7)), "not known yet"),
        (lambda principal: Location.objects.filter(name=str(actor_of(principal) == "user:7")), "not known yet"),
    ],
)
def test_somebodys_own_values_cannot_slip_into_what_others_ask(chain: Any, write: Any, said: str) -> None:
    asked = Statements(lambda principal, _asked: sql_of(write(principal).values_list("code")))
    with pytest.raises((ImproperlyConfigured, TypeError, AttributeError), match=said):
        asked.ask(chain.associate)


def test_it_is_written_outside_of_what_the_first_to_ask_is_doing(chain: Any) -> None:
    # given
    told = []

    def write(_principal: Any, _asked: Any) -> tuple[str, Any]:
        request = structlog.contextvars.get_contextvars()
        told.append((current_act().actor, get_language(), timezone.get_current_timezone_name(), request))
        return sql_of(Location.objects.filter(name=current_act().actor).values_list("code"))

    asked = Statements(write)
    # when somebody asks in the middle of a request
    with (
        acting(Act(principal=lambda: chain.associate)),
        translation.override("en"),
        timezone.override("Asia/Tokyo"),
        structlog.contextvars.bound_contextvars(request_id="7"),
    ):
        here = (current_act().actor, get_language(), timezone.get_current_timezone_name())
        asked.ask(chain.associate)
        # then nothing of it was there, and all of it is again
        assert here == (current_act().actor, get_language(), timezone.get_current_timezone_name())
    assert told == [("system", settings.LANGUAGE_CODE, settings.TIME_ZONE, {})]
    assert not set(here) & set(told[0][:3])


def test_what_all_apps_are_asked_at_once_is_not_read_anew_by_the_driver(chain: Any, monkeypatch: Any) -> None:
    # given
    read = []

    def note(statement: bytes, encoding: str) -> Any:
        read.append(statement)
        return _queries._query2pg(statement, encoding)

    client = browser(chain.associate)
    client.get("/")
    monkeypatch.setattr(_queries, "_query2pg_nocache", note)
    # when
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/").status_code == 200
    # then
    assert (
        max(len(query["sql"]) for query in queries.captured_queries) > 4096
    )  # of which it remembers nothing by itself
    assert read == []


def test_the_one_longest_not_asked_goes_when_there_are_too_many(chain: Any) -> None:
    asked = Statements(
        lambda _nobody, _asked, day: sql_of(
            Location.objects.annotate(day=ExtractDay(F("active_from"))).filter(day=day).values_list("code")
        ),
        at_most=3,
    )
    for day in (1, 2, 3, 4, 2, 5):
        asked.ask(None, day)
    assert [about for _outline, about, _rooms in asked._kept] == [(4,), (2,), (5,)]
