"""Points follow purchases and returns, by cumulative amounts, and nothing is left of a full return."""

import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.events.subscribers import catch_up
from apps.core.models import Event
from apps.core.reconcile import reconcile
from apps.customers.models import Basis
from apps.customers.services.joining import join
from apps.customers.services.parting import part
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.loyalty.models import EarnRule, LoyaltyAccount, PointsEntry, PointsLot
from apps.loyalty.services.activating import activate_due
from apps.loyalty.services.arithmetic import months_later
from apps.loyalty.services.opening import open_account
from apps.loyalty.subscribers import earn, reverse
from apps.orders.models import Order
from apps.returns.services.accepting import accept_in_store
from apps.returns.services.types import Accepted
from tests.returns.purchases import JAN, collected, order, sold
from tests.shop import Shop

LATER = dt.date(2030, 1, 1)


def figures(account: LoyaltyAccount) -> tuple[int, int]:
    """(balance, pending) after everybody has read the log, which must agree with the ledger and the lots."""
    assert [o.check.name for o in reconcile() if o.differences] == []
    account.refresh_from_db()
    return (account.balance, account.pending)


def take_back(shop: Shop, order: Order, line: int, quantity: str = "1") -> None:
    accept_in_store(
        location=shop.s2,
        lines=[Accepted(order.number, line, Decimal(quantity))],
        reference=f"desk-{random.random()}",
        occurred_at=timezone.now(),
        actor="test",
    )


def till_person(card: LoyaltyAccount) -> int:
    [record_id] = recognise([Person(source="tills", loyalty_card=card.card_number)], actor="test")
    assert record_id is not None
    return record_id


def events(topic: str) -> Sequence[Event]:
    return Event.objects.filter(topic=topic).order_by("position")


def test_points_wait_until_the_return_period_is_over(shop: Shop, jan: LoyaltyAccount) -> None:
    # when
    order = sold(shop, shop.s1, ("A", "2", "19.90"), ("B", "1", "5.20"), source_record_id=till_person(jan))
    # then 25.10 in all, a point a euro
    assert figures(jan) == (0, 25)
    lot = PointsLot.objects.get()
    assert (lot.order_number, lot.earned, lot.remaining, lot.is_active) == (order.number, 25, 25, False)
    assert lot.active_from == order.business_date + dt.timedelta(days=14)
    assert lot.expires_on == months_later(lot.active_from, 24)

    # when
    assert activate_due(day=lot.active_from - dt.timedelta(days=1)) == 0
    assert activate_due(day=lot.active_from) == 1
    assert activate_due(day=lot.active_from) == 0
    # then
    assert figures(jan) == (25, 0)


def test_a_purchase_with_another_source_record_of_the_same_customer(shop: Shop, jan: LoyaltyAccount) -> None:
    # given an order of the webshop, that knows nothing of the card
    collected(shop, ("A", "1", "0"), person=replace(JAN, email_is_verified=True))
    # then
    assert figures(jan) == (0, 10)


def test_nothing_for_strangers_other_currencies_or_history(shop: Shop, jan: LoyaltyAccount) -> None:
    # when
    sold(shop, shop.s1, ("A", "1", "10.00"))
    sold(shop, shop.s1, ("A", "1", "10.00"), source_record_id=till_person(jan), origin="history")
    collected(shop, ("A", "1", "0"), person=Person(source="web", account_id="web-88", email="piet@example.org"))
    # then
    assert figures(jan) == (0, 0)
    # when
    EarnRule.objects.update(currency="GBP")
    sold(shop, shop.s1, ("A", "1", "10.00"), source_record_id=till_person(jan))
    assert figures(jan) == (0, 0)


def test_nothing_before_the_goods_are_the_customers(shop: Shop, jan: LoyaltyAccount) -> None:
    order(shop, ("A", "1", "0"), person=replace(JAN, email_is_verified=True))
    assert figures(jan) == (0, 0)


def test_nothing_for_what_was_bought_before_the_card(shop: Shop) -> None:
    # given
    person = replace(JAN, email_is_verified=True)
    earlier = collected(shop, ("A", "2", "0"), person=person)
    catch_up()
    jan = open_account(person=person, issued_by=None, actor="test")
    # when
    take_back(shop, earlier, 1)
    # then
    assert figures(jan) == (0, 0)


def test_the_rule_of_the_day_counts(shop: Shop, jan: LoyaltyAccount, rule_from: Callable[..., EarnRule]) -> None:
    # given double points from the second of March on
    rule_from(dt.date(2026, 3, 2), "2", "2026-2")
    record_id = till_person(jan)
    # when
    for day in (1, 2):
        sold(
            shop,
            shop.s1,
            ("A", "1", "10.00"),
            at=dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC),
            source_record_id=record_id,
        )
    # then
    assert figures(jan) == (0, 30)
    assert sorted(PointsEntry.objects.values_list("rule_version", "points")) == [("2026-1", 10), ("2026-2", 20)]


def test_the_same_events_again_change_nothing(shop: Shop, jan: LoyaltyAccount) -> None:
    # given
    order = sold(shop, shop.s1, ("A", "2", "20.00"), source_record_id=till_person(jan))
    take_back(shop, order, 1)
    assert figures(jan) == (0, 10)
    # when
    for _again in range(2):
        earn(events("order.fulfilled"))
        reverse(events("return.settled"))
    # then
    assert figures(jan) == (0, 10)
    assert PointsEntry.objects.count() == 2


def test_a_return_that_is_read_before_its_purchase(shop: Shop, jan: LoyaltyAccount) -> None:
    # given
    order = sold(shop, shop.s1, ("A", "2", "20.00"), source_record_id=till_person(jan))
    take_back(shop, order, 1)
    # when
    reverse(events("return.settled"))
    earn(events("order.fulfilled"))
    # then
    assert figures(jan) == (0, 10)


@pytest.mark.parametrize("activated", [False, True])
@pytest.mark.parametrize("rate", ["1", "0.37", "12.5"])
def test_a_full_return_in_parts_leaves_exactly_nothing(
    shop: Shop, jan: LoyaltyAccount, activated: bool, rate: str
) -> None:
    # given odd cents over pieces that do not divide
    EarnRule.objects.update(points_per_unit=Decimal(rate))
    order = sold(shop, shop.s1, ("A", "3", "29.99"), ("B", "7", "10.03"), source_record_id=till_person(jan))
    earned = int(Decimal(rate) * Decimal("40.02"))
    assert figures(jan) == (0, earned)
    if activated:
        activate_due(day=LATER)
    # when
    left = []
    for line, quantity in ((1, "1"), (2, "3"), (1, "1"), (2, "1"), (2, "3"), (1, "1")):
        take_back(shop, order, line, quantity)
        left.append(sum(figures(jan)))
    # then
    assert left == sorted(left, reverse=True)
    assert figures(jan) == (0, 0)
    assert PointsEntry.objects.filter(lot=None).count() == 0


def test_reversed_in_proportion_to_what_came_back(shop: Shop, jan: LoyaltyAccount) -> None:
    # given
    order = sold(shop, shop.s1, ("A", "4", "39.98"), source_record_id=till_person(jan))
    assert figures(jan) == (0, 39)
    # when 9.995 of 39.98 comes back, booked as 10.00: 39 × 10.00 / 39.98 = 9.755
    take_back(shop, order, 1)
    # then
    assert figures(jan) == (0, 29)


def test_waiting_points_go_first_then_those_that_count(shop: Shop, jan: LoyaltyAccount) -> None:
    # given one order handed over on two days, of which the first counts already
    record_id = till_person(jan)
    order = sold(
        shop, shop.s1, ("A", "2", "20.00"), at=timezone.now() - dt.timedelta(days=20), source_record_id=record_id
    )
    catch_up()
    activate_due(day=timezone.localdate())
    assert figures(jan) == (20, 0)
    draft = PointsLot.objects.get()
    second = PointsLot.objects.create(
        account=jan, order_number=order.number, earned=5, remaining=5, active_from=LATER, expires_on=LATER
    )
    book_by_hand(jan, second, "earned", 5, pending=True)
    LoyaltyAccount.objects.update(pending=5)
    # when half of the 25 points is taken back
    take_back(shop, order, 1)
    # then
    assert figures(jan) == (12, 0)
    draft.refresh_from_db()
    second.refresh_from_db()
    assert (draft.remaining, second.remaining) == (12, 0)


def book_by_hand(
    account: LoyaltyAccount, lot: PointsLot | None, kind: str, points: int, *, pending: bool = False
) -> PointsEntry:
    """A ledger row of something that no service here books yet: points that were spent, another hand-over."""
    today = timezone.localdate()
    return PointsEntry.objects.create(
        cause_type="test",
        cause_id=str(random.random()),
        kind=kind,
        recorded_on=today,
        occurred_at=timezone.now(),
        business_date=today,
        actor="test",
        account=account,
        lot=lot,
        points=points,
        is_pending=pending,
        order_number=lot.order_number if lot and kind == "earned" else "",
        rule_version="",
    )


def spend(account: LoyaltyAccount, **points: int) -> None:
    """Spend points of the lots of orders, by number."""
    for number, spent in points.items():
        lot = PointsLot.objects.get(order_number=number)
        book_by_hand(account, lot, "spent", -spent)
        lot.remaining -= spent
        lot.save()
    account.refresh_from_db()
    account.balance -= sum(points.values())
    account.save()


def test_spent_points_are_taken_from_other_purchases_and_then_become_a_debt(shop: Shop, jan: LoyaltyAccount) -> None:
    # given three purchases of ten points; those of the first are spent, five of the second too, the third's wait
    record_id = till_person(jan)
    long_ago = timezone.now() - dt.timedelta(days=30)
    first = sold(shop, shop.s1, ("A", "1", "10.00"), at=long_ago, source_record_id=record_id)
    second = sold(shop, shop.s1, ("A", "1", "10.00"), at=long_ago, source_record_id=record_id)
    sold(shop, shop.s1, ("A", "1", "10.00"), source_record_id=record_id)
    catch_up()
    activate_due(day=timezone.localdate())
    spend(jan, **{first.number: 10, second.number: 5})
    assert figures(jan) == (5, 10)
    # when
    take_back(shop, first, 1)
    # then five from the second purchase, five are owed, and what waits is left alone
    assert figures(jan) == (-5, 10)
    reversed_rows = PointsEntry.objects.filter(kind="reversed").order_by("part")
    assert [(e.lot.order_number if e.lot else None, e.points) for e in reversed_rows] == [
        (second.number, -5),
        (None, -5),
    ]
    # and new points pay the debt once they count
    activate_due(day=LATER)
    assert figures(jan) == (5, 0)


def test_points_stay_with_the_account_that_earned_them(shop: Shop, jan: LoyaltyAccount) -> None:
    # given
    record_id = till_person(jan)
    order = sold(shop, shop.s1, ("A", "2", "20.00"), source_record_id=record_id)
    assert figures(jan) == (0, 20)
    other = open_account(person=Person(source="till", first_name="Piet"), issued_by=None, actor="test")
    # when the purchase turns out to be somebody else's, and comes back
    part(source_record_ids=[record_id], actor="user:1", never=True)
    join(record_id, other.source_record_id, basis=Basis.BY_HAND, actor="user:1")
    take_back(shop, order, 1)
    # then
    assert figures(jan) == (0, 10)
    assert figures(other) == (0, 0)


def test_statements_do_not_grow_with_the_number_of_orders(shop: Shop, jan: LoyaltyAccount) -> None:
    # given
    record_id = till_person(jan)

    def statements(n: int) -> int:
        for sale in [sold(shop, shop.s1, ("A", "2", "20.00"), source_record_id=record_id) for _ in range(n)]:
            take_back(shop, sale, 1)
        fresh = [e for topic in ("order.fulfilled", "return.settled") for e in unread(topic)]
        with CaptureQueriesContext(connection) as queries:
            earn([e for e in fresh if e.topic == "order.fulfilled"])
        return len(queries)

    def unread(topic: str) -> list[Any]:
        done = set(PointsEntry.objects.filter(kind="earned").values_list("cause_id", flat=True))
        return [e for e in Event.objects.filter(topic=topic) if str(e.pk) not in done]

    # then
    assert statements(2) == statements(12)
    assert figures(jan) == (0, 140)
