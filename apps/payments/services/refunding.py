"""Money going back, to the means it came from, and never more than came in."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.payments.models import PaymentAccount, PaymentEntry, Tender
from apps.payments.services.types import Refund, RefundTooLarge

_BOOK = """
WITH given AS (
        SELECT * FROM json_to_recordset(%s) AS r(
            account_id bigint, tender_id bigint, legal_entity_id bigint, amount numeric, currency text, reference text,
            cause_type text, cause_id text, cause_line int, part int, recorded_on date, occurred_at timestamptz,
            business_date date, actor text)),
     entries AS (
        INSERT INTO payments_paymententry
               (account_id, tender_id, legal_entity_id, amount, currency, provider_reference, cause_type, cause_id,
                cause_line, kind, part, recorded_on, occurred_at, recorded_at, business_date, actor)
        SELECT account_id, tender_id, legal_entity_id, amount, currency, reference, cause_type, cause_id,
               cause_line, 'refunded', part, recorded_on, occurred_at, %s, business_date, actor FROM given),
     tenders AS (
        UPDATE payments_tender AS t SET refunded = t.refunded + s.amount
          FROM (SELECT tender_id, sum(amount) AS amount FROM given GROUP BY tender_id) AS s WHERE t.id = s.tender_id)
UPDATE payments_paymentaccount AS a SET refunded = a.refunded + s.amount
  FROM (SELECT account_id, sum(amount) AS amount FROM given GROUP BY account_id) AS s WHERE a.id = s.account_id
"""


def refund(*, refunds: Sequence[Refund]) -> None:
    """Book refunds in the caller's transaction, in a fixed number of statements.

    Accounts are locked in key order. Each refund is taken from the preferred method first, then from the tenders in the
    order in which they were paid, never more from one than is left on it. A refund that was booked before (same cause and
    line) is left out. Raises `RefundTooLarge` when an account has not enough left; then nothing is booked.
    """
    if not refunds:
        return
    if not connection.in_atomic_block:
        raise RuntimeError("a refund is booked in the transaction of its cause")
    account_ids = sorted({r.account_id for r in refunds})
    accounts = {
        a.pk: a for a in PaymentAccount.objects.select_for_update(no_key=True).filter(pk__in=account_ids).order_by("pk")
    }
    booked = set(
        PaymentEntry.objects.filter(
            account__in=account_ids, kind=PaymentEntry.Kind.REFUNDED, cause_id__in={r.cause_id for r in refunds}
        ).values_list("account_id", "cause_type", "cause_id", "cause_line")
    )
    tenders: dict[int, list[Tender]] = defaultdict(list)
    for tender in Tender.objects.filter(account__in=account_ids).order_by("account", "line"):
        tenders[tender.account_id].append(tender)
    rows: list[dict[str, Any]] = []
    for r in refunds:
        if r.amount > 0 and (r.account_id, r.cause_type, r.cause_id, r.cause_line) not in booked:
            rows += _take(accounts[r.account_id], tenders[r.account_id], r)
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_BOOK, [orjson.dumps(rows, default=str).decode(), timezone.now()])


def _take(account: PaymentAccount, tenders: list[Tender], refund: Refund) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    left = refund.amount
    for tender in sorted(tenders, key=lambda t: (t.method != refund.method, t.line)):
        part = min(left, tender.captured - tender.refunded)
        if part <= 0:
            continue
        tender.refunded += part
        left -= part
        rows.append(
            {
                "account_id": account.pk,
                "tender_id": tender.pk,
                "legal_entity_id": refund.legal_entity_id,
                "amount": part,
                "currency": account.currency,
                "reference": tender.reference,
                "cause_type": refund.cause_type,
                "cause_id": refund.cause_id,
                "cause_line": refund.cause_line,
                "part": len(rows),
                "recorded_on": refund.recorded_on,
                "occurred_at": refund.occurred_at,
                "business_date": refund.business_date,
                "actor": refund.actor,
            }
        )
    if left > 0:
        raise RefundTooLarge(
            _("Only %(left)s %(currency)s is left to pay back on this order.")
            % {"left": refund.amount - left, "currency": account.currency}
        )
    return rows
