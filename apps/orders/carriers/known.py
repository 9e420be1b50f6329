"""The carriers there are: the built-in one, and those that installed packages bring along."""

from functools import lru_cache
from importlib.metadata import entry_points

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from apps.orders.carriers.port import Booking, Carrier, Shipment

GROUP = "toonbank.carriers"


class ByHand(Carrier):
    """Somebody takes the parcel to a carrier and types, or scans, the number they get. The label is a page of our own."""

    code = "manual"
    name = _("By hand")

    def book(self, shipment: Shipment) -> Booking:
        """Nobody has to be told."""
        return Booking(tracking_number="")


BY_HAND = ByHand()


@lru_cache(maxsize=1)
def carriers() -> dict[str, Carrier]:
    """All carriers by their code, the built-in one first."""
    found: dict[str, Carrier] = {BY_HAND.code: BY_HAND}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        carrier = entry.load()()
        if not isinstance(carrier, Carrier) or carrier.code in found:
            raise ImproperlyConfigured(f"{entry.value} is no carrier, or its code is taken")
        found[carrier.code] = carrier
    return found


def carrier_name(code: str) -> str:
    """A carrier in words; one that is not installed any more goes by its code."""
    known = carriers().get(code)
    return str(known.name) if known else code
