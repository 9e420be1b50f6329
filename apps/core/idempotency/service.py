"""Doing something once, however often it is asked."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, DomainError
from apps.core.retry import is_contention, retried


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller is told; `replayed` when it is the first answer given again."""

    status: int
    body: Any
    replayed: bool = False


class InProgress(Conflict):
    """The same key is being handled at this moment."""

    code = "in_progress"


class OtherBody(DomainError):
    """The key was used before, for something else."""

    code = "idempotency_key_reused"
    status = 422


def fingerprint_of(document: Any) -> str:
    """A digest of a JSON document that does not depend on the order of its keys."""
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


@retried
def once(*, client: str, path: str, key: str, fingerprint: str, perform: Callable[[], Answer]) -> Answer:
    """Run `perform` and keep its 2xx answer under the key, both in one transaction; a repeat gets the kept answer.

    A refusal (an exception, or another status) leaves nothing behind, so the same key is judged afresh. A twin that runs at
    the same time waits for the first one, at most the lock timeout, then raises `InProgress`.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if not _claim(cursor, client, path, key, fingerprint):
            return _kept_answer(cursor, client, path, key, fingerprint)
        answer = perform()
        if not 200 <= answer.status < 300:
            transaction.set_rollback(True)
            return answer
        cursor.execute(
            "UPDATE core_idempotencykey SET status = %s, body = %s::jsonb WHERE client = %s AND path = %s AND key = %s",
            [answer.status, orjson.dumps(answer.body, default=str).decode(), client, path, key],
        )
        return answer


def _claim(cursor: Any, client: str, path: str, key: str, fingerprint: str) -> bool:
    try:
        cursor.execute(
            """
            INSERT INTO core_idempotencykey (client, path, key, fingerprint, created_at)
            VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
            """,
            [client, path, key, fingerprint, timezone.now()],
        )
    except OperationalError as error:
        if is_contention(error):
            raise InProgress(_("The same request is being handled right now.")) from error
        raise
    return bool(cursor.rowcount)


def _kept_answer(cursor: Any, client: str, path: str, key: str, fingerprint: str) -> Answer:
    cursor.execute(
        "SELECT fingerprint, status, body::text FROM core_idempotencykey WHERE client = %s AND path = %s AND key = %s",
        [client, path, key],
    )
    kept_fingerprint, status, body = cursor.fetchone()
    if kept_fingerprint != fingerprint:
        raise OtherBody(_("This Idempotency-Key was used before with another body."))
    return Answer(status, orjson.loads(body), replayed=True)


@transaction.atomic
def forget_older_than(days: int = 7) -> int:
    """Drop keys that nobody will repeat any more; the business key (channel, external id) stays for ever."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_idempotencykey WHERE created_at < now() - make_interval(days => %s)", [days])
        return int(cursor.rowcount)
