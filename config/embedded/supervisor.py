"""Everything at once: services, preparation, web, worker and beat; ends them in order, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from config.embedded.processes import ServiceError, die_with_parent, end, last_lines, spawn, wait_until
from config.embedded.services import Services

RESTARTS = 5
RESTART_WINDOW = 60.0
FIRST_PAGE = 600.0  # seconds that the first page may take while the server lives: a busy machine is no failure
SAYS_SO = 30.0  # seconds after which who waits for it is told
JOB_WORKERS = ("TOONBANK_JOB_WORKERS", "2")  # the variable and what it is without


class Interrupted(Exception):
    """Somebody asked to stop while something was still being prepared."""


@dataclass
class Part:
    """A process that has to run: it is started again when it ends, but not for ever."""

    name: str
    command: Sequence[str]
    log: Path
    patience: float
    process: subprocess.Popen[bytes] | None = None
    ends: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS))

    def start(self, env: Mapping[str, str], cwd: Path) -> None:
        self.process = spawn(self.command, log=self.log, dies_with_us=signal.SIGTERM, env=env, cwd=cwd)

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def fails_too_often(self) -> bool:
        self.ends.append(time.monotonic())
        return len(self.ends) == RESTARTS and self.ends[-1] - self.ends[0] < RESTART_WINDOW


@dataclass
class Supervisor:
    """Runs one installation from `start` to the signal that ends it.

    ``checkout`` is the folder of manage.py, ``env`` what every child gets, ``say`` prints one line of progress.
    """

    services: Services
    checkout: Path
    env: Mapping[str, str]
    port: int
    url: str
    say: Callable[[str], None]
    parts: list[Part] = field(default_factory=list)
    stopping: bool = False

    def __post_init__(self) -> None:
        logs, run = self.services.places.logs, self.services.places.run
        celery = [sys.executable, "-m", "celery", "-A", "config"]
        worker = [*celery, "worker", "--without-gossip", "--without-mingle"]
        self.parts = [
            Part(
                "web",
                [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi"],
                logs / "web.log",
                patience=15,
            ),
            Part("worker", [*worker, "-n", "worker@%h"], logs / "worker.log", 15),
            Part(
                "jobs",
                [*worker, "-Q", "jobs", "-n", "jobs@%h", "-c", self.env.get(*JOB_WORKERS)],
                logs / "jobs.log",
                15,
            ),
            Part(
                "webhooks",
                [*worker, "-Q", "webhooks", "-n", "webhooks@%h", "-P", "threads", "-c", "4"],
                logs / "webhooks.log",
                15,
            ),
            Part("beat", [*celery, "beat", "-s", str(run / "celerybeat-schedule")], logs / "beat.log", 5),
        ]

    def run(self, prepare: Callable[["Supervisor"], None], ready: Callable[["Supervisor"], None]) -> int:
        """Start everything, wait, stop everything. Returns the exit code: 0 after a signal, 1 after a failure."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        started: list[str] = []
        try:
            self._check_port()
            began = time.monotonic()
            fresh = self.services.start(dies_with_us=True)
            started = [name for name, new in fresh.items() if new]
            for name, new in fresh.items():
                self.say(f"{name} runs" if new else f"{name} was running already")
            self._go_on()
            prepare(self)
            for part in self.parts:
                part.start(self.env, self.checkout)
            self._wait_for_pages()
            self.say(f"Started in {time.monotonic() - began:.0f} s; logs are in {self.services.places.logs}")
            ready(self)
            self._watch()
        except Interrupted:
            pass
        except ServiceError as error:
            self.say(f"\nToonbank stops: {error}")
            return 1
        finally:
            self._stop(started)
        return 0

    def step(self, what: str, *arguments: str) -> None:
        """Run one manage.py command, its output on the terminal. Raises ``ServiceError`` when it fails."""
        self.say(what)
        self._manage(arguments, output=None)

    def answer(self, *arguments: str) -> str:
        """What one manage.py command prints. Raises ``ServiceError`` when it fails."""
        with tempfile.TemporaryFile() as output:
            self._manage(arguments, output)
            output.seek(0)
            return output.read().decode()

    def _manage(self, arguments: Sequence[str], output: BinaryIO | None) -> None:
        self._go_on()
        child = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=self.checkout,
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),
        )
        try:
            while child.poll() is None:
                self._go_on()
                time.sleep(0.05)
        finally:
            end(child, politely=signal.SIGTERM, seconds=10)
        if child.returncode != 0:
            raise ServiceError(f"`manage.py {' '.join(arguments)}` failed.")

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _go_on(self) -> None:
        if self.stopping:
            raise Interrupted

    def _check_port(self) -> None:
        host = self.env.get("TOONBANK_BIND", "127.0.0.1")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, self.port))
            except OSError as error:
                raise ServiceError(
                    f"port {self.port} on {host} is not free ({error.strerror}). Choose another: make demo PORT=8001"
                ) from error

    def _wait_for_pages(self) -> None:
        web = self.parts[0]

        def settled() -> bool:
            self._go_on()
            return self._answers() or web.ended()

        settles = wait_until(settled, seconds=SAYS_SO, every=0.1)
        if not settles:
            self.say(f"The web server is still starting: a busy machine takes longer. Its log is {web.log}")
            settles = wait_until(settled, seconds=FIRST_PAGE - SAYS_SO, every=0.1)
        if not settles or web.ended():
            raise ServiceError(
                f"the web server does not answer; what was built stays, so the same command goes on from here. "
                f"Its log, {web.log}, ends with:\n{last_lines(web.log)}"
            )

    def _answers(self) -> bool:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/readyz", headers={"Host": "localhost"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def _watch(self) -> None:
        while not self.stopping:
            for part in self.parts:
                if part.ended():
                    self._start_again(part)
            for name, server in self.services:
                if server.process is not None and server.process.poll() is not None:
                    self.say(f"{name} ended; starting it again")
                    server.start(dies_with_us=True)
            time.sleep(0.2)

    def _start_again(self, part: Part) -> None:
        assert part.process is not None
        end(part.process, politely=signal.SIGTERM, seconds=0)  # what its children left
        if part.fails_too_often():
            raise ServiceError(f"{part.name} ends again and again. Its log ends with:\n{last_lines(part.log)}")
        self.say(f"{part.name} ended (code {part.process.returncode}); starting it again")
        part.start(self.env, self.checkout)

    def _stop(self, started: Sequence[str]) -> None:
        """Beat first, so that nothing new comes; the database last, so that everybody can finish."""
        running = [part for part in reversed(self.parts) if part.process is not None]
        if running or started:
            self.say("Stopping …")
        for part in running:
            assert part.process is not None
            if part.process.poll() is None:
                part.process.send_signal(signal.SIGTERM)
        for part in running:
            assert part.process is not None
            end(part.process, politely=signal.SIGTERM, seconds=part.patience)
        if started:
            self.services.stop(*started)
        if running or started:
            self.say("Stopped.")


def child_environment(**variables: str) -> dict[str, str]:
    """This process's environment with ``variables``, for children that must agree with us."""
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONUNBUFFERED": "1", **variables}
