"""What a record is found by when somebody alike comes: keyed digests of its blocks, in an indexed table."""

from collections.abc import Callable, Iterable, Sequence

from django.db import connection, transaction
from django.utils import timezone

from apps.core.bulk import copy_rows
from apps.customers.matching import blocking_keys_of, table_of
from apps.customers.models import BlockKey, MatchingModel
from apps.customers.resolving.learning import InForce
from apps.customers.resolving.persons import people_of
from apps.customers.services.digests import block_id

_STEP = 2_000
Asked = list[tuple[int, int]]
"""Keys of a record, each with the largest block that is still one."""


def keep(record_ids: Iterable[int], model: InForce) -> dict[int, Asked]:
    """Bring the keys of some records in line with what they say now, in the caller's transaction; answer them.

    Their rows are locked, so of two who do this the later one also reads later.
    """
    ids = sorted(set(record_ids))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM customers_sourcerecord WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
    found = keys_of(ids, model)
    rows = sorted({(key, record_id) for record_id, keys in found.items() for key, _cap in keys})
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM customers_blockkey WHERE record_id = ANY(%s)", [ids])
    copy_rows(BlockKey, ("key", "record_id"), rows)
    return found


def keys_of(record_ids: Iterable[int], model: InForce) -> dict[int, Asked]:
    """The keys of records; who says nothing has none."""
    people = people_of(record_ids)
    if not people:
        return {}
    table = table_of([one.says for one in people], model.engine.reading)
    return {
        one.record_id: [(block_id(found.key), found.cap) for found in keys]
        for one, keys in zip(people, blocking_keys_of(table, model.engine), strict=True)
    }


# The record stands in its blocks itself. A block with more than its cap is none, as in a batch.
_CANDIDATES = """
    SELECT DISTINCT asked.who, unnest(block.ids)
      FROM unnest(%(who)s::int[], %(keys)s::bigint[], %(caps)s::int[]) AS asked(who, key, cap)
     CROSS JOIN LATERAL (
            SELECT array_agg(record_id) AS ids
              FROM (SELECT record_id FROM customers_blockkey WHERE key = asked.key LIMIT asked.cap + 1) AS found
     ) AS block
     WHERE cardinality(block.ids) <= asked.cap
"""


def candidates(asked: Asked, *, but: int) -> list[int]:
    """The records that share a block with these keys, without `but`."""
    return [record_id for record_id in candidates_of([asked])[0] if record_id != but]


def candidates_of(askers: Sequence[Asked]) -> list[list[int]]:
    """The records that share a block with the keys of each asker, in one statement."""
    found: list[list[int]] = [[] for _ in askers]
    rows = [(who, key, cap) for who, asked in enumerate(askers) for key, cap in asked]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(
                _CANDIDATES, dict(zip(("who", "keys", "caps"), map(list, zip(*rows, strict=True)), strict=True))
            )
            for who, record_id in cursor.fetchall():
                found[who].append(record_id)
    return found


def keep_all(model: InForce, record_ids: Sequence[int], alive: Callable[[int], None]) -> None:
    """Give all records their keys of a model; what was done before it was cut off is done again."""
    for start in range(0, len(record_ids), _STEP):
        with transaction.atomic():
            keep(record_ids[start : start + _STEP], model)
        alive(start)
    MatchingModel.objects.filter(pk=model.id, keyed_at=None).update(keyed_at=timezone.now())
