"""What is said of pairs of records, and told of customers that came apart by it."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.core.events.log import Happened, record_many
from apps.customers.models import Doubt, Edge
from apps.customers.services.regrouping import Move, Pair

RULE_VERSION = "2"


def say(kind: Edge.Kind, pairs: Mapping[Pair, str], *, basis: str, actor: str, reason: str = "") -> dict[Pair, int]:
    """Write the same word about pairs, each with its evidence or blank; their edges."""
    rows = Edge.objects.bulk_create(
        [
            Edge(
                left_id=left,
                right_id=right,
                kind=kind,
                basis=basis,
                evidence=evidence,
                rule_version=RULE_VERSION,
                actor=actor,
                reason=reason,
            )
            for (left, right), evidence in sorted(pairs.items())
        ],
        batch_size=2000,
    )
    return {(row.left_id, row.right_id): row.pk for row in rows}


def open_between(here: Collection[int], there: Collection[int]) -> QuerySet[Doubt]:
    """What is asked now between two groups of records; not what is asked within one of them."""
    across = Q(left__in=here, right__in=there) | Q(left__in=there, right__in=here)
    return Doubt.objects.filter(across, outcome=Doubt.Outcome.OPEN)


def close(doubts: QuerySet[Doubt], *, outcome: str, actor: str) -> int:
    """Answer questions; how many."""
    return doubts.update(outcome=outcome, decided_by=actor, decided_at=timezone.now())


def tell_parted(moves: Iterable[Move]) -> None:
    """Tell of each customer that came out of another, and of the records that it has."""
    gone: defaultdict[tuple[uuid.UUID, uuid.UUID], list[int]] = defaultdict(list)
    for move in moves:
        gone[move.from_key, move.customer_key].append(move.source_record_id)
    record_many(
        Happened(
            topic="customer.parted",
            object_type="customer",
            object_key=str(stays),
            occurred_at=timezone.now(),
            payload={"customer": str(stays), "parted": str(goes), "source_records": sorted(records)},
        )
        for (stays, goes), records in sorted(gone.items())
    )
