"""Payment accounts and tenders against the payment ledger."""

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.core.reconcile import Difference, check

_SQL = """
SELECT running.id, kind, running.amount, coalesce(ledger.amount, 0)
  FROM (SELECT id, kind, amount FROM {table}
         CROSS JOIN LATERAL (VALUES ('authorised', authorised), ('pending', pending), ('captured', captured),
                                    ('refunded', refunded)) AS v(kind, amount)) AS running
  LEFT JOIN (SELECT {key} AS id, kind, sum(amount) AS amount FROM payments_paymententry GROUP BY {key}, kind) AS ledger
      USING (id, kind)
 WHERE running.amount <> coalesce(ledger.amount, 0) LIMIT 500
"""


def _differences(table: str, key: str, what: str) -> list[Difference]:
    with connection.cursor() as cursor:
        cursor.execute(_SQL.format(table=table, key=key))
        return [Difference(f"{what} {pk}, {kind}", stored, ledger) for pk, kind, stored, ledger in cursor.fetchall()]


def account_differences() -> list[Difference]:
    return _differences("payments_paymentaccount", "account_id", "payment account")


def tender_differences() -> list[Difference]:
    return _differences("payments_tender", "tender_id", "tender")


check(
    "payment accounts = payment ledger",
    account_differences,
    label=_("Paid and given back of each order is what the payments say"),
)
check("tenders = payment ledger", tender_differences, label=_("Each means of payment is what its payments say"))
