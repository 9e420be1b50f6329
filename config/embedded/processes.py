"""Starting child processes that end when they should, and asking whether a process lives."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


class ServiceError(Exception):
    """An embedded service cannot run here; the message says why and what helps."""


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    dies_with_us: signal.Signals | None,
    env: Mapping[str, str] | None = None,
    cwd: Path | str = "/",
) -> subprocess.Popen[bytes]:
    """Start ``command`` in a session of its own, its output appended to ``log``.

    With ``dies_with_us`` the kernel sends it that signal when this process ends, however it ends; without, the
    process outlives us.
    """

    def ask_for_death_signal() -> None:
        if dies_with_us is not None:
            die_with_parent(dies_with_us)

    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=ask_for_death_signal,
        )


def die_with_parent(number: signal.Signals) -> None:
    """Have the kernel send us a signal when our parent ends. Linux only; elsewhere a stop in order has to do."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number))


def lives(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not yet collected by its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return False
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
    except (ProcessLookupError, IndexError):
        return False
    return state not in "ZX"


def runs_on(pid: int, folder: Path) -> bool:
    """Whether a process names ``folder`` in its command; True where that cannot be seen."""
    try:
        return os.fsencode(folder) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return not Path("/proc/self/cmdline").exists()


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Wait for ``condition``; False when ``seconds`` have passed first."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def end(process: subprocess.Popen[bytes], *, politely: signal.Signals, seconds: float) -> None:
    """Stop a child and whatever is left of its session: first politely, after ``seconds`` for certain."""
    if process.poll() is None:
        process.send_signal(politely)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log, for a message about what went wrong."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-count:])
