"""Trying again when two transactions got in each other's way."""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg import errors as pg

from apps.core.errors import Busy

P = ParamSpec("P")
R = TypeVar("R")

_CONTENTION = (pg.DeadlockDetected, pg.LockNotAvailable, pg.SerializationFailure)
_RETRIES = 2


class Overtaken(Exception):
    """Somebody else wrote the same document at the same moment: run again, and find it."""


def is_contention(error: BaseException) -> bool:
    """Whether the database gave up because of other transactions (a deadlock, a lock that took too long)."""
    return isinstance(error, Overtaken) or isinstance(error.__cause__, _CONTENTION)


def retried(service: Callable[P, R]) -> Callable[P, R]:
    """Run a service that opens its own transaction; after contention or a twin run it again, twice at most, then raise `Busy`.

    Inside somebody else's transaction it runs once, since only the outermost transaction can be repeated.
    """

    @functools.wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return service(*args, **kwargs)
        for attempt in range(_RETRIES + 1):
            try:
                return service(*args, **kwargs)
            except (OperationalError, Overtaken) as error:
                if not is_contention(error):
                    raise
                if attempt == _RETRIES:
                    raise Busy(_("Very busy right now. Try again in a moment.")) from error
                time.sleep(random.uniform(0.005, 0.05) * (attempt + 1))
        raise AssertionError("unreachable")

    return run


@retried
def in_transaction(work: Callable[[], R]) -> R:
    """Run `work` in a transaction of its own, again on contention."""
    with transaction.atomic():
        return work()
