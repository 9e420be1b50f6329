"""What a record is found by when somebody alike comes: keyed digests of its blocks, in an indexed table.

A record gets its keys when something is told of it (`keep`). A new model may read people otherwise, so all records are then
brought in line with it (`keep_all`), a range of ids at a time, while arrivals go on. Who gives a range its keys locks it against
arrivals of that range and reads people after that, so neither writes what the other has just found out to be otherwise. Who
arrives in that range meanwhile is passed over, and comes when it is done.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from apps.core.bulk import insert_rows
from apps.customers.matching import Record, blocking_keys, read_table, table_of
from apps.customers.models import BlockKey, MatchingModel
from apps.customers.resolving.learning import InForce
from apps.customers.resolving.persons import People, Someone, last_record, people_between, people_of
from apps.customers.services.digests import block_secret

RANGE = 1 << 16
"""Records that are given their keys together. Sorted by key, what they write touches each page of the index once."""
RANGE_IS_FREE = f"pg_try_advisory_xact_lock_shared(hashtext('toonbank.block_keys'), (record_id / {RANGE})::int)"
"""A condition of rows with a `record_id`: nobody gives its range keys now, or will before the transaction ends."""
Asked = list[tuple[int, int]]
"""Keys of a record, each with the largest block that is still one."""


def keep(record_ids: Iterable[int], model: InForce) -> dict[int, Asked]:
    """Bring the keys of some records in line with what they say now, in the caller's transaction; answer them.

    Their rows are locked, so of two who do this the later one also reads later; their ranges before, so no row is held by who
    waits for one.
    """
    ids = sorted(set(record_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pg_advisory_xact_lock_shared(hashtext('toonbank.block_keys'), number)
              FROM unnest(%s::int[]) AS number
            """,
            [sorted({pk // RANGE for pk in ids})],
        )
        cursor.execute("SELECT FROM customers_sourcerecord WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
    found = keys_of(ids, model)
    rows = sorted({(key, record_id) for record_id, keys in found.items() for key, _cap in keys})
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM customers_blockkey WHERE record_id = ANY(%s)", [ids])
    insert_rows(BlockKey, ("key", "record_id"), rows)
    return found


def keys_of(record_ids: Iterable[int], model: InForce) -> dict[int, Asked]:
    """The keys of records; who says nothing has none."""
    people = people_of(record_ids)
    keys = keys_by([one.says for one in people], model)
    return {one.record_id: asked for one, asked in zip(people, keys, strict=True)}


def keys_by(says: Sequence[Record], model: InForce) -> list[Asked]:
    """The keys of people by what they say."""
    if not says:
        return []
    return blocking_keys(table_of(says, model.engine.reading), model.engine, block_secret()).by_row(len(says))


# The record stands in its blocks itself. A block with more than its cap is none, as in a batch.
_BLOCK = """
    CROSS JOIN LATERAL (
           SELECT array_agg(record_id) AS ids
             FROM (SELECT record_id FROM customers_blockkey WHERE key = asked.key LIMIT asked.cap + 1) AS found
    ) AS block
    WHERE cardinality(block.ids) <= asked.cap
"""
_CANDIDATES = f"""
    SELECT DISTINCT asked.who, unnest(block.ids)
      FROM unnest(%(who)s::int[], %(keys)s::bigint[], %(caps)s::int[]) AS asked(who, key, cap) {_BLOCK}
"""
_in_blocks = People(f"""
    record.id = ANY(%(record)s::bigint || ARRAY(
        SELECT unnest(block.ids) FROM unnest(%(keys)s::bigint[], %(caps)s::int[]) AS asked(key, cap) {_BLOCK}
    ))
""")


def people_in_blocks(record_id: int, asked: Asked) -> list[Someone]:
    """The people of a record and of those that share a block with its keys, in one statement."""
    return _in_blocks.read(record=record_id, keys=[key for key, _cap in asked], caps=[cap for _key, cap in asked])


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


def keep_all(model: InForce, alive: Callable[[int], None] = lambda done: None) -> None:
    """Give all records their keys of a model, which then has been given to all. `alive(number done)` is called as it goes.

    Only what differs is written: most keys are the same under two models, and a call that was cut off is gone on with.
    """
    last = last_record()
    for number in range(last // RANGE + 1):
        _keep_range(number, model)
        alive(min((number + 1) * RANGE, last))
    MatchingModel.objects.filter(pk=model.id, keyed_at=None).update(keyed_at=timezone.now())


@transaction.atomic
def _keep_range(number: int, model: InForce) -> None:
    after, until = number * RANGE - 1, (number + 1) * RANGE - 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('toonbank.block_keys'), %s)", [number])
    people = people_between(after, until)
    ids = [str(pk) for pk in people.record_ids]
    table = read_table(ids, people.columns, reading=model.engine.reading)
    keys = blocking_keys(table, model.engine, block_secret())
    wanted = np.empty(len(keys.key), _ROW)
    wanted["key"], wanted["record"] = keys.key, np.array(people.record_ids, np.int64)[keys.row]
    missing, gone = _differences(wanted, _stored(after, until))
    _write(missing)
    if len(gone):
        with connection.cursor() as cursor:
            cursor.execute(
                """
                DELETE FROM customers_blockkey AS stored USING unnest(%s::bigint[], %s::bigint[]) AS gone(key, record_id)
                 WHERE stored.key = gone.key AND stored.record_id = gone.record_id
                """,
                [gone["key"].tolist(), gone["record"].tolist()],
            )


Row = NDArray[Any]
_ROW = np.dtype([("key", np.int64), ("record", np.int64)])
_COPIED = np.dtype([("fields", ">i2"), ("size", ">i4"), ("key", ">i8"), ("size_too", ">i4"), ("record", ">i8")])
"""A row of a key and a record as COPY writes it in binary: how many values, and each after its size."""
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"


def _differences(wanted: Row, stored: Row) -> tuple[Row, Row]:
    """The rows that are wanted and not stored, and those stored and not wanted, both in the order of the index."""
    every = np.concatenate((wanted, stored))
    order = np.argsort((every["record"] % RANGE).astype(np.uint16), kind="stable")
    order = order[np.argsort(every["key"][order], kind="stable")]
    every, is_wanted = every[order], order < len(wanted)
    follows = np.zeros(len(every), bool)
    follows[1:] = every[1:] == every[:-1]
    alone = ~follows
    alone[:-1] &= ~follows[1:]
    return every[alone & is_wanted], every[alone & ~is_wanted]


def _stored(after: int, until: int) -> Row:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT string_agg(int8send(key) || int8send(record_id), ''::bytea) FROM customers_blockkey
             WHERE record_id > %s AND record_id <= %s
            """,
            [after, until],
        )
        told = cursor.fetchone()[0] or b""
    return np.frombuffer(told, _ROW.newbyteorder(">")).astype(_ROW)


def _write(rows: Row) -> None:
    if not len(rows):
        return
    copied = np.empty(len(rows), _COPIED)
    copied["fields"], copied["size"], copied["size_too"] = 2, 8, 8
    copied["key"], copied["record"] = rows["key"], rows["record"]
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY customers_blockkey (key, record_id) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(_HEAD)
        copy.write(copied.tobytes())
        copy.write(_END)
