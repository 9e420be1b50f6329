import json
import os
import quopri
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from config.embedded import running
from config.embedded.places import Places
from config.embedded.postgres import PORT, USER, find_binaries
from config.embedded.processes import lives, wait_until
from tests.config.somebody import DATA

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {name: value for name, value in os.environ.items() if not name.startswith("TOONBANK_")}
    environment = own | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "TOONBANK_DATA": str(tmp_path),
        "PORT": str(port),
    }
    yield environment
    manage(environment, "services", "stop")


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=CHECKOUT, env=environment, capture_output=True, text=True
    )


def up(environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start everything and wait until it says that it runs."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=CHECKOUT, env=environment, stdout=output, stderr=output
        )
    assert wait_until(lambda: b"Toonbank runs at" in log.read_bytes() or process.poll() is not None, seconds=300)
    assert process.poll() is None, log.read_text()
    return process


def below(pid: int) -> set[int]:
    """The process numbers of all living descendants."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def answers(environment: dict[str, str], path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{environment['PORT']}{path}", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def ended(pid: int) -> bool:
    return not lives(pid)


def command_of(pid: int) -> str:
    """What a process was started as; nothing for one that has ended since it was listed."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def somebody(environment: dict[str, str], *act: str) -> str:
    """What a person does at the installation (`somebody.py`); what that says."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.config.somebody", *act],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1] if done.stdout else ""


def dumped(data: Path) -> str:
    """The whole database, as a back-up has it."""
    dump = [find_binaries() / "pg_dump", "-h", Places(data).run, "-p", PORT, "-U", USER, "toonbank"]
    return subprocess.run([*map(str, dump)], capture_output=True, text=True, check=True).stdout


def written(data: Path) -> str:
    """Every file of the data folder, its name too, as it is and as mail spells it; but those of the database, which keeps old
    versions of rows until it vacuums."""
    texts = []
    for path in sorted(data.rglob("*")):
        if path.is_file() and not path.is_relative_to(Places(data).postgres):
            content = path.read_bytes()
            texts += [
                str(path),
                content.decode(errors="replace"),
                quopri.decodestring(content).decode(errors="replace"),
            ]
    return "\n".join(texts)


def found_in(text: str) -> list[str]:
    low = text.lower()
    return [datum for datum in DATA if datum in low]


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the process table")
def test_everything_starts_survives_a_crash_of_its_parts_and_ends_without_a_trace(
    environment: dict[str, str], tmp_path: Path
) -> None:
    # given
    process = up(environment, tmp_path / "up.log")
    assert answers(environment, "/readyz") == 200

    # when a second one is started
    second = manage(environment, "up")

    # then it says who runs already
    assert second.returncode != 0
    assert f"process {process.pid}" in second.stderr

    # when the web server, the worker and the database are killed
    for name in ("gunicorn", "celery -A config worker", "bin/postgres -D"):
        victim = min(pid for pid in below(process.pid) if name in command_of(pid))
        os.kill(victim, signal.SIGKILL)
        assert wait_until(partial(ended, victim), seconds=10)

    # then all of it comes back
    assert wait_until(lambda: answers(environment, "/readyz") == 200, seconds=90, every=0.5)
    assert any("celery -A config worker" in command_of(pid) for pid in below(process.pid))

    # when somebody lives here, with all of it running, and is forgotten
    lived = somebody(environment, "lives")
    assert set(found_in(dumped(tmp_path))) == set(DATA)
    assert {"roosmarijn", "roos.kuipers"} <= set(found_in(written(tmp_path)))  # in her mail
    somebody(environment, "is_forgotten", *map(str, json.loads(lived).values()))

    # then no word of theirs is in the database, in a log, a message between processes, or any other file
    assert [line[:300] for line in dumped(tmp_path).splitlines() if found_in(line)] == []
    assert [line[:300] for line in written(tmp_path).splitlines() if found_in(line)] == []

    # when it is asked to stop
    children = below(process.pid)
    process.send_signal(signal.SIGTERM)

    # then nothing is left
    assert process.wait(60) == 0
    assert len(children) > 5
    assert not any(lives(pid) for pid in children)
    assert running.held_by(Places(tmp_path)) is None


def test_a_taken_port_is_named(environment: dict[str, str]) -> None:
    # given
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment["PORT"])))
        taken.listen()

        # when
        done = manage(environment, "up")

    # then
    assert f"port {environment['PORT']} on 127.0.0.1 is not free" in done.stdout, done.stderr
    assert done.returncode == 1
