"""Whom conditions select, over every channel; nothing has to be done for it when customers are joined."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from apps.core.errors import InvalidInput
from apps.customers.models import SourceRecord
from apps.customers.segments.conditions import Condition, Definition, Group, check, read
from apps.customers.segments.people import all_of, any_of
from apps.customers.segments.selecting import at_home_in, days_of, everybody, who
from apps.customers.services.consenting import record_consent
from apps.loyalty.models import LoyaltyAccount
from apps.service.services import Contact, log_contact


def ids_of(people) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(people.sql, people.params)
        return {pk for (pk,) in cursor.fetchall() if pk is not None}


def selected(town, *conditions: Condition, match: str = "all", among=None) -> set[str]:
    definition = Definition((Group(conditions, match),))
    check(definition)
    return town.names(ids_of(who(definition, among=among)))


@pytest.fixture
def trade(town):
    """Jan: online twice, in store S1 once; Iris: online once, long ago; Bob: in S1 twice, once brought back; Kees: nothing."""
    town.order("jan", days_ago=3, total="60.00")
    town.order("jan", days_ago=40, total="50.00", sku="B")
    town.order("jan", channel="S1", days_ago=10, total="20.00")
    town.order("iris", days_ago=500, total="300.00")
    town.order("iris", days_ago=2, total="900.00", status="cancelled")
    town.order("bob", channel="S1", days_ago=20, total="10.00", returned=2)
    town.order("bob", channel="S2", days_ago=30, total="10.00")
    town.order("bob", channel="S1", days_ago=31, total="10.00")
    return town


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (Condition("orders.number", "at_least", "3"), {"jan", "bob"}),
        (Condition("orders.number", "at_least", "2", channel="@online"), {"jan"}),
        (Condition("orders.number", "at_least", "2", channel="@stores"), {"bob"}),
        (Condition("orders.number", "at_least", "1", channel="web", period="30"), {"jan"}),
        (Condition("orders.number", "exactly", "0"), {"kees"}),
        (Condition("orders.number", "at_most", "1"), {"iris", "kees"}),
        (Condition("orders.number", "at_least", "0"), {"jan", "iris", "bob", "kees"}),
        (Condition("orders.spent", "at_least", "100", currency="EUR"), {"jan", "iris"}),
        (Condition("orders.spent", "at_least", "100", currency="GBP"), set()),
        (Condition("orders.spent", "at_most", "30.00", currency="EUR"), {"bob", "kees"}),
        (Condition("orders.last", "within", "5"), {"jan"}),
        (Condition("orders.last", "longer_ago", "365"), {"iris"}),
        (Condition("orders.first", "longer_ago", "35"), {"jan", "iris"}),
        (Condition("orders.channels", "at_least", "2"), {"jan"}),
        (Condition("orders.product", "is", values=("P-B",)), {"jan"}),
        (Condition("orders.product", "is_not", values=("A",)), {"kees"}),
        (Condition("orders.store", "is", values=("S2",)), {"bob"}),
        (Condition("orders.favourite_store", "is", values=("S1",)), {"jan", "bob"}),
        (Condition("orders.favourite_store", "is", values=("S2",)), set()),
        (Condition("orders.returned", "at_least", "30"), {"bob"}),
        (Condition("orders.returned", "at_most", "0"), {"jan", "iris"}),
        (Condition("customers.home_store", "is", values=("S1",)), {"jan", "bob"}),
        (Condition("customers.home_store", "is_not", values=("S1",)), {"iris", "kees"}),
        (Condition("customers.since", "within", "1"), {"jan", "iris", "bob", "kees"}),
        (Condition("customers.organisation", "is"), set()),
    ],
)
def test_whom_a_condition_selects(trade, condition, names):
    assert selected(trade, condition) == names


@pytest.mark.django_db
def test_conditions_and_groups_go_together(trade):
    often, lately = Condition("orders.number", "at_least", "3"), Condition("orders.last", "within", "5")
    never = Condition("orders.number", "exactly", "0")
    assert selected(trade, often, lately) == {"jan"}
    assert selected(trade, lately, never, match="any") == {"jan", "kees"}
    both = Definition((Group((often, never), "any"), Group((Condition("customers.home_store", "is", values=("S1",)),))))
    assert trade.names(ids_of(who(both))) == {"jan", "bob"}
    either = Definition((Group((never,)), Group((lately,))), match="any")
    assert trade.names(ids_of(who(either))) == {"jan", "kees"}


@pytest.mark.django_db
def test_the_apps_above_contribute_what_they_know(trade):
    # given
    LoyaltyAccount.objects.create(card_number="2620000000001", source_record_id=trade.records["iris"], balance=250)
    log_contact(
        contact=Contact(
            source="desk",
            external_id="1",
            source_record_id=trade.records["bob"],
            channel="phone",
            topic="complaint",
            occurred_at=timezone.now(),
        ),
        actor="system",
    )
    for given, hours in ((True, 2), (False, 1)):
        at = timezone.now() - dt.timedelta(hours=hours)
        say = {"purpose": "newsletter", "text_version": "1", "proof": "web", "occurred_at": at}
        record_consent(source_record_id=trade.records["jan"], given=given, **say)
        record_consent(source_record_id=trade.records["iris"], given=not given, **say)
    # then
    assert selected(trade, Condition("loyalty.card", "is")) == {"iris"}
    assert selected(trade, Condition("loyalty.card", "is_not")) == {"jan", "bob", "kees"}
    assert selected(trade, Condition("loyalty.points", "at_least", "250")) == {"iris"}
    assert selected(trade, Condition("service.complaints", "at_least", "1", period="90")) == {"bob"}
    assert selected(trade, Condition("service.contacts", "at_most", "0")) == {"jan", "iris", "kees"}
    assert selected(trade, Condition("customers.consent", "is", values=("newsletter",))) == {"iris"}


@pytest.mark.django_db
def test_orders_of_records_that_are_joined_count_together(trade):
    # given: Iris and Bob turn out to be one
    SourceRecord.objects.filter(pk=trade.records["bob"]).update(customer_id=trade.customer("iris"))
    # then: of neither of the two alone it would hold
    four = Definition((Group((Condition("orders.number", "exactly", "4"),)),))
    assert ids_of(who(four)) == {trade.customer("iris")}
    assert everybody().count() == 3


@pytest.mark.django_db
def test_a_store_counts_among_its_own_customers(trade):
    own = at_home_in([trade.shop.s1.pk])
    assert selected(trade, Condition("orders.number", "at_least", "1"), among=own) == {"jan", "bob"}
    assert selected(trade, Condition("orders.number", "exactly", "0"), among=own) == set()
    assert selected(trade, Condition("loyalty.card", "is_not"), among=own) == {"jan", "bob"}
    assert selected(trade, Condition("orders.number", "at_least", "1"), among=at_home_in([])) == set()


def test_periods_are_whole_days():
    today = dt.date(2026, 11, 22)
    assert days_of("30", today) == (dt.date(2026, 10, 24), None)
    assert days_of("this_year", today) == (dt.date(2026, 1, 1), None)
    assert days_of("last_year", today) == (dt.date(2025, 1, 1), dt.date(2025, 12, 31))
    assert days_of("", today) == (None, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("condition", "part"),
    [
        (Condition("orders.moon", "at_least", "1"), "measure"),
        (Condition("orders.number", "within", "1"), "operator"),
        (Condition("orders.number", "at_least", "many"), "value"),
        (Condition("orders.number", "at_least", "-1"), "value"),
        (Condition("orders.number", "at_least", "1.5"), "value"),
        (Condition("orders.number", "at_least", "NaN"), "value"),
        (Condition("orders.number", "at_least", "1", period="7 moons"), "period"),
        (Condition("orders.number", "at_least", "1", channel="mars"), "channel"),
        (Condition("loyalty.card", "is", period="30"), "period"),
        (Condition("orders.spent", "at_least", "1"), "currency"),
        (Condition("orders.returned", "at_least", "101"), "value"),
        (Condition("orders.last", "within", "99999"), "value"),
        (Condition("customers.home_store", "is"), "values"),
        (Condition("customers.home_store", "is", values=("S9",)), "values"),
        (Condition("orders.product", "is", values=("P-A", "P-X")), "values"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_place(town, condition, part):
    right = Condition("orders.number", "at_least", "1")
    with pytest.raises(InvalidInput) as refused:
        check(Definition((Group((right,)), Group((right, condition)))))
    assert [fault.attr for fault in refused.value.faults] == [f"groups.1.conditions.1.{part}"]


@pytest.mark.django_db
def test_a_definition_is_read_as_it_was_kept():
    definition = Definition(
        (
            Group((Condition("orders.number", "at_least", "3", period="365", channel="@online"),)),
            Group(
                (Condition("customers.home_store", "is", values=("S1", "S2")), Condition("loyalty.card", "is")), "any"
            ),
        )
    )
    assert read(definition.as_json()) == definition
    with pytest.raises(InvalidInput):
        check(Definition((Group(()),)))


@pytest.mark.django_db
def test_sets_know_nobody(town):
    nobody = at_home_in([])
    assert nobody.count() == 0
    assert any_of([nobody, everybody()]).count() == 4
    assert all_of([nobody, everybody()]).count() == 0
    assert everybody().but_not(nobody).count() == 4
