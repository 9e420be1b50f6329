"""At most one Toonbank runs on a data folder; this is how another process knows and finds it."""

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import BinaryIO

from config.embedded.places import Places
from config.embedded.processes import ServiceError, wait_until


@dataclass(frozen=True)
class Running:
    pid: int
    port: int
    url: str


def held_by(places: Places) -> Running | None:
    """Who runs on this data folder now. The kernel frees the lock when its holder ends, however it ends."""
    path = places.run / "up.json"
    try:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return Running(**json.loads(file.read() or b'{"pid": 0, "port": 0, "url": ""}'))
    except FileNotFoundError:
        pass
    return None


@contextlib.contextmanager
def held(places: Places, *, port: int, url: str) -> Iterator[None]:
    """Run on this data folder, alone. Raises ``ServiceError`` when somebody already does."""
    places.make()
    with (places.run / "up.json").open("a+b") as file:
        # Whoever merely looks holds the lock for an instant too, so one refusal proves nothing.
        if not wait_until(lambda: _locked(file), seconds=1):
            other = held_by(places)
            raise ServiceError(
                f"Toonbank already runs on {places.data}"
                + (f": {other.url} (process {other.pid})" if other and other.pid else "")
                + ". Stop it with `make stop`, or choose another folder with TOONBANK_DATA."
            )
        file.truncate(0)
        file.write(json.dumps(asdict(Running(os.getpid(), port, url))).encode())
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _locked(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def ask_to_stop(places: Places, *, seconds: float = 90) -> bool:
    """Ask whoever runs here to stop and wait until it has; False when nobody does."""
    other = held_by(places)
    if other is None or not other.pid:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(other.pid, signal.SIGTERM)
    if not wait_until(lambda: held_by(places) is None, seconds=seconds):
        raise ServiceError(f"Toonbank (process {other.pid}) does not stop.")
    return True
