"""What must be true of stock at any moment, whatever happened before. Each check raises AssertionError and says what is wrong."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.inventory.reconciling import on_hand_differences, place_differences, reserved_differences
from apps.inventory.services.availability import THOUSAND, free_stock
from apps.network.directory import Directory

Spot = tuple[str, str, str, str]  # SKU, location, condition, owner
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Level:
    on_hand: Decimal
    reserved: Decimal
    oversold: Decimal
    safety_collect: Decimal
    safety_delivery: Decimal

    @property
    def free(self) -> Decimal:
        """What may be promised in one way or another."""
        return self.on_hand - self.reserved - min(self.safety_collect, self.safety_delivery)

    @property
    def short(self) -> Decimal:
        """How far what was promised and what is gone exceed the goods."""
        return self.oversold + max(-self.on_hand, ZERO)


def read_levels() -> dict[Spot, Level]:
    return {
        tuple(spot): Level(*figures)
        for *spot, on_hand, reserved, oversold, collect, delivery in _rows(
            """
            SELECT variant.sku, location.code, level.condition, owner.code,
                   level.on_hand, level.reserved, level.oversold,
                   level.safety_collect, level.safety_delivery
              FROM inventory_stocklevel AS level
              JOIN catalogue_variant AS variant ON variant.id = level.variant_id
              JOIN network_location AS location ON location.id = level.location_id
              JOIN network_legalentity AS owner ON owner.id = level.owner_id"""
        )
        for figures in [(on_hand, reserved, oversold, collect, delivery)]
    }


def check_stock() -> dict[Spot, Level]:
    """Check all of it; give the levels as they are."""
    assert on_hand_differences() == [], "Σ ledger = on hand"
    assert reserved_differences() == [], "Σ promises = reserved"
    assert place_differences() == [], "Σ ledger of a place = what lies on it"
    check_places()
    levels = read_levels()
    for spot, level in levels.items():
        assert level.reserved >= 0, (spot, level)
        assert level.oversold == max(ZERO, level.reserved - max(level.on_hand, ZERO)), (spot, level)
        # What is on its way is promised to whom it travels for, and to nobody beside.
        assert level.reserved == 0 or spot[2] in {"saleable", "in_transit"}, ("promised, but not saleable", spot, level)
    check_what_is_held()
    check_what_was_ordered()
    check_availability(levels)
    return levels


def check_places() -> None:
    """What lies on places and what lies on none is what there is; never more on places than there is."""
    for row in _named(
        """
        SELECT held.variant_id, held.location_id, held.condition, held.owner_id, level.on_hand,
               sum(held.quantity) AS placed, min(held.quantity) AS least
          FROM inventory_placelevel AS held
          LEFT JOIN inventory_stocklevel AS level USING (variant_id, location_id, condition, owner_id)
         GROUP BY held.variant_id, held.location_id, held.condition, held.owner_id, level.on_hand"""
    ):
        assert row["least"] >= 0, row
        assert row["placed"] <= max(row["on_hand"] or ZERO, ZERO), row


def check_what_is_held() -> None:
    """No promise outlives what it was made for: a standing line, a basket, a transfer to be sent, a count to be done."""
    for row in _named(
        """
        SELECT demand.id, demand.line, demand.quantity - demand.consumed - demand.released AS held,
               level.location_id, level.condition, reservation.expires_at, bought.id AS bought, bought.status,
               bought.quantity - bought.quantity_cancelled - bought.quantity_fulfilled AS open,
               bought.location_id AS wanted_from, orders.status AS of_order, sent.requested - sent.sent - sent.unsent AS to_send,
               task.id AS task, task.done_at
          FROM inventory_demand AS demand
          JOIN inventory_reservation AS reservation ON reservation.id = demand.reservation_id
          LEFT JOIN inventory_stocklevel AS level ON level.id = demand.level_id
          LEFT JOIN orders_orderline AS bought ON bought.demand_id = demand.id
          LEFT JOIN orders_order AS orders ON orders.id = bought.order_id
          LEFT JOIN inventory_transferline AS sent ON sent.demand_id = demand.id
          LEFT JOIN inventory_storetask AS task ON task.id = demand.held_for_id
         WHERE demand.quantity > demand.consumed + demand.released"""
    ):
        if row["task"] is not None:
            assert row["done_at"] is None, ("held back for a count that was done", row)
            assert row["bought"] is None, ("held back, and for an order too", row)
        elif row["bought"] is not None:
            travels = row["condition"] == "in_transit"
            standing = {"open"} if row["location_id"] is None else {"coming", "sourced", "picking", "ready"}
            standing = {"coming"} if travels else standing
            assert row["status"] in standing, ("held for a line that is not there any more", row)
            assert row["held"] <= row["open"], ("more is held than is open", row)
            there = travels or row["location_id"] in (None, row["wanted_from"])
            assert there, ("held elsewhere than it is taken from", row)
            is_asked_for = row["to_send"] is not None or row["of_order"] == "awaiting_payment"
            assert is_asked_for or row["status"] != "coming", ("comes to the store, but nobody was asked", row)
        elif row["to_send"] is not None:
            assert row["held"] == row["to_send"], row
        else:
            assert row["location_id"] is not None, ("wanted by nobody", row)
            assert row["expires_at"] is not None, ("held for nobody, for ever", row)


def check_what_was_ordered() -> None:
    """Each standing line of an order that goes on has what it needs, or waits for it; what is over has nothing."""
    for row in _named(
        """
        SELECT bought.id, bought.status, orders.status AS of_order, demand.level_id,
               bought.quantity - bought.quantity_cancelled - bought.quantity_fulfilled AS open,
               demand.quantity - demand.consumed - demand.released AS held
          FROM orders_orderline AS bought
          JOIN orders_order AS orders ON orders.id = bought.order_id
          JOIN inventory_demand AS demand ON demand.id = bought.demand_id"""
    ):
        if row["status"] in {"cancelled", "collected", "shipped", "delivered", "returned"}:
            assert (row["open"], row["held"]) == (0, 0), ("over, yet holds something", row)
        elif row["of_order"] != "awaiting_payment":  # what waits for money may lapse
            assert row["held"] == row["open"] > 0, ("goes on, but has no goods", row)
            assert (row["level_id"] is None) == (row["status"] == "open"), row


def check_availability(levels: dict[Spot, Level]) -> None:
    """What is offered is what is free or has lapsed at each location, never below zero there."""
    lapsed: dict[tuple[str, str], Decimal] = {
        (sku, place): held
        for sku, place, held in _rows(
            """
            SELECT variant.sku, location.code, sum(demand.quantity - demand.consumed - demand.released)
              FROM inventory_demand AS demand
              JOIN inventory_reservation AS reservation ON reservation.id = demand.reservation_id
              JOIN inventory_stocklevel AS level ON level.id = demand.level_id
              JOIN catalogue_variant AS variant ON variant.id = level.variant_id
              JOIN network_location AS location ON location.id = level.location_id
             WHERE reservation.expires_at <= now() GROUP BY variant.sku, location.code"""
        )
    }
    waits = waiting()
    collect: dict[tuple[str, str], Decimal] = {}
    delivery: dict[tuple[str, str], Decimal] = {}
    for (sku, place, condition, _owner), level in levels.items():
        if condition == "saleable":
            free = level.on_hand - level.reserved + lapsed.get((sku, place), ZERO)
            if (here := free - level.safety_collect - waits.get((sku, place), ZERO)) > 0:
                collect[sku, place] = here
            if (sent := free - level.safety_delivery) > 0:
                delivery[sku, place] = sent
    directory, stock = free_stock(sorted({sku for sku, *_ in levels} | {"A"}))

    def offered(way: str) -> dict[tuple[str, str], Decimal]:
        return {
            (sku, directory.by_id[id_].code): Decimal(quantity) / THOUSAND
            for sku, free in stock.items()
            for id_, quantity in getattr(free, way).items()
        }

    assert offered("collect") == collect
    assert offered("delivery") == delivery
    for sku, free in stock.items():
        there = sum((n for (of, place), n in delivery.items() if of == sku and _sends(directory, place)), ZERO)
        expected = max(ZERO, there - waits.get((sku, None), ZERO))
        assert Decimal(free.sent_from(directory.shipping, "")) / THOUSAND == expected, sku


def _sends(directory: Directory, place: str) -> bool:
    return directory.by_code[place].id in directory.shipping


def waiting() -> dict[tuple[str, str | None], Decimal]:
    """What waits for stock of each SKU: of one location, or of any (None)."""
    return {
        (sku, place): quantity
        for sku, place, quantity in _rows(
            """
            SELECT variant.sku, location.code, sum(demand.quantity - demand.consumed - demand.released)
              FROM inventory_demand AS demand
              JOIN catalogue_variant AS variant ON variant.id = demand.variant_id
              LEFT JOIN network_location AS location ON location.id = demand.wanted_at_id
             WHERE demand.level_id IS NULL AND demand.quantity > demand.consumed + demand.released
             GROUP BY variant.sku, location.code"""
        )
    }


def pieces_by_the_books() -> dict[str, Decimal]:
    """How many of each SKU there are in all, by documents: received − handed over + returned ± what counts and people say."""
    pieces: dict[str, Decimal] = defaultdict(Decimal)
    for sku, quantity in _rows(
        """
        SELECT variant.sku, sum(told.quantity) FROM (
            SELECT variant_id, -quantity_fulfilled AS quantity FROM orders_orderline
             UNION ALL
            SELECT line.variant_id, line.quantity FROM returns_returnline AS line
              JOIN returns_return AS rma ON rma.id = line.rma_id
             WHERE rma.status IN ('inspected', 'settled') AND line.variant_id IS NOT NULL
             UNION ALL
            SELECT variant_id, differs FROM inventory_transferline
             UNION ALL
            SELECT variant_id, CASE WHEN from_location_id IS NULL THEN quantity ELSE -quantity END
              FROM inventory_stockmovement WHERE cause_type = 'stock_document'
               AND kind NOT IN ('condition', 'place', 'seen', 'by_rule')) AS told
          JOIN catalogue_variant AS variant ON variant.id = told.variant_id GROUP BY variant.sku"""
    ):
        pieces[sku] += quantity
    return {sku: quantity for sku, quantity in pieces.items() if quantity}


def fingerprint() -> Any:
    """Whatever an act that was done before must leave as it is."""
    return [
        _rows(f"SELECT {columns} FROM {table} ORDER BY 1")
        for table, columns in {
            "inventory_stocklevel": "id, on_hand, reserved, oversold, safety_collect, safety_delivery",
            "inventory_demand": "id, level_id, held_for_id, quantity, consumed, released",
            "inventory_stockmovement": "id",
            "inventory_transferline": "id, sent, unsent, received, differs",
            "inventory_placelevel": "id, quantity",
            "inventory_storetask": "id, done_at",
            "orders_order": "id, status",
            "orders_orderline": "id, status, location_id, "
            "quantity_picked, quantity_fulfilled, quantity_cancelled, quantity_returned",
            "payments_paymententry": "id",
            "returns_return": "id, status",
        }.items()
    ]


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _named(sql: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
