"""Who runs out of what, and who has it to spare: over the whole chain, variant by variant."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.core.bulk import insert_rows
from apps.core.errors import Conflict
from apps.core.retry import retried
from apps.inventory.models import Imbalance, SellThrough, Transfer, TransferStatus
from apps.inventory.services.owners import companies_of
from apps.inventory.services.transfers.agreeing import needs_consent
from apps.inventory.services.transfers.requesting import add_to_transfer, request_transfer
from apps.inventory.services.transfers.rules import WrongTransferState
from apps.inventory.services.transfers.suggesting import KEPT, LOW, TARGET
from apps.network.directory import Directory, locations

BATCH = 500
"""Variants read at once."""
_MOST_SHORT, _MOST_GIVING = 100, 50
"""Locations of a variant that are looked at: those that run out first, those with most to spare."""
_REFERENCE = "balance-"
_ONE_GO = dt.timedelta(minutes=15)
"""What one person asks of a sender for a receiver within this time goes on one slip."""
_TENTH = Decimal("0.1")
_FIELDS = (
    "variant",
    "receiver",
    "sender",
    "receiver_owner",
    "sender_owner",
    "quantity",
    "there",
    "per_day",
    "days",
    "spare",
    "km",
    "worked_out_at",
    "transfer",
)


@dataclass(slots=True)
class _Short:
    location_id: int
    there: Decimal
    per_day: Decimal

    @property
    def days(self) -> Decimal:
        return max(self.there, Decimal(0)) / self.per_day


def next_variants(*, after: int) -> list[int]:
    """The next variants that are sold anywhere, or stood in the list until now; none at the end."""
    sold = SellThrough.objects.filter(variant_id__gt=after).order_by("variant_id").values_list("variant_id", flat=True)
    listed = Imbalance.objects.filter(variant_id__gt=after).order_by("variant_id").values_list("variant_id", flat=True)
    return sorted({*sold.distinct()[:BATCH], *listed.distinct()[:BATCH]})[:BATCH]


@retried
@transaction.atomic
def work_out_imbalances(*, variant_ids: Sequence[int]) -> int:
    """Work out anew who could send what of these variants to whom; how many rows that makes. One read and two writes.

    Each location's surplus is given away once: first to who runs out first, from the nearest that can give all that is needed.
    One at a time: whoever else works it out waits, and so does this for who is asking for one of these.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('toonbank.imbalances'))")
    # Before reading: what somebody is asking for just now is waited for here, and counts as coming below.
    Imbalance.objects.filter(variant__in=list(variant_ids)).delete()
    directory, now = locations(), timezone.now()
    short, spare = _read(variant_ids, directory)
    owners = companies_of(directory.by_id, day=timezone.localdate(now))
    rows = []
    for variant_id, waiting in short.items():
        giving = spare.get(variant_id, {})
        for one in sorted(waiting, key=lambda each: (each.days, -each.per_day, each.location_id)):
            found = _nearest(one, giving, directory)
            if found is None or one.location_id not in owners or found[0] not in owners:
                continue
            sender_id, quantity = found
            km = directory.ranking(directory.by_id[one.location_id].point).km[sender_id]
            rows.append(
                (
                    variant_id,
                    one.location_id,
                    sender_id,
                    owners[one.location_id],
                    owners[sender_id],
                    quantity,
                    one.there,
                    one.per_day,
                    one.days.quantize(_TENTH),
                    giving[sender_id],
                    None if km is None else Decimal(str(km)),
                    now,
                    None,
                )
            )
            giving[sender_id] -= quantity
    insert_rows(Imbalance, _FIELDS, rows)
    return len(rows)


def _nearest(one: _Short, giving: dict[int, Decimal], directory: Directory) -> tuple[int, Decimal] | None:
    """Who gives how many: the nearest that can give all that is needed, else the nearest that can give some."""
    needed = (one.per_day * TARGET - one.there).to_integral_value(ROUND_CEILING)
    place = directory.ranking(directory.by_id[one.location_id].point).place
    able = [(left < needed, place[id_], id_) for id_, left in giving.items() if left >= 1 and id_ != one.location_id]
    if needed < 1 or not able:
        return None
    sender_id = min(able)[2]
    return sender_id, min(needed, giving[sender_id])


def _read(
    variant_ids: Sequence[int], directory: Directory
) -> tuple[dict[int, list[_Short]], dict[int, dict[int, Decimal]]]:
    short: dict[int, list[_Short]] = defaultdict(list)
    spare: dict[int, dict[int, Decimal]] = defaultdict(dict)
    asked: dict[str, Any] = {
        "variants": list(variant_ids),
        "open": list(directory.active),
        "low": LOW,
        "kept": KEPT,
        "short": _MOST_SHORT,
        "giving": _MOST_GIVING,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, asked)
        for is_short, variant_id, location_id, quantity, per_day in cursor.fetchall():
            if is_short:
                short[variant_id].append(_Short(location_id, quantity, per_day))
            else:
                spare[variant_id][location_id] = quantity.to_integral_value(ROUND_FLOOR)
    return short, spare


# As `suggesting.py` reads it for one location, but by the sell-through that is worked out each night.
_STANDING = """
WITH rate AS (
        SELECT variant_id, location_id, per_day FROM inventory_sellthrough
         WHERE variant_id = ANY(%(variants)s) AND location_id = ANY(%(open)s)),
     stock AS (
        SELECT variant_id, location_id,
               sum(on_hand - reserved) FILTER (WHERE condition IN ('saleable', 'in_transit')) AS there,
               sum(on_hand - reserved - safety_collect) FILTER (WHERE condition = 'saleable') AS free
          FROM inventory_stocklevel WHERE variant_id = ANY(%(variants)s) AND location_id = ANY(%(open)s)
         GROUP BY variant_id, location_id),
     asked AS (
        SELECT line.variant_id, transfer.receiver_id AS location_id, sum(line.requested - line.sent - line.unsent) AS coming
          FROM inventory_transferline AS line JOIN inventory_transfer AS transfer ON transfer.id = line.transfer_id
         WHERE transfer.status IN ('asked', 'to_send', 'partly') AND transfer.cause_type = ''
           AND line.variant_id = ANY(%(variants)s)
         GROUP BY line.variant_id, transfer.receiver_id),
     short AS (
        SELECT variant_id, location_id, coalesce(there, 0) + coalesce(coming, 0) AS quantity, per_day,
               row_number() OVER (PARTITION BY variant_id
                                  ORDER BY (coalesce(there, 0) + coalesce(coming, 0)) / per_day, per_day DESC) AS n
          FROM rate LEFT JOIN stock USING (variant_id, location_id) LEFT JOIN asked USING (variant_id, location_id)
         WHERE coalesce(there, 0) + coalesce(coming, 0) < per_day * %(low)s),
     giving AS (
        SELECT variant_id, location_id, free - coalesce(per_day, 0) * %(kept)s AS quantity,
               row_number() OVER (PARTITION BY variant_id ORDER BY free - coalesce(per_day, 0) * %(kept)s DESC) AS n
          FROM stock LEFT JOIN rate USING (variant_id, location_id)
         WHERE free - coalesce(per_day, 0) * %(kept)s >= 1
           AND variant_id IN (SELECT variant_id FROM short))
SELECT TRUE, variant_id, location_id, quantity, per_day FROM short WHERE n <= %(short)s
 UNION ALL
SELECT FALSE, variant_id, location_id, quantity, NULL FROM giving WHERE n <= %(giving)s"""


def work_out_all() -> int:
    """Go over all variants, a batch in a transaction; how many rows there are."""
    rows = after = 0
    while variant_ids := next_variants(after=after):
        rows += work_out_imbalances(variant_ids=variant_ids)
        after = variant_ids[-1]
    return rows


def check_to_ask(imbalance: Imbalance) -> None:
    """Raise Conflict for one that was asked for already."""
    if imbalance.transfer_id is not None:
        raise Conflict(_("This was asked for already."))


@retried
@transaction.atomic
def ask_for(*, imbalance: Imbalance, actor: str) -> Transfer:
    """Ask the sender for the goods: they are promised there now, on the transfer that goes there anyway if one was begun so.

    A franchisee who did not agree once for all is asked first, as by any other store. Raises what asking
    for a transfer raises, and Conflict where this was asked for already, or was worked out anew meanwhile.
    """
    row = Imbalance.objects.select_for_update(of=("self",)).filter(pk=imbalance.pk).first()
    if row is None:
        raise Conflict(_("The list was worked out anew. Look again, and ask for what it says now."))
    check_to_ask(row)
    goods: tuple[Variant, Decimal] = (row.variant, row.quantity)
    waits = needs_consent(sender=row.sender, receiver=row.receiver)
    begun = Transfer.objects.filter(
        sender=row.sender_id,
        receiver=row.receiver_id,
        status=TransferStatus.ASKED if waits else TransferStatus.TO_SEND,
        reference__startswith=_REFERENCE,
        requested_by=actor,
        requested_at__gt=timezone.now() - _ONE_GO,
    )
    found = begun.order_by("-pk").first()
    row.transfer = _added(found, goods, waits) or request_transfer(
        sender=row.sender,
        receiver=row.receiver,
        lines=[goods],
        reference=f"{_REFERENCE}{row.pk}-{row.worked_out_at:%Y%m%d%H%M%S}",
        actor=actor,
        waits=waits,
    )
    row.save(update_fields=["transfer"])
    return row.transfer


def _added(transfer: Transfer | None, goods: tuple[Variant, Decimal], waits: bool) -> Transfer | None:
    """The transfer with these goods on it too; None where there is none, or the sender agreed to it or sent it meanwhile."""
    if transfer is None:
        return None
    try:
        return add_to_transfer(number=transfer.number, goods=goods, waits=waits)
    except WrongTransferState:
        return None
