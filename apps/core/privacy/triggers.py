"""Protection of records that hold personal data: written once, and only ever redacted.

Redaction happens inside `redacting()`, which sets a flag for the running transaction; the trigger lets updates through
only while it is set.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger
from django.db import connection, transaction

_FLAG = "toonbank.redacting"

RECORD = [
    pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
    pgtrigger.Protect(
        name="only_redacted",
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(f"current_setting('{_FLAG}', true) IS DISTINCT FROM 'on'"),
    ),
]

# Records that come to an end: nothing of a row may change but `valid_until`, and that once.
ENDING = [
    RECORD[0],
    pgtrigger.Protect(
        name="only_ended",
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            f"current_setting('{_FLAG}', true) IS DISTINCT FROM 'on' AND (OLD.valid_until IS NOT NULL OR"
            " to_jsonb(OLD) - 'valid_until' IS DISTINCT FROM to_jsonb(NEW) - 'valid_until')"
        ),
    ),
]


@contextmanager
def redacting() -> Iterator[None]:
    """Allow updates of records in a transaction of its own, to blank out personal data."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [_FLAG])
        yield
        cursor.execute("SELECT set_config(%s, 'off', true)", [_FLAG])
