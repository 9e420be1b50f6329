"""Stock: levels and their ledger, promises on them, shelves, and the work that follows."""

from apps.inventory.models.documents import StockDocument
from apps.inventory.models.levels import Condition, StockLevel, StockMovement
from apps.inventory.models.places import Place, PlaceLevel
from apps.inventory.models.promises import Demand, Reservation
from apps.inventory.models.tasks import StoreTask

__all__ = [
    "Condition",
    "Demand",
    "Place",
    "PlaceLevel",
    "Reservation",
    "StockDocument",
    "StockLevel",
    "StockMovement",
    "StoreTask",
]
