"""The erasures outside the database: a file of the data folder to which lines are only added, one JSON object per erasure.

After a restore of the database it says who must be forgotten again. It names nobody: keys of records and keyed digests.
"""

import datetime as dt
import fcntl
import json
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from apps.customers.models import Erasure


def add(erasure: Erasure) -> None:
    """Add one erasure, on the disk when it returns. It costs the same however many the file has."""
    with _locked() as file:
        _append(file, [erasure])


def write_down() -> int:
    """Add the erasures that the file has not got, on the disk when it returns; return how many."""
    with _locked() as file:
        kept = {erasure.pk for erasure in _read(file)}
        missing = list(Erasure.objects.exclude(pk__in=kept).order_by("erased_at", "pk"))
        _append(file, missing)
    return len(missing)


@contextmanager
def _locked() -> Iterator[BinaryIO]:
    path = Path(settings.ERASURES)
    with path.open("a+b") as file:
        os.fchmod(file.fileno(), 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
        file.flush()
        os.fsync(file.fileno())
    _fsync_folder(path.parent)


def _append(file: BinaryIO, erasures: Iterable[Erasure]) -> None:
    lines = b"".join(json.dumps(_line(erasure)).encode() + b"\n" for erasure in erasures)
    if lines and not _ends_a_line(file):
        lines = b"\n" + lines  # whoever wrote the last line was killed; the daily comparison names its erasure
    file.write(lines)


def read() -> list[Erasure]:
    """The erasures in the file, unsaved, oldest first; none where there is no file."""
    path = Path(settings.ERASURES)
    if not path.exists():
        return []
    with path.open("rb") as file:
        return list(_read(file))


def _read(file: BinaryIO) -> Iterator[Erasure]:
    file.seek(0)
    for line in file:
        try:
            told = json.loads(line)
            yield Erasure(
                id=uuid.UUID(told["id"]),
                customer_key=uuid.UUID(told["customer"]),
                records=[uuid.UUID(key) for key in told["records"]],
                digests=[uuid.UUID(digest) for digest in told["digests"]],
                erased_at=dt.datetime.fromisoformat(told["at"]),
            )
        except (ValueError, KeyError, TypeError):
            continue  # torn: the line is written again as long as the database has it


def _line(erasure: Erasure) -> dict[str, object]:
    return {
        "id": str(erasure.pk),
        "at": erasure.erased_at.isoformat(),
        "customer": str(erasure.customer_key),
        "records": [str(key) for key in erasure.records],
        "digests": [str(digest) for digest in erasure.digests],
    }


def _ends_a_line(file: BinaryIO) -> bool:
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
