"""Statements that are written once, with blanks for whoever asks."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import F
from django.db.models.functions import ExtractDay
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.core import statements
from apps.core.actors import actor_of
from apps.core.blanks import room_for
from apps.core.reach import reach_of
from apps.core.statements import Reading, Statements
from apps.network.models import Location
from tests.people import make_user
from tests.portal.conftest import chain

__all__ = ["chain", "make_user"]
pytestmark = pytest.mark.django_db


def sql_of(rows: Any) -> tuple[str, Any]:
    sql, parameters = rows.order_by("code").query.sql_with_params()
    return sql, parameters


def own_stores(principal: Any, asked: Any) -> tuple[str, Any]:
    return sql_of(Location.objects.filter(reach_of(principal).q("pk")).values_list("code"))


def named(_nobody: Any, asked: Any) -> tuple[str, Any]:
    return sql_of(Location.objects.filter(code__in=asked["codes"]).values_list("code"))


def test_who_asks_fills_in_their_own_reach(chain: Any) -> None:
    # given one statement for all
    asked = Statements(own_stores)
    # when, then: by turns, so that each asks what another has asked before
    for _ in range(2):
        assert asked.ask(chain.associate) == [("S001",)]
        assert asked.ask(chain.franchise_owner) == [("S003",), ("S004",)]
        assert len(asked.ask(chain.head_office)) == Location.objects.count()


def test_it_is_written_once_for_all_who_may_do_the_same(chain: Any, make_user: Callable[..., User]) -> None:
    written = []

    def write(principal: Any, asked: Any) -> tuple[str, Any]:
        written.append(principal)
        return own_stores(principal, asked)

    asked, other = Statements(write), make_user("store_associate", location=chain.gouda)
    assert [asked.ask(user) for user in (chain.associate, other)] == [[("S001",)], [("S003",)]]
    assert len(written) == 1
    asked.ask(chain.head_office)
    assert len(written) == 2


def test_its_text_is_the_same_for_one_and_for_some() -> None:
    for code in ("S001", "S003", "S004"):
        Location.objects.create(code=code, name=code)
    asked = Statements(named)
    with CaptureQueriesContext(connection) as queries:
        found = [asked.ask(None, codes=codes) for codes in (["S001"], ["S001", "S003"], ["S001", "S003", "S004"])]
    assert [len(rows) for rows in found] == [1, 2, 3]
    texts = [re.sub(r"'\w+'", "?", query["sql"]) for query in queries]
    assert texts[1] == texts[2]
    assert [room_for(number) for number in (0, 1, 2, 8, 9, 65)] == [0, 1, 8, 8, 64, 512]


def test_nothing_is_asked_where_nothing_can_be_found(django_assert_num_queries: Any) -> None:
    asked = Statements(named)
    with django_assert_num_queries(0):
        assert asked.ask(None, codes=[]) == []


def test_constants_stand_in_its_text() -> None:
    """By parameters one plan for all would not know a partial index."""
    odd = "50% of 'em \\ or so"
    reading = Reading(Location, lambda asked: Location.objects.filter(name=odd, pk=asked["pk"]).values_list("name"))
    place = Location.objects.create(code="S009", name=odd)
    assert reading.rows(pk=place.pk) == [(odd,)]
    [kept] = reading._statements._kept.values()
    assert "50%% of" in kept.text
    assert [blank.name for blank in kept.blanks] == ["pk"]


def test_moments_are_those_of_asking(chain: Any, time_machine: Any) -> None:
    # given
    reading = Reading(
        Location,
        lambda _asked: Location.objects.filter(active_from__gt=statements.today(-1)).values_list("code"),
    )
    Location.objects.update(active_from=dt.date(2026, 11, 20))
    # when, then
    time_machine.move_to(dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC), tick=False)
    assert len(reading.rows()) == Location.objects.count()
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC), tick=False)
    assert reading.rows() == []
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
    ],
)
def test_somebodys_own_values_cannot_slip_into_what_others_ask(chain: Any, write: Any, said: str) -> None:
    asked = Statements(lambda principal, _asked: sql_of(write(principal).values_list("code")))
    with pytest.raises((ImproperlyConfigured, TypeError, AttributeError), match=said):
        asked.ask(chain.associate)


def test_the_oldest_goes_when_there_are_too_many(chain: Any) -> None:
    asked = Statements(
        lambda _nobody, _asked, day: sql_of(
            Location.objects.annotate(day=ExtractDay(F("active_from"))).filter(day=day).values_list("code")
        ),
        at_most=3,
    )
    for day in range(1, 7):
        asked.ask(None, day)
    assert [about for _outline, about, _rooms in asked._kept] == [(4,), (5,), (6,)]
