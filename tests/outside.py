"""Tests talk to this machine only: a connection to anywhere else is an error, not a slow test."""

import ipaddress
import socket
from typing import Any


class OutsideWorld(AssertionError):
    """A test tried to reach another machine."""


def shut_out() -> None:
    """Let sockets of this process connect to unix sockets and loopback only."""
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))


def _guarded(connect: Any) -> Any:
    def only_here(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(str(address[0])):
            raise OutsideWorld(f"a test tried to connect to {address[0]}:{address[1]}")
        return connect(self, address)

    return only_here


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
