"""Balances and lots against the points ledger."""

from collections.abc import Sequence

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.core.reconcile import Difference, check

# One row per account whose running figures differ from the ledger: waiting points are the rows marked so, the balance the rest.
_ACCOUNTS = """
    SELECT account.card_number, account.balance, account.pending, coalesce(ledger.balance, 0), coalesce(ledger.pending, 0)
      FROM loyalty_loyaltyaccount AS account
      LEFT JOIN (SELECT account_id, sum(points) FILTER (WHERE NOT is_pending) AS balance,
                        sum(points) FILTER (WHERE is_pending) AS pending
                   FROM loyalty_pointsentry GROUP BY account_id) AS ledger ON ledger.account_id = account.id
     WHERE (account.balance, account.pending) <> (coalesce(ledger.balance, 0), coalesce(ledger.pending, 0))
     ORDER BY account.id LIMIT 300
"""

# What lots still hold, plus the debt that no lot holds, is the balance; what waits in lots is what is pending.
_LOTS = """
    SELECT account.card_number, account.balance, account.pending,
           coalesce(lots.active, 0) + coalesce(debt.points, 0), coalesce(lots.waiting, 0)
      FROM loyalty_loyaltyaccount AS account
      LEFT JOIN (SELECT account_id, sum(remaining) FILTER (WHERE is_active) AS active,
                        sum(remaining) FILTER (WHERE NOT is_active) AS waiting
                   FROM loyalty_pointslot GROUP BY account_id) AS lots ON lots.account_id = account.id
      LEFT JOIN (SELECT account_id, sum(points) AS points FROM loyalty_pointsentry WHERE lot_id IS NULL
                  GROUP BY account_id) AS debt ON debt.account_id = account.id
     WHERE (account.balance, account.pending)
           <> (coalesce(lots.active, 0) + coalesce(debt.points, 0), coalesce(lots.waiting, 0))
     ORDER BY account.id LIMIT 300
"""

_LOT = """
    SELECT lot.order_number, lot.earned, lot.remaining, coalesce(ledger.earned, 0), coalesce(ledger.remaining, 0)
      FROM loyalty_pointslot AS lot
      LEFT JOIN (SELECT lot_id, sum(points) FILTER (WHERE kind IN ('earned', 'opening')) AS earned, sum(points) AS remaining
                   FROM loyalty_pointsentry GROUP BY lot_id) AS ledger ON ledger.lot_id = lot.id
     WHERE (lot.earned, lot.remaining) <> (coalesce(ledger.earned, 0), coalesce(ledger.remaining, 0))
     ORDER BY lot.id LIMIT 300
"""


def _compare(sql: str, kind: str, figures: tuple[str, str]) -> list[Difference]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows = cursor.fetchall()
    differences = []
    for name, *numbers in rows:
        stored, ledger = numbers[:2], numbers[2:]
        differences += [
            Difference(f"{kind} {name}: {figure}", s, b)
            for figure, s, b in zip(figures, stored, ledger, strict=True)
            if s != b
        ]
    return differences


def accounts_unlike_the_ledger() -> Sequence[Difference]:
    return _compare(_ACCOUNTS, "card", ("balance", "pending"))


def accounts_unlike_their_lots() -> Sequence[Difference]:
    return _compare(_LOTS, "card", ("balance", "pending"))


def lots_unlike_the_ledger() -> Sequence[Difference]:
    return _compare(_LOT, "points of order", ("earned", "remaining"))


check(
    "Points balance = points ledger",
    accounts_unlike_the_ledger,
    label=_("Points on each card are what its ledger says"),
)
check(
    "Points balance = open lots and debt",
    accounts_unlike_their_lots,
    label=_("Points on each card are what is left of what was earned"),
)
check(
    "Points lots = points ledger",
    lots_unlike_the_ledger,
    label=_("What is left of each earning is what its ledger says"),
)
