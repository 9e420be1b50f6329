"""Serving an application for a benchmark, and loading it with wrk."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

from benchmarks.harness import CHECKOUT


@contextmanager
def served(application: str, *, workers: int = 2) -> Iterator[str]:
    """Serve a WSGI application by gunicorn's sync workers on a free port of this machine; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            application,
            "--bind",
            f"127.0.0.1:{port}",
            "--workers",
            str(workers),
            "--worker-class",
            "sync",
            "--no-control-socket",
            "--log-level",
            "error",
        ],
        cwd=CHECKOUT,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT), "TOONBANK_LOG_LEVEL": "ERROR"},
    )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait_for(port: int) -> None:
    """Wait until all workers have come up: the port listens before they do."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    for _ in range(20):
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/healthz")
        connection.getresponse().read()


class Load(NamedTuple):
    """Requests a second, answers that were not 2xx or 3xx, and percentiles in milliseconds."""

    rate: float
    refused: int
    p50: float
    p99: float


def load(url: str, *, script: str = "", seconds: int = 8, clients: int = 8) -> Load:
    """Ask for it again and again, with so many connections."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("This benchmark needs wrk: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        lua = Path(folder) / "script.lua"
        lua.write_text(script or "-- nothing")
        out = subprocess.run(
            [wrk, "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", "-s", str(lua), url],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip  # the call as it is typed
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    p50, p99 = (_ms(*re.search(rf"{part}%\s+([\d.]+)(us|ms|s)", out).groups()) for part in (50, 99))
    return Load(rate, int(refused[1]) if refused else 0, p50, p99)


def _ms(value: str, unit: str) -> float:
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
