"""The order book: web orders and till sales alike."""

from apps.orders.models.collecting import Collector, Handover, Proof
from apps.orders.models.contact import NewAddress, OrderContact
from apps.orders.models.dry_runs import DryRun
from apps.orders.models.lines import ChargeType, LineStatus, OrderCharge, OrderLine
from apps.orders.models.order import IfShort, Method, Order, OrderStatus, PaymentTerms
from apps.orders.models.parcels import Parcel, ParcelLine, ParcelStatus
from apps.orders.models.refusals import Refusal
from apps.orders.models.slots import SlotBooking

__all__ = [
    "ChargeType",
    "Collector",
    "DryRun",
    "Handover",
    "IfShort",
    "LineStatus",
    "Method",
    "NewAddress",
    "Order",
    "OrderCharge",
    "OrderContact",
    "OrderLine",
    "OrderStatus",
    "Parcel",
    "ParcelLine",
    "ParcelStatus",
    "PaymentTerms",
    "Proof",
    "Refusal",
    "SlotBooking",
]
