"""Putting a stock level right: what it shows becomes what the ledger and the promises add up to."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.core.errors import Conflict
from apps.core.events.log import Happened, record
from apps.core.money import plain
from apps.core.retry import retried
from apps.inventory.models import StockLevel, StoreTask
from apps.inventory.services.levels import key_of, lock
from apps.inventory.services.types import Spot
from apps.network.models import LegalEntity, Location

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Books:
    """A level as it is stored, and as its movements (`ledger`) and its promises (`held`) add up.

    `places` are those that show another number than their movements: (code, what is stored, what the movements add up to).
    """

    on_hand: Decimal
    ledger: Decimal
    reserved: Decimal
    held: Decimal
    places: tuple[tuple[str, Decimal, Decimal], ...] = ()

    @property
    def is_right(self) -> bool:
        return self.on_hand == self.ledger and self.reserved == self.held and not self.places

    @property
    def oversold(self) -> Decimal:
        """What is promised beyond what there is, by the ledger."""
        return max(self.held - max(self.ledger, ZERO), ZERO)


def books_of(*, variant: Variant, location: Location, condition: str, owner: LegalEntity) -> Books:
    """What is stored of a level and what it should be; a level that is not there is stored as nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_BOOKS, {"v": variant.pk, "l": location.pk, "c": condition, "o": owner.pk})
        on_hand, ledger, reserved, held = cursor.fetchone()
        cursor.execute(_PLACES, {"v": variant.pk, "l": location.pk, "c": condition, "o": owner.pk})
        return Books(on_hand, ledger, reserved, held, tuple(cursor.fetchall()))


_BOOKS = """
SELECT coalesce((SELECT on_hand FROM inventory_stocklevel WHERE variant_id = %(v)s AND location_id = %(l)s
                    AND condition = %(c)s AND owner_id = %(o)s), 0),
       coalesce((SELECT sum(quantity) FROM inventory_stockmovement WHERE variant_id = %(v)s
                    AND to_location_id = %(l)s AND to_condition = %(c)s AND to_owner_id = %(o)s), 0)
       - coalesce((SELECT sum(quantity) FROM inventory_stockmovement WHERE variant_id = %(v)s
                    AND from_location_id = %(l)s AND from_condition = %(c)s AND from_owner_id = %(o)s), 0),
       coalesce((SELECT reserved FROM inventory_stocklevel WHERE variant_id = %(v)s AND location_id = %(l)s
                    AND condition = %(c)s AND owner_id = %(o)s), 0),
       coalesce((SELECT sum(demand.quantity - demand.consumed - demand.released)
                   FROM inventory_demand AS demand JOIN inventory_stocklevel AS level ON level.id = demand.level_id
                  WHERE level.variant_id = %(v)s AND level.location_id = %(l)s AND level.condition = %(c)s
                    AND level.owner_id = %(o)s AND demand.quantity > demand.consumed + demand.released), 0)"""

_PLACES_SUM = """
    SELECT place_id, sum(quantity) AS quantity FROM (
        SELECT to_place_id AS place_id, quantity FROM inventory_stockmovement
         WHERE variant_id = %(v)s AND to_location_id = %(l)s AND to_condition = %(c)s AND to_owner_id = %(o)s
           AND to_place_id IS NOT NULL
         UNION ALL
        SELECT from_place_id, -quantity FROM inventory_stockmovement
         WHERE variant_id = %(v)s AND from_location_id = %(l)s AND from_condition = %(c)s AND from_owner_id = %(o)s
           AND from_place_id IS NOT NULL) AS sides
     GROUP BY place_id"""
_PLACES = f"""
WITH ledger AS ({_PLACES_SUM}),
     stored AS (SELECT place_id, quantity FROM inventory_placelevel
                 WHERE variant_id = %(v)s AND location_id = %(l)s AND condition = %(c)s AND owner_id = %(o)s)
SELECT place.code, coalesce(stored.quantity, 0), coalesce(ledger.quantity, 0)
  FROM ledger FULL JOIN stored USING (place_id) JOIN inventory_place AS place ON place.id = place_id
 WHERE coalesce(stored.quantity, 0) <> coalesce(ledger.quantity, 0) ORDER BY place.code"""
_REBUILD_PLACES = f"""
WITH ledger AS ({_PLACES_SUM}),
     emptied AS (UPDATE inventory_placelevel AS held SET quantity = 0
                  WHERE variant_id = %(v)s AND location_id = %(l)s AND condition = %(c)s AND owner_id = %(o)s
                    AND NOT EXISTS (SELECT FROM ledger WHERE ledger.place_id = held.place_id))
INSERT INTO inventory_placelevel (place_id, variant_id, location_id, condition, owner_id, quantity)
SELECT place_id, %(v)s, %(l)s, %(c)s, %(o)s, quantity FROM ledger
    ON CONFLICT (place_id, variant_id, condition, owner_id) DO UPDATE SET quantity = EXCLUDED.quantity"""


@retried
@transaction.atomic
def rebuild_level(*, variant: Variant, location: Location, condition: str, owner: LegalEntity) -> Books:
    """Make a level, and what lies on its places, what its ledger and its promises add up to, and say what it was.

    Its sums are read once it is locked: whoever booked before has committed by then, and whoever waits adds to what is
    written here. Nothing is written to the ledger, for that was right. Where promises turn out to exceed the goods, the store
    is asked to count. Raises Conflict when there is nothing to put right. Call it last in a transaction.
    """
    lock([key_of(variant.pk, Spot(location.pk, owner.pk, condition))])
    books = books_of(variant=variant, location=location, condition=condition, owner=owner)
    if books.is_right:
        raise Conflict(_("This level is what its ledger says already."))
    now = timezone.now()
    level = StockLevel.objects.get(variant=variant, location=location, condition=condition, owner=owner)
    was_short = level.oversold + max(-level.on_hand, ZERO)
    level.on_hand, level.reserved, level.oversold = books.ledger, books.held, books.oversold
    level.changed_at = now
    level.save(update_fields=["on_hand", "reserved", "oversold", "changed_at"])
    with connection.cursor() as cursor:
        cursor.execute(_REBUILD_PLACES, {"v": variant.pk, "l": location.pk, "c": condition, "o": owner.pk})
    record(
        Happened(
            topic="stock.rebuilt",
            object_type="variant",
            object_key=variant.sku,
            occurred_at=now,
            payload={
                "location": location.code,
                "condition": condition,
                "owner": owner.code,
                "on_hand": [plain(books.on_hand), plain(books.ledger)],
                "reserved": [plain(books.reserved), plain(books.held)],
                "places": {code: [plain(stored), plain(ledger)] for code, stored, ledger in books.places},
            },
        )
    )
    short = level.oversold + max(-level.on_hand, ZERO) - was_short
    if short > 0:
        StoreTask.objects.create(
            location=location,
            kind=StoreTask.Kind.COUNT_SHORT,
            variant=variant,
            quantity=short,
            cause_type="rebuild",
            cause_id=now.isoformat(),
        )
    return books
