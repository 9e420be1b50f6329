"""Where webhooks may go: public addresses only, since whoever registers one could otherwise have us call our own network.

A name is looked at when it is registered, and again at every connection: the address that is checked is the one that is
connected to, so that a name which changes its mind in between gains nothing.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Target:
    """The parts of an address that matter to a connection."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_encrypted(self) -> bool:
        return self.scheme == "https"


class NotPublic(Exception):
    """The name leads to an address that is not public."""


class UnknownHost(Exception):
    """The name leads nowhere."""


def parse_target(url: str) -> Target:
    """The parts of an address. Raises `InvalidInput` for one that webhooks do not go to."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")  # what no resolver would take
    except ValueError as error:
        raise _refused("invalid", _("This is not an address.")) from error
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise _refused("invalid", _("Write the address in plain characters."))
    if parts.scheme not in {"https", "http"} or not host:
        raise _refused("invalid", _("Send an address that begins with https://."))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused("invalid", _("Leave out the user name, the password and what follows a #."))
    loopback = _is_loopback(host)
    if parts.scheme == "http" and not loopback:
        raise _refused("not_encrypted", _("Webhooks go to https:// only."))
    literal = _literal(host)
    if (loopback and not settings.WEBHOOKS_TO_LOOPBACK) or (literal and not loopback and not is_public(literal)):
        raise _refused("not_public", _("Webhooks go to public addresses only."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)


def addresses_of(target: Target) -> list[str]:
    """The addresses to connect to. Raises `UnknownHost`, and `NotPublic` where even one of them may not be called."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnknownHost(target.host) from error
    addresses = list(dict.fromkeys(str(info[4][0]).partition("%")[0] for info in found))
    for text in addresses:
        address = ipaddress.ip_address(text)
        if not (is_public(address) or (settings.WEBHOOKS_TO_LOOPBACK and address.is_loopback)):
            raise NotPublic(target.host)
    return addresses


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet at large, also when it is an IPv4 address in the guise of an IPv6 one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    literal = _literal(host)
    return literal.is_loopback if literal else host == "localhost" or host.endswith(".localhost")


def _refused(code: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, code=code, faults=[Fault(code, detail, "url")])
