"""Barring identifiers that stand for nobody: by hand, and by themselves where too many people share one."""

import logging
import re
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.actors import SYSTEM
from apps.core.errors import Busy, Conflict, Fault, InvalidInput
from apps.core.events.log import Happened, record_many
from apps.core.retry import in_transaction
from apps.customers.models import BarredValue, Identifier
from apps.customers.services import barring, normalising
from apps.customers.services.recognising import EDGES
from apps.customers.services.withdrawing import withdraw_recognised

log = logging.getLogger(__name__)

Kind = Identifier.Kind
State = BarredValue.State

# A payment card is not blocked by hand: nobody has its digest at hand.
NORMAL_FORMS: dict[str, Callable[[str], str]] = {
    Kind.EMAIL: normalising.email,
    Kind.PHONE: normalising.phone,
    Kind.CARD: normalising.card,
    Kind.ACCOUNT: normalising.account,
}
_SHORTEST_PATTERN = 4


@transaction.atomic
def block(*, kind: str, value: str, reason: str, actor: str) -> BarredValue:
    """Let an identifier, or all of a pattern (`kassa@*`), find nobody and join nobody from now on.

    Who was recognised by it alone stands apart again. Raises InvalidInput for what is no such identifier.
    """
    told = _normal(kind, value)
    barred, _new = BarredValue.objects.select_for_update().get_or_create(
        kind=kind, value=told, defaults={"state": State.RELEASED, "actor": actor}
    )
    if barred.state == State.BLOCKED:
        raise Conflict(_("This is blocked already."))
    return _bar(barred, state=State.BLOCKED, reason=reason, actor=actor)


@transaction.atomic
def release(*, barred: BarredValue, reason: str, actor: str) -> BarredValue:
    """Let an identifier stand for somebody again, from the next time it is given. It is not set apart by itself any more."""
    barred = BarredValue.objects.select_for_update().get(pk=barred.pk)
    check_barred(barred)
    return _write(barred, state=State.RELEASED, reason=reason, actor=actor, topic="identifier.released")


def check_barred(barred: BarredValue) -> None:
    """Raises Conflict where there is nothing to release."""
    if barred.state == State.RELEASED:
        raise Conflict(_("This was released already."))


def set_apart_shared(*, source_record_ids: Collection[int] | None = None) -> list[BarredValue]:
    """Set apart what more people share than its rule allows: of these records, or of all. What was released stays so.

    Each in a transaction of its own: one whose people somebody is busy with keeps no other from it, and is tried next time.
    """
    limits = {kind: rule.shared_by for kind, rule in barring.book().rules.items() if rule.shared_by}
    found = _shared_by_too_many(limits, source_record_ids)
    apart = []
    for kind, value, people in found:
        try:
            barred = in_transaction(partial(_set_apart, kind, value, people))
        except Busy:
            log.warning("what %s people share was not set apart: somebody is busy with them", people)
            continue
        if barred is not None:
            apart.append(barred)
    return apart


def _set_apart(kind: str, value: str, people: int) -> BarredValue | None:
    fresh = {"state": State.RELEASED, "actor": SYSTEM, "people": people}
    barred, is_new = BarredValue.objects.get_or_create(kind=kind, value=value, defaults=fresh)
    return _bar(barred, state=State.QUARANTINED, reason="", actor=SYSTEM) if is_new else None


def holders_of(barred: BarredValue) -> list[int]:
    """The source records that hold a barred identifier."""
    held = Identifier.objects.filter(kind=barred.kind, valid_until=None)
    if barred.is_pattern:
        parts = ".*".join(re.escape(part) for part in barred.value.split("*"))
        held = held.filter(value__regex=f"^{parts}$")
    else:
        held = held.filter(value=barred.value)
    return list(held.order_by("source_record").values_list("source_record", flat=True).distinct())


def _normal(kind: str, value: str) -> str:
    form = NORMAL_FORMS.get(kind)
    if form is None:
        raise InvalidInput(
            _("This kind is not barred."), faults=[Fault("invalid", _("This kind is not barred."), "kind")]
        )
    if "*" in value:
        pattern = re.sub(r"\*+", "*", normalising.text(value, 254).lower())
        if len(pattern.replace("*", "")) < _SHORTEST_PATTERN:
            detail = _("A pattern must hold at least %(count)s other characters.") % {"count": _SHORTEST_PATTERN}
            raise InvalidInput(detail, faults=[Fault("invalid", detail, "value")])
        return pattern
    told = form(value)
    if not told:
        detail = _("This cannot be such an identifier.")
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "value")])
    return told


def _bar(barred: BarredValue, *, state: str, reason: str, actor: str) -> BarredValue:
    _write(barred, state=state, reason=reason, actor=actor, topic="identifier.barred")
    holders = holders_of(barred)
    if barred.kind in EDGES and holders:
        withdraw_recognised(kind=barred.kind, source_record_ids=holders, actor=actor)
    return barred


def _write(barred: BarredValue, *, state: str, reason: str, actor: str, topic: str) -> BarredValue:
    barred.state, barred.reason, barred.actor, barred.changed_at = state, reason[:200], actor, timezone.now()
    barred.save()
    barring.forget()
    transaction.on_commit(barring.forget)
    happened: dict[str, Any] = {"kind": barred.kind, "state": state}
    record_many(
        [
            Happened(
                topic=topic,
                object_type="barredvalue",
                object_key=str(barred.pk),
                occurred_at=barred.changed_at,
                payload=happened,
            )
        ]
    )
    return barred


def _shared_by_too_many(
    limits: dict[str, int], source_record_ids: Collection[int] | None
) -> Sequence[tuple[str, str, int]]:
    """Identifiers nobody decided about yet that more people hold than allowed: (kind, value, people).

    People are customers, or where a verified value made them one customer, the names among its records.
    """
    of_records = "AND sign.source_record_id = ANY(%(ids)s::bigint[])" if source_record_ids is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH rule AS (
                SELECT * FROM unnest(%(kinds)s::text[], %(most)s::int[]) AS rule(kind, most)
            ), asked AS MATERIALIZED (
                SELECT DISTINCT sign.kind, sign.value FROM customers_identifier AS sign JOIN rule USING (kind)
                 WHERE sign.valid_until IS NULL {of_records}
                   AND NOT EXISTS (SELECT FROM customers_barredvalue AS barred
                                    WHERE barred.kind = sign.kind AND barred.value = sign.value)
            ), crowded AS MATERIALIZED (
                SELECT asked.kind, asked.value, rule.most, array_agg(DISTINCT held.source_record_id) AS records
                  FROM asked JOIN rule USING (kind) JOIN customers_identifier AS held USING (kind, value)
                 WHERE held.valid_until IS NULL
                 GROUP BY asked.kind, asked.value, rule.most
                HAVING count(DISTINCT held.source_record_id) > rule.most
            )
            SELECT crowded.kind, crowded.value, greatest(count(DISTINCT record.customer_id), count(DISTINCT told.name))
              FROM crowded CROSS JOIN LATERAL unnest(crowded.records) AS one(id)
              JOIN customers_sourcerecord AS record ON record.id = one.id
              LEFT JOIN LATERAL (
                   SELECT lower(left(COALESCE(NULLIF(first_name, ''), initials), 1) || ' ' || last_name) AS name
                     FROM customers_persondetails AS details
                    WHERE details.source_record_id = record.id AND details.last_name <> ''
                    ORDER BY details.id DESC LIMIT 1) AS told ON true
             GROUP BY crowded.kind, crowded.value, crowded.most
            HAVING greatest(count(DISTINCT record.customer_id), count(DISTINCT told.name)) > crowded.most
             ORDER BY crowded.kind, crowded.value
            """,
            {"kinds": list(limits), "most": list(limits.values()), "ids": list(source_record_ids or ())},
        )
        rows: list[tuple[str, str, int]] = cursor.fetchall()
    return rows
