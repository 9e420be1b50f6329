"""Customers as what hangs together by edges: working out who belongs together, and moving records accordingly.

Which customer a group of records is follows from the records alone. Every customer has a *founder*, the record that its first
match event names; a group is the oldest customer that one of its records founded. So whatever is joined and taken apart again
comes back to the same keys, in whatever order, and a rebuild gives what stands there. A customer whose founder went to another
group forwards to that one.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone

from apps.core.ids import new_id
from apps.customers.models import Customer, SourceRecord
from apps.customers.services.projecting import project

Pair = tuple[int, int]


@dataclass(frozen=True)
class Move:
    """A record that went from one customer to another."""

    source_record_id: int
    from_key: uuid.UUID
    customer_key: uuid.UUID


def pair(one: int, other: int) -> Pair:
    """Two records in the order in which edges name them."""
    return (one, other) if one < other else (other, one)


def hold(source_record_ids: Collection[int]) -> dict[int, int]:
    """Lock the customers of records against joining, taking apart and newcomers; every record of those customers, with its
    customer.

    In a transaction. Who was moved while we waited is read again.
    """
    wanted = set(source_record_ids)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT id FROM customers_customer
                 WHERE id IN (SELECT customer_id FROM customers_sourcerecord WHERE id = ANY(%s::bigint[]))
                 ORDER BY id FOR NO KEY UPDATE
                """,
                [list(wanted)],
            )
            everybody = records_of([pk for (pk,) in cursor.fetchall()])
        missing = wanted - everybody.keys()
        if not missing or not SourceRecord.objects.filter(pk__in=missing).exists():
            return everybody


def records_of(customer_ids: Collection[int]) -> dict[int, int]:
    """Every record of some customers, with its customer."""
    return dict(SourceRecord.objects.filter(customer__in=customer_ids).order_by("pk").values_list("pk", "customer_id"))


def sides(belongs: Mapping[int, int], one: int, other: int) -> tuple[list[int], list[int]]:
    """Of records with their customers those of the customer of one, and those of the customer of another."""
    here, there = ([pk for pk, customer in belongs.items() if customer == belongs[side]] for side in (one, other))
    return here, there


def newest_words(source_record_ids: Collection[int]) -> dict[Pair, tuple[int, str]]:
    """The word that counts of each pair among records: its edge and kind."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (left_id, right_id) left_id, right_id, id, kind FROM customers_edge
             WHERE left_id = ANY(%(ids)s::bigint[]) AND right_id = ANY(%(ids)s::bigint[])
             ORDER BY left_id, right_id, id DESC
            """,
            {"ids": list(source_record_ids)},
        )
        return {(left, right): (edge, kind) for left, right, edge, kind in cursor.fetchall()}


def groups(records: Iterable[int], pairs: Iterable[Pair]) -> list[list[int]]:
    """Records that hang together by pairs, each group and the list of them from the smallest id."""
    root = {record: record for record in records}

    def find(record: int) -> int:
        while root[record] != record:
            root[record] = record = root[root[record]]
        return record

    for left, right in pairs:
        one, other = sorted((find(left), find(right)))
        root[other] = one
    found: defaultdict[int, list[int]] = defaultdict(list)
    for record in sorted(root):
        found[find(record)].append(record)
    return [found[first] for first in sorted(found)]


@dataclass(frozen=True)
class Cause:
    """Why records move: what is written with each of them. `edges` names the edge behind the move of a record, where there
    is one."""

    kind: str
    actor: str
    rule_version: str
    evidence: str = ""
    edges: Mapping[int, int] = field(default_factory=dict)


def regroup(customer_ids: Collection[int], cause: Cause) -> list[Move]:
    """Bring the records of customers whose edges changed to the customers they belong to now; what moved.

    The caller holds the customers.
    """
    belongs = records_of(customer_ids)
    living = [those for those, (_edge, word) in newest_words(belongs).items() if word == "same"]
    return regroup_by(belongs, living, cause)


def regroup_by(belongs: Mapping[int, int], living: Iterable[Pair], cause: Cause) -> list[Move]:
    """Bring records to the customers they belong to now, and project those; what moved.

    `belongs` is every record of the customers in question, with its customer, and `living` the pairs that hang together now.
    The caller holds the customers, and has read both since.
    """
    keys, founded = _founded_by(belongs)
    target: dict[int, tuple[int, uuid.UUID]] = {}
    for group in groups(belongs, living):
        born = sorted(customer for record in group for customer in founded.get(record, ()))
        meant = born[0] if born else _new_customer()
        target |= dict.fromkeys(group, meant)
    moves = [
        Move(record, keys[belongs[record]], target[record][1])
        for record in sorted(belongs)
        if target[record][0] != belongs[record]
    ]
    forwards = {
        customer: None if target[record][0] == customer else target[record][0]
        for record, customers in founded.items()
        for customer, _key in customers
    }
    touched = {*belongs.values(), *(pk for pk, _key in target.values()), *forwards}
    _write(moves, target, {customer: forwards.get(customer) for customer in touched}, cause)
    project(touched)
    return moves


def _founded_by(
    source_record_ids: Collection[int],
) -> tuple[dict[int, uuid.UUID], dict[int, list[tuple[int, uuid.UUID]]]]:
    """The keys of all customers that records ever belonged to by their ids, and those (id, key) that each record founded.

    A customer without events is its oldest record's.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH named AS (
                SELECT customer_key AS key FROM customers_matchevent WHERE source_record_id = ANY(%(ids)s::bigint[])
                UNION
                SELECT customer.key FROM customers_sourcerecord AS record
                  JOIN customers_customer AS customer ON customer.id = record.customer_id
                 WHERE record.id = ANY(%(ids)s::bigint[])
            )
            SELECT founder.id, customer.id, customer.key
              FROM named JOIN customers_customer AS customer USING (key)
             CROSS JOIN LATERAL (
                   SELECT COALESCE(
                       (SELECT event.source_record_id FROM customers_matchevent AS event
                         WHERE event.customer_key = customer.key ORDER BY event.id LIMIT 1),
                       (SELECT min(own.id) FROM customers_sourcerecord AS own WHERE own.customer_id = customer.id)) AS id
                   ) AS founder
            """,
            {"ids": list(source_record_ids)},
        )
        rows = cursor.fetchall()
    founded: defaultdict[int, list[tuple[int, uuid.UUID]]] = defaultdict(list)
    for record, customer, key in rows:
        if record in source_record_ids:
            founded[record].append((customer, key))
    return {customer: key for _record, customer, key in rows}, founded


def _new_customer() -> tuple[int, uuid.UUID]:
    customer = Customer.objects.create(key=new_id())
    return customer.pk, customer.key


def _write(
    moves: list[Move],
    target: Mapping[int, tuple[int, uuid.UUID]],
    forwards: Mapping[int, int | None],
    cause: Cause,
) -> None:
    """Move records with the event of each, and let customers forward to others, or stand for themselves; whoever read those
    before reads them again. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH moved AS (
                SELECT * FROM unnest(%(records)s::bigint[], %(customers)s::bigint[], %(keys)s::uuid[], %(from_keys)s::uuid[],
                                     %(edges)s::bigint[]) AS moved(record_id, customer_id, key, from_key, edge_id)
            ), placed AS (
                UPDATE customers_sourcerecord AS record SET customer_id = moved.customer_id
                  FROM moved WHERE record.id = moved.record_id
            ), written AS (
                INSERT INTO customers_matchevent (source_record_id, customer_key, from_key, kind, evidence, edge_id,
                                                  rule_version, actor, recorded_at)
                SELECT record_id, key, from_key, %(kind)s, %(evidence)s, edge_id, %(rule)s, %(actor)s, %(now)s
                  FROM moved ORDER BY record_id
            )
            UPDATE customers_customer AS customer SET merged_into_id = told.into_id, generation = customer.generation + 1
              FROM unnest(%(of)s::bigint[], %(into)s::bigint[]) AS told(id, into_id) WHERE customer.id = told.id
            """,
            {
                "records": [move.source_record_id for move in moves],
                "customers": [target[move.source_record_id][0] for move in moves],
                "keys": [move.customer_key for move in moves],
                "from_keys": [move.from_key for move in moves],
                "edges": [cause.edges.get(move.source_record_id) for move in moves],
                "kind": cause.kind,
                "evidence": cause.evidence,
                "rule": cause.rule_version,
                "actor": cause.actor,
                "now": timezone.now(),
                "of": list(forwards),
                "into": list(forwards.values()),
            },
        )
