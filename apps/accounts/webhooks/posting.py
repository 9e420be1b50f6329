"""One POST to an endpoint: to the address that was checked, without redirects, within a time, reading little of the answer."""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from apps.accounts.webhooks.targets import NotPublic, Target, UnknownHost, addresses_of

CONNECT_S, ANSWER_S = 5.0, 10.0
WHOLE_S = 20.0
"""However slowly a receiver lets its answer drip, this is when it is left."""
READ = 2000


class NotSent(Exception):
    """No answer came; `problem` is a `WebhookDelivery.Problem`."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(detail or problem)
        self.problem, self.detail = problem, detail


@dataclass(frozen=True)
class Answered:
    """What the receiver answered: its status, the beginning of its text, and how long it asks to be left alone."""

    status: int
    text: str
    retry_after_s: int | None


def post(target: Target, *, body: bytes, headers: Mapping[str, str]) -> Answered:
    """POST to the target. Raises `NotSent` when there is no answer. A redirect is an answer like any other."""
    try:
        addresses = addresses_of(target)
    except UnknownHost as error:
        raise NotSent("no_host", str(error)) from error
    except NotPublic as error:
        raise NotSent("not_public", str(error)) from error
    try:
        return _exchange(target, _connected(target, addresses), body, headers)
    except ssl.SSLCertVerificationError as error:
        raise NotSent("untrusted", error.verify_message) from error
    except (OSError, http.client.HTTPException) as error:
        raise NotSent("no_answer", type(error).__name__) from error


def _connected(target: Target, addresses: list[str]) -> socket.socket:
    """A connection to the first address that answers. Not by name: that could be looked up to something else by now."""
    last: OSError | None = None
    for address in addresses[:4]:
        try:
            return socket.create_connection((address, target.port), timeout=CONNECT_S)
        except OSError as error:
            last = error
    raise last or OSError("no address")


def _exchange(target: Target, plain: socket.socket, body: bytes, headers: Mapping[str, str]) -> Answered:
    connection = http.client.HTTPConnection(target.host, target.port)
    handle = plain.dup()  # of the same connection: encryption takes `plain` away
    took_too_long = threading.Event()
    late = threading.Timer(WHOLE_S, _cut, [handle, took_too_long])
    late.daemon = True
    late.start()
    try:
        plain.settimeout(ANSWER_S)
        connection.sock = plain
        if target.is_encrypted:
            connection.default_port = 443
            connection.sock = _trust().wrap_socket(plain, server_hostname=target.host)
        connection.request("POST", target.path, body=body, headers=dict(headers))
        response = connection.getresponse()
        text = response.read(READ).decode("utf-8", "replace").replace("\x00", "")
        if took_too_long.is_set():  # what was cut short can look like a short answer
            raise TimeoutError("the answer took too long")
        return Answered(response.status, text, _seconds(response.headers.get("Retry-After", "")))
    finally:
        late.cancel()
        connection.close()
        plain.close()
        handle.close()


def _cut(connection: socket.socket, happened: threading.Event) -> None:
    """End a connection under whoever reads from it."""
    happened.set()
    with suppress(OSError):  # it may have ended by itself
        connection.shutdown(socket.SHUT_RDWR)


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _seconds(text: str) -> int | None:
    return min(int(text), 3600) if text.isascii() and text.isdigit() and len(text) < 9 else None
