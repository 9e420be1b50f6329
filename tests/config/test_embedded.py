import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from config.embedded import postgres, running
from config.embedded.places import Places
from config.embedded.postgres import PostgresServer, command_prefix, find_binaries
from config.embedded.processes import ServiceError, end, lives, wait_until
from config.embedded.services import Services
from config.embedded.supervisor import Supervisor
from config.embedded.valkey import ValkeyServer


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    prepared = Services.of(Places(tmp_path), postgres=True, valkey=True)
    assert prepared.postgres is not None
    prepared.postgres.durable = False
    yield prepared
    prepared.stop()


def test_services_start_once_and_leave_nothing_behind(services: Services) -> None:
    # when
    first = services.start(dies_with_us=True)
    second = services.start(dies_with_us=True)
    pids = [server.process.pid for _name, server in services if server.process is not None]
    stopped = services.stop()

    # then
    assert first == {"PostgreSQL": True, "Valkey": True}
    assert second == {"PostgreSQL": False, "Valkey": False}
    assert stopped == {"PostgreSQL": True, "Valkey": True}
    assert len(pids) == 2
    assert not any(lives(pid) for pid in pids)
    assert services.stop() == {"PostgreSQL": False, "Valkey": False}


def test_a_path_too_deep_for_a_socket_is_no_hindrance(tmp_path: Path) -> None:
    # given
    places = Places(tmp_path / ("deep" * 20) / "data")
    server = PostgresServer(places.postgres, places.run, places.logs / "postgres.log", durable=False)
    places.make()

    # when
    server.start(dies_with_us=True)
    server.create_database("somewhere")

    # then
    assert server.running()
    server.stop()
    places.run.joinpath("up.json").unlink(missing_ok=True)
    places.run.rmdir()


def test_what_a_crash_left_behind_does_not_stop_the_next_start(services: Services) -> None:
    # given a server that was killed, whose process number a stranger has got since
    services.start(dies_with_us=True)
    postgres = services.postgres
    assert postgres is not None
    assert postgres.process is not None
    os.killpg(postgres.process.pid, signal.SIGKILL)
    postgres.process.wait()
    pid_file = postgres.data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n" + pid_file.read_text().split("\n", 1)[1])

    # when
    started = postgres.start(dies_with_us=True)

    # then
    assert started
    assert postgres.running()


def test_data_of_another_major_version_is_refused_with_advice(services: Services) -> None:
    # given
    postgres = services.postgres
    assert postgres is not None
    postgres.data.mkdir()
    (postgres.data / "PG_VERSION").write_text("9\n")

    # when / then
    with pytest.raises(ServiceError, match=r"written by PostgreSQL 9.*pg_dumpall"):
        postgres.start(dies_with_us=True)


def test_the_broker_keeps_its_messages_over_a_restart(tmp_path: Path) -> None:
    # given
    import redis

    server = ValkeyServer(tmp_path / "valkey", tmp_path / "valkey.sock", tmp_path / "valkey.log")
    server.start(dies_with_us=True)
    with redis.Redis(unix_socket_path=str(server.socket_path)) as client:
        client.rpush("queue", "message")
    server.stop()

    # when
    server.start(dies_with_us=True)

    # then
    with redis.Redis(unix_socket_path=str(server.socket_path)) as client:
        assert client.lrange("queue", 0, -1) == [b"message"]
    server.stop()


def test_services_die_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    # given
    code = (
        "import sys, time; from pathlib import Path; from config.embedded.places import Places; "
        "from config.embedded.services import Services; "
        "started = Services.of(Places(Path(sys.argv[1])), postgres=True, valkey=True); "
        "started.start(dies_with_us=True); print(*[s.process.pid for _n, s in started], flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert all(lives(pid) for pid in pids)

    # when
    parent.kill()
    parent.wait()

    # then
    assert len(pids) == 2
    assert wait_until(lambda: not any(lives(pid) for pid in pids), seconds=10)


def test_one_data_folder_has_one_toonbank(tmp_path: Path) -> None:
    # given
    places = Places(tmp_path)

    # when
    with running.held(places, port=8001, url="http://127.0.0.1:8001"):
        code = (
            "import sys; from pathlib import Path; from config.embedded import running; "
            "from config.embedded.places import Places\n"
            "with running.held(Places(Path(sys.argv[1])), port=8002, url=''): pass"
        )
        other = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
        holder = running.held_by(places)

    # then
    assert other.returncode != 0
    assert "already runs" in other.stderr
    assert f"process {os.getpid()}" in other.stderr
    assert holder == running.Running(os.getpid(), 8001, "http://127.0.0.1:8001")
    assert running.held_by(places) is None


def _nobody_reaches(path: Path) -> bool:
    return subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", "test", "-x", str(path)]).returncode == 0


@pytest.mark.skipif(
    os.geteuid() != 0 or not _nobody_reaches(find_binaries() / "postgres"),
    reason="only root needs another user for PostgreSQL, and that user must be able to reach the checkout",
)
def test_root_without_namespaces_runs_postgres_as_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a machine that forbids user namespaces, and a place that `nobody` can reach
    monkeypatch.setattr("config.embedded.postgres._namespaces_work", lambda: False)
    data = Path("/tmp") / f"toonbank-nobody-{os.getpid()}-{time.monotonic_ns()}"
    places = Places(data)
    places.make()
    server = PostgresServer(places.postgres, places.run, places.logs / "postgres.log", durable=False)

    # when
    try:
        prefix = command_prefix([places.postgres, places.run], server.binaries)
        server.start(dies_with_us=True)
        answers = server.running()
    finally:
        server.stop()
        subprocess.run(["rm", "-rf", str(data)], check=True)

    # then
    assert prefix[0] == "setpriv"
    assert answers


def test_who_waits_long_for_the_first_page_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a web server that lives and does not answer yet
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    page = HTTPServer(("127.0.0.1", port), SimpleHTTPRequestHandler, bind_and_activate=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "readyz").touch()
    said: list[str] = []
    supervisor = Supervisor(
        Services.of(Places(tmp_path), postgres=False, valkey=False), tmp_path, {}, port, "", said.append
    )
    monkeypatch.setattr("config.embedded.supervisor.SAYS_SO", 0.2)
    web = supervisor.parts[0]
    web.command, web.log = ["sleep", "60"], tmp_path / "web.log"
    web.start(dict(os.environ), tmp_path)

    def open_page() -> None:
        page.server_bind()
        page.server_activate()
        page.handle_request()

    # when it opens after that
    opens = threading.Timer(0.6, open_page)
    opens.start()
    try:
        supervisor._wait_for_pages()
    finally:
        opens.join()
        page.server_close()
        assert web.process is not None
        end(web.process, politely=signal.SIGTERM, seconds=5)
    # then it was said once, and nothing was given up
    assert said == [f"The web server is still starting: a busy machine takes longer. Its log is {web.log}"]


@pytest.mark.parametrize(("memory", "buffers"), [(512, 256), (8_192, 1_024), (65_536, 2_048)])
def test_the_server_keeps_an_eighth_of_the_memory_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory: int, buffers: int
) -> None:
    monkeypatch.setattr(postgres, "memory", lambda: memory)
    server = PostgresServer(tmp_path, tmp_path, tmp_path / "log")
    assert f"shared_buffers={buffers}MB" in server._options()
    assert f"effective_cache_size={4 * buffers}MB" in server._options()


@pytest.mark.parametrize(("told", "known"), [("1073741824", 1_024), ("max", None)])
def test_a_container_has_the_memory_it_may_use(monkeypatch: pytest.MonkeyPatch, told: str, known: int | None) -> None:
    monkeypatch.setattr(postgres.Path, "read_text", lambda _path: told)
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**2
    assert postgres.memory() == (whole if known is None else min(known, whole))
