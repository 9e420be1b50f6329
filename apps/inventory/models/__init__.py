"""Stock: levels and their ledger, promises on them, shelves, and the work that follows."""

from apps.inventory.models.conditions import IN_THE_BUILDING, Condition
from apps.inventory.models.consignments import Consignment
from apps.inventory.models.counts import Count, CountedLine, CountItem, CountResult
from apps.inventory.models.documents import Inside, Reason, StockDocument
from apps.inventory.models.imbalances import Imbalance
from apps.inventory.models.keeping import ChannelThreshold, Method, SafetyRule
from apps.inventory.models.levels import StockLevel, StockMovement
from apps.inventory.models.news import StockNews
from apps.inventory.models.places import Place, PlaceLevel
from apps.inventory.models.promises import Demand, Reservation
from apps.inventory.models.purchases import OPEN_NOTICES, NoticeLine, NoticeStatus, PurchaseNotice, status_after
from apps.inventory.models.recalls import Recall, RecalledVariant, RecallSorting
from apps.inventory.models.slots import SlotDay
from apps.inventory.models.sourcing import (
    Criterion,
    Feed,
    ParcelDay,
    SellThrough,
    SourcingProfile,
    SourcingRun,
    SourcingStrategy,
    Speed,
)
from apps.inventory.models.tasks import StoreTask
from apps.inventory.models.transfers import (
    TO_BE_SENT,
    Difference,
    Transfer,
    TransferLine,
    TransferStatus,
    Unsent,
    status_of,
)

__all__ = [
    "IN_THE_BUILDING",
    "OPEN_NOTICES",
    "TO_BE_SENT",
    "ChannelThreshold",
    "Condition",
    "Consignment",
    "Count",
    "CountItem",
    "CountResult",
    "CountedLine",
    "Criterion",
    "Demand",
    "Difference",
    "Feed",
    "Imbalance",
    "Inside",
    "Method",
    "NoticeLine",
    "NoticeStatus",
    "ParcelDay",
    "Place",
    "PlaceLevel",
    "PurchaseNotice",
    "Reason",
    "Recall",
    "RecallSorting",
    "RecalledVariant",
    "Reservation",
    "SafetyRule",
    "SellThrough",
    "SlotDay",
    "SourcingProfile",
    "SourcingRun",
    "SourcingStrategy",
    "Speed",
    "StockDocument",
    "StockLevel",
    "StockMovement",
    "StockNews",
    "StoreTask",
    "Transfer",
    "TransferLine",
    "TransferStatus",
    "Unsent",
    "status_after",
    "status_of",
]
