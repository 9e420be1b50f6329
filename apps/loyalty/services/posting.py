"""Points follow purchases and returns.

Both subscribers call the one function here with the orders they heard of. It looks at all that happened to those orders and
books what is not booked yet, purchases before returns; so it does not matter which of the two reads first, and a replay
books nothing.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from django.db import transaction

from apps.core.money import ZERO
from apps.loyalty.models import EarnRule, LoyaltyAccount, PointsLot
from apps.loyalty.services.arithmetic import months_later, points_for, points_to_reverse, rule_on
from apps.loyalty.services.books import Books, Cause, read_orders
from apps.loyalty.services.facts import OrderFacts, facts_of


@transaction.atomic
def post_points(order_numbers: Collection[str]) -> None:
    """Book the points that these orders and their returns bring and take, in a fixed number of statements."""
    orders = facts_of(order_numbers)
    holders = _holders(orders)
    if not holders:
        return
    opened_at = {account.pk: account.opened_at for account in holders.values()}
    books = Books(opened_at, holders)
    rules = list(EarnRule.objects.all())
    for number, account in sorted(holders.items()):
        _earn(books, account.pk, orders[number], rules, opened_at[account.pk])
        _reverse(books, account.pk, orders[number])
    books.close()


def _holders(orders: dict[str, OrderFacts]) -> dict[str, LoyaltyAccount]:
    """The account that each order's points go to.

    Where points were booked before, that account, whatever became of the person since. Else one that belongs to the
    order's customer through any of their source records: the order's own record first, then the oldest account.
    """
    if not orders:
        return {}
    booked = {number: book.account_id for number, book in read_orders(list(orders)).items()}
    customers = {order.customer_id for order in orders.values()}
    of_customer: dict[int, list[LoyaltyAccount]] = defaultdict(list)
    for held in LoyaltyAccount.objects.filter(source_record__customer__in=customers).select_related("source_record"):
        of_customer[held.source_record.customer_id].append(held)
    earlier = LoyaltyAccount.objects.in_bulk([pk for pk in booked.values() if pk is not None])
    holders: dict[str, LoyaltyAccount] = {}
    for number, order in orders.items():
        account = earlier.get(booked.get(number) or 0) or min(
            of_customer[order.customer_id],
            key=lambda a: (a.source_record_id != order.source_record_id, a.pk),
            default=None,
        )
        if account is not None:
            holders[number] = account
    return holders


def _earn(books: Books, account_id: int, order: OrderFacts, rules: list[EarnRule], opened_at: dt.datetime) -> None:
    for handed_over in order.handed_over:
        cause = Cause(
            "event",
            str(handed_over.event_id),
            0,
            handed_over.recorded_at.date(),
            handed_over.occurred_at,
            handed_over.business_date,
        )
        rule = rule_on(rules, currency=order.currency, day=handed_over.business_date)
        if rule is None or cause.key in books.orders[order.number].causes or handed_over.recorded_at < opened_at:
            continue
        points = points_for(rule, before=handed_over.before, after=handed_over.after)
        if points:
            active_from = handed_over.business_date + dt.timedelta(days=rule.pending_days)
            lot = PointsLot(
                account_id=account_id,
                order_number=order.number,
                earned=0,
                remaining=0,
                active_from=active_from,
                expires_on=months_later(active_from, rule.months_valid),
            )
            books.earn(account_id, cause, points=points, lot_of=lot, rule_version=rule.version)


def _reverse(books: Books, account_id: int, order: OrderFacts) -> None:
    """By cumulative amounts: after the last piece exactly nothing is left of what was earned."""
    returned = ZERO
    for came_back in order.came_back:
        returned += came_back.amount
        cause = Cause(
            "return",
            came_back.number,
            came_back.line,
            came_back.recorded_on,
            came_back.occurred_at,
            came_back.business_date,
        )
        book = books.orders[order.number]
        if cause.key in book.causes:
            continue
        gone = points_to_reverse(earned=book.earned, returned=returned, handed_over=order.amount)
        if gone > book.reversed:
            books.reverse(account_id, cause, points=gone - book.reversed, order_number=order.number)
