"""What tests of counts say in one word: open, scan, sell."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.inventory.models import Count, CountedLine, StockMovement
from apps.inventory.services.counts.noting import note_counted
from apps.inventory.services.counts.opening import open_count
from apps.inventory.services.moving import book_moves
from apps.inventory.services.owners import company_of
from apps.inventory.services.types import Cause, Move, Spot
from apps.network.models import Location
from tests.shop import Shop

ANNA, BO = "user:101", "user:102"


def opened(shop: Shop, *skus: str, **more: Any) -> Count:
    """A count of these in S1."""
    usual = {"location": shop.s1, "basis": "given", "actor": ANNA, "token": uuid.uuid4()}
    return open_count(**{**usual, "variant_ids": [shop.variants[sku].pk for sku in skus], **more})


def note(shop: Shop, count: Count, sku: str, quantity: Any, shelf: str = "", **more: Any) -> CountedLine:
    usual = {"actor": ANNA, "token": uuid.uuid4()}
    variant = shop.variants[sku]
    return note_counted(
        **{**usual, "count": count, "variant": variant, "shelf": shelf, "quantity": Decimal(str(quantity)), **more}
    )


@transaction.atomic
def sell(
    shop: Shop, sku: str, quantity: int = 1, at: dt.datetime | None = None, location: Location | None = None
) -> None:
    """The till of S1 (or there) sold so many."""
    at, location = at or timezone.now(), location or shop.s1
    source = Spot(location.pk, company_of(location.pk, day=at.date()))
    cause = Cause("till_ticket", uuid.uuid4().hex, at.date(), at, at.date(), "till")
    kind = StockMovement.Kind.SALE
    book_moves([Move(cause, 1, kind, shop.variants[sku].pk, Decimal(quantity), source=source)])
