"""Money coming in: accounts, tenders and the ledger, in one statement whatever the number of orders."""

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.bulk import insert_rows
from apps.core.errors import InvalidInput
from apps.core.ids import new_id
from apps.core.ledger.models import CAUSE
from apps.payments.models import PaymentAccount, PaymentEntry, Tender
from apps.payments.services.types import Opening, Tendered

STATUSES = ("captured", "authorised", "pending")

_OPEN = """
WITH given AS (
        SELECT * FROM json_to_recordset(%s) AS r(
            n bigint, key uuid, currency text, unreferenced boolean, authorised numeric, pending numeric,
            captured numeric, refunded numeric)),
     accounts AS (
        INSERT INTO payments_paymentaccount (key, currency, unreferenced, authorised, pending, captured, refunded)
        SELECT key, currency, unreferenced, authorised, pending, captured, refunded FROM given ORDER BY n
        RETURNING id, key),
     lines AS (
        SELECT r.*, accounts.id AS account_id FROM json_to_recordset(%s) AS r(
            key uuid, line int, method text, provider text, reference text, currency text, kind text, amount numeric,
            authorised numeric, pending numeric, captured numeric, refunded numeric, legal_entity_id bigint,
            cause_type text, cause_id text, occurred_at timestamptz, business_date date, recorded_on date, actor text)
        JOIN accounts USING (key)),
     tenders AS (
        INSERT INTO payments_tender
               (account_id, line, method, provider, reference, currency, authorised, pending, captured, refunded)
        SELECT account_id, line, method, provider, reference, currency, authorised, pending, captured, refunded
          FROM lines RETURNING id, account_id, line),
     entries AS (
        INSERT INTO payments_paymententry
               (account_id, tender_id, legal_entity_id, amount, currency, provider_reference, cause_type, cause_id,
                cause_line, kind, part, recorded_on, occurred_at, recorded_at, business_date, actor)
        SELECT lines.account_id, tenders.id, legal_entity_id, amount, currency, reference, cause_type, cause_id,
               line, kind, 0, recorded_on, occurred_at, %s, business_date, actor
          FROM lines JOIN tenders USING (account_id, line) WHERE amount > 0)
SELECT accounts.id FROM accounts JOIN given USING (key) ORDER BY given.n
"""


def open_accounts(openings: Sequence[Opening]) -> list[int]:
    """Open an account for each order with what was paid so far; return the account ids in the same order.

    Runs in the caller's transaction. Amounts must not be negative; what a tender paid out (an `unreferenced` account) is
    booked as refunded.
    """
    if not openings:
        return []
    if not connection.in_atomic_block:
        raise RuntimeError("payments are booked in the transaction of their order")
    accounts: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for n, opening in enumerate(openings):
        key = new_id()
        totals = dict.fromkeys((*STATUSES, "refunded"), Decimal(0))
        for line, tendered in enumerate(opening.tenders, start=1):
            kind = "refunded" if opening.unreferenced else tendered.status
            totals[kind] += tendered.amount
            lines.append(_tender_row(opening, key, line, tendered, kind))
        accounts.append(
            {"n": n, "key": key, "currency": opening.currency, "unreferenced": opening.unreferenced, **totals}
        )
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [_json(accounts), _json(lines), timezone.now()])
        return [row[0] for row in cursor.fetchall()]


def _tender_row(opening: Opening, key: Any, line: int, tendered: Tendered, kind: str) -> dict[str, Any]:
    if tendered.amount < 0 or tendered.status not in STATUSES:
        raise InvalidInput(_("A payment has a positive amount and a known status."), code="invalid_payment")
    return {
        "key": key,
        "line": line,
        "method": tendered.method,
        "provider": tendered.provider,
        "reference": tendered.reference,
        "currency": opening.currency,
        "kind": kind,
        "amount": tendered.amount,
        **{status: tendered.amount if status == kind else Decimal(0) for status in (*STATUSES, "refunded")},
        "legal_entity_id": opening.legal_entity_id,
        "cause_type": opening.cause_type,
        "cause_id": opening.cause_id,
        "occurred_at": opening.occurred_at,
        "business_date": opening.business_date,
        "recorded_on": opening.recorded_on,
        "actor": opening.actor,
    }


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows, default=str).decode()


@transaction.atomic
def add_payments(*, account_id: int, opening: Opening) -> PaymentAccount:
    """Book further tenders on an account that exists: a prepaid order that was short, a payment at collection."""
    account = PaymentAccount.objects.select_for_update().get(pk=account_id)
    first = (Tender.objects.filter(account=account).order_by("-line").values_list("line", flat=True).first() or 0) + 1
    now = timezone.now()
    for line, tendered in zip(itertools.count(first), opening.tenders):
        row = _tender_row(opening, account.key, line, tendered, tendered.status)
        tender = Tender.objects.create(
            account=account,
            line=line,
            method=tendered.method,
            provider=tendered.provider,
            reference=tendered.reference,
            currency=account.currency,
            **{status: row[status] for status in STATUSES},
        )
        insert_rows(
            PaymentEntry,
            (*CAUSE, "account", "tender", "legal_entity", "amount", "currency", "provider_reference"),
            [
                (
                    opening.cause_type,
                    opening.cause_id,
                    line,
                    tendered.status,
                    0,
                    opening.recorded_on,
                    opening.occurred_at,
                    now,
                    opening.business_date,
                    opening.actor,
                    account.pk,
                    tender.pk,
                    opening.legal_entity_id,
                    tendered.amount,
                    account.currency,
                    tendered.reference,
                )
            ],
        )
        setattr(account, tendered.status, getattr(account, tendered.status) + tendered.amount)
    account.save(update_fields=list(STATUSES))
    return account
