"""The network: channels, stores, distribution centres, and the companies behind them."""

from apps.network.models.chain import Channel, FulfilmentConsent, LegalEntity, Location, Ownership
from apps.network.models.hours import DeliverySlot, OpeningDay, Timetable

__all__ = [
    "Channel",
    "DeliverySlot",
    "FulfilmentConsent",
    "LegalEntity",
    "Location",
    "OpeningDay",
    "Ownership",
    "Timetable",
]
