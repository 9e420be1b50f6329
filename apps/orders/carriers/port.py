"""What a carrier does. Others come in as entry points of the group `toonbank.carriers`: see docs/how-to/new-carrier.md.

Nothing here is called inside a transaction, so a carrier may take its time over HTTP. A worker that dies asks again with
the same parcel number: a carrier books one number once.
"""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where from, or where to. `country` is two letters."""

    name: str
    street: str
    house_number: str
    postcode: str
    city: str
    country: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """A parcel as a carrier is told of it. `number` is ours and unique; `weight` is in grams, None where nobody weighed."""

    number: str
    order: str
    service: str
    weight: int | None
    sender: Address
    receiver: Address


@dataclass(frozen=True, kw_only=True)
class Booking:
    """What the carrier made of it. `label` is a file to print, of `label_type` ("application/pdf", "image/png")."""

    tracking_number: str
    tracking_url: str = ""
    label: bytes | None = None
    label_type: str = ""


@dataclass(frozen=True, kw_only=True)
class Tracked:
    """Where a parcel is: delivered, and when."""

    delivered_at: dt.datetime | None = None


class CarrierError(Exception):
    """The carrier is away, or wrong for a moment: it is asked again later. The text is shown to the store."""


class CarrierRefused(CarrierError):
    """The carrier will not take this parcel; asking again changes nothing until somebody mends it."""


class Carrier(ABC):
    """A carrier. `code` is kept with every parcel, so it never changes."""

    code: ClassVar[str]
    name: ClassVar[Any]
    services: ClassVar[Sequence[tuple[str, Any]]] = ()
    """(code, name) of what it offers; without any, people may type what they send it with."""

    @abstractmethod
    def book(self, shipment: Shipment) -> Booking:
        """Announce a parcel. Raises CarrierError or CarrierRefused; the same number again answers the same booking."""

    def track(self, tracking_number: str) -> Tracked:
        """Where a parcel is, as far as the carrier tells. Raises CarrierError."""
        return Tracked()
