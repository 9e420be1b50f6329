"""A webshop's receiver, as a real HTTP server on this machine, and the endpoint that it is told at."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One POST as it came in."""

    headers: dict[str, str]
    raw: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.raw)

    @property
    def data(self) -> dict[str, Any]:
        return self.body["data"]

    def is_signed_by(self, secret: str) -> bool:
        """By the standard's text, not by our library: HMAC-SHA256 over `id.timestamp.body`."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        content = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.raw
        expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        return f"v1,{expected}" in self.headers["webhook-signature"].split(" ")


Answer = Callable[[Received], tuple[int, dict[str, str], str]]


def yes(request: Received) -> tuple[int, dict[str, str], str]:
    return 200, {}, "thanks"


@dataclass
class Receiver:
    """Where it listens, what it answers (changeable), and what came."""

    url: str
    answer: Answer = yes
    came: list[Received] = field(default_factory=list)

    def answers(self, status: int, headers: dict[str, str] | None = None, text: str = "") -> None:
        self.answer = lambda request: (status, headers or {}, text)

    @property
    def objects(self) -> list[str]:
        """The orders that came, in the order in which they came."""
        return [request.data.get("number") or request.data.get("sku", "") for request in self.came]


@contextmanager
def listening() -> Iterator[Receiver]:
    receiver = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            request = Received({name.lower(): value for name, value in self.headers.items()}, raw)
            receiver.came.append(request)
            status, headers, text = receiver.answer(request)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
