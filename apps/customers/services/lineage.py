"""When the records of a customer came together, and what an old key means now."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from apps.core.statements import KeptQuery
from apps.customers.models import Customer, Edge, MatchEvent


@dataclass(frozen=True)
class Join:
    """Records that came together at a moment, by a rule or by hand; `edge` is the word that did it."""

    at: dt.datetime
    edge: Edge
    source_record_ids: frozenset[int]


def joins_of(source_record_ids: Collection[int]) -> list[Join]:
    """The joinings that brought these records together, newest first. Recognising at a sale is none: there the person showed
    who they are. What was taken apart since is left out, unless it was joined again."""
    events = (
        MatchEvent.objects.filter(source_record__in=source_record_ids, kind=MatchEvent.Kind.JOINED)
        .select_related("edge")
        .order_by("pk")
    )
    moved: dict[int, set[int]] = {}
    edges: dict[int, Edge] = {}
    for event in events:
        if event.edge is not None:
            moved.setdefault(event.edge.pk, set()).add(event.source_record_id)
            edges[event.edge.pk] = event.edge
    living = _living(edges.values())
    joins = [Join(edge.recorded_at, edge, frozenset(moved[pk])) for pk, edge in edges.items() if pk in living]
    return sorted(joins, key=lambda join: (join.at, join.edge.pk), reverse=True)


def _living(edges: Collection[Edge]) -> set[int]:
    """Of edges, those that are still the newest word of their pair."""
    newest: dict[tuple[int, int], int] = {}
    rows = Edge.objects.filter(
        left__in={edge.left_id for edge in edges}, right__in={edge.right_id for edge in edges}
    ).order_by("pk")
    for left, right, pk in rows.values_list("left", "right", "pk"):
        newest[left, right] = pk
    return {edge.pk for edge in edges if newest[edge.left_id, edge.right_id] == edge.pk}


def keys_of_survivors(keys: Collection[str]) -> list[str]:
    """Of keys of customers, the keys of those that some were joined into."""
    return [str(key) for (key,) in _survivors.read(keys=keys)]


_survivors = KeptQuery(
    lambda asked: Customer.objects.filter(key__in=asked["keys"], merged_into__isnull=False).values_list(
        "merged_into__key"
    ),
)
