"""Real processes, started as the launcher starts them, that can be killed at any moment and start again."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from config.embedded.places import Places
from config.embedded.processes import spawn, wait_until
from config.embedded.valkey import ValkeyServer
from tests.config.test_up import below

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass
class Process:
    """One process with its children; `start` again after it was killed."""

    name: str
    command: list[str]
    env: dict[str, str]
    log: Path
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.running = spawn(self.command, log=self.log, dies_with_us=signal.SIGKILL, env=self.env, cwd=CHECKOUT)

    def kill_something(self, chance: random.Random) -> bool:
        """SIGKILL the process or one of its children; what a dead parent leaves behind goes too, as in a container. False
        for one that is dead already."""
        if self.running is None or self.running.poll() is not None:
            return False
        children = sorted(below(self.running.pid))
        victim = chance.choice([self.running.pid, *children])
        self._signal(victim)
        if victim == self.running.pid:
            for child in children:
                self._signal(child)
            self.running.wait()
        return True

    def stop(self) -> None:
        if self.running is not None and self.running.poll() is None:
            for pid in [self.running.pid, *below(self.running.pid)]:
                self._signal(pid)
            self.running.wait()

    def _signal(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return


@dataclass
class Nodes:
    """Web processes on their ports, workers, and one clock; `keep_up` starts again whatever ended."""

    webs: list[Process]
    workers: list[Process]
    clock: Process
    ports: list[int]
    kills: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def all(self) -> list[Process]:
        return [*self.webs, *self.workers, self.clock]

    def keep_up(self) -> None:
        while not self._over.wait(0.1):
            for process in self.all:
                if process.running is not None and process.running.poll() is not None:
                    process.start()

    def wait_for_pages(self, seconds: float = 90) -> None:
        assert wait_until(lambda: all(map(answers, self.ports)), seconds=seconds), self.logs()

    def kill_now_and_then(
        self, *, seed: int, done: Callable[[], int], after: tuple[int, int], until: threading.Event
    ) -> None:
        """Kill web and worker processes at random moments until told to stop: each time `after` so many more were done (from,
        to), so that a slow machine, on which a process takes long to start, sees as many deaths as a quick one."""
        chance = random.Random(seed)
        while not until.is_set():
            enough = done() + chance.randint(*after)
            while done() < enough and not until.wait(0.02):
                continue
            until.wait(chance.uniform(0, 0.1))
            self.kills += chance.choice([*self.webs, *self.workers]).kill_something(chance)

    def logs(self) -> str:
        return "\n".join(f"--- {p.name}\n{p.log.read_text()[-1500:]}" for p in self.all if p.log.exists())

    def stop(self) -> None:
        self._over.set()
        time.sleep(0.2)
        for process in self.all:
            process.stop()


def answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def nodes(folder: Path, *, database_url: str, settings: dict[str, str] | None = None) -> Iterator[Nodes]:
    """Two web nodes and two workers with a broker of their own, on one database."""
    places = Places(folder)
    places.make()
    broker = ValkeyServer(places.valkey, places.valkey_socket, places.logs / "valkey.log")
    broker.start(dies_with_us=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith("TOONBANK_")}
    env = own | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "TOONBANK_DATA": str(folder),
        "TOONBANK_BROKER_URL": f"redis+socket://{places.valkey_socket}",
        "TOONBANK_DATABASE_URL": database_url,
        "TOONBANK_WEB_PROCESSES": "1",
        "TOONBANK_LOG_LEVEL": "WARNING",
        "TOONBANK_WEBHOOKS_TO_LOOPBACK": "true",
        **(settings or {}),
    }
    celery = [sys.executable, "-m", "celery", "-A", "config"]
    worker = [*celery, "worker", "--without-gossip", "--without-mingle", "-c", "1", "-Q", "celery,jobs,webhooks"]
    web = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi", "--no-control-socket"]
    ports = [free_port(), free_port()]
    running = Nodes(
        webs=[
            Process(f"web{n}", web, env | {"PORT": str(port)}, places.logs / f"web{n}.log")
            for n, port in enumerate(ports)
        ],
        workers=[
            Process(f"worker{n}", [*worker, "-n", f"worker{n}@%h"], env, places.logs / f"worker{n}.log")
            for n in range(2)
        ],
        clock=Process("beat", [*celery, "beat", "-s", str(places.run / "beat")], env, places.logs / "beat.log"),
        ports=ports,
    )
    try:
        for process in running.all:
            process.start()
        threading.Thread(target=running.keep_up, daemon=True).start()
        running.wait_for_pages()
        yield running
    finally:
        running.stop()
        broker.stop()
