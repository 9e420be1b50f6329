"""Never promised twice: real threads on real PostgreSQL, and proof that the test can fail."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.core.reconcile import reconcile
from apps.inventory.services import promising
from apps.inventory.services.types import InsufficientStock
from apps.orders.models import Order
from apps.orders.services.placing import place_order
from apps.orders.services.types import OrderDocument, OrderedLine
from tests.shop import Shop, open_shop

THREADS = 16


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return open_shop()


def document(n: int, *lines: tuple[str, int]) -> OrderDocument:
    return OrderDocument(
        external_id=f"RACE-{n}",
        placed_at=timezone.now(),
        currency="EUR",
        method="collect",
        location="S1",
        lines=[OrderedLine(sku, Decimal(q), Decimal("10.00")) for sku, q in lines],
        payment_terms="on_collection",
        fingerprint=str(n),
    )


def race(shop: Shop, orders: int, lines_of: Callable[[int], list[tuple[str, int]]]) -> Counter[str]:
    """Let 16 threads place orders at the same moment; count what became of them."""
    start = threading.Barrier(THREADS)

    def place(worker: int) -> list[str]:
        outcomes = []
        try:
            start.wait(timeout=20)
            for n in range(worker, orders, THREADS):
                try:
                    place_order(channel=shop.web, document=document(n, *lines_of(n)), actor="test")
                    outcomes.append("sold")
                except InsufficientStock as error:
                    says_what_is_left = all("available" in fault.extra for fault in error.faults)
                    outcomes.append("refused" if says_what_is_left else "refused without a word")
        finally:
            connection.close()
        return outcomes

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(outcome for outcomes in pool.map(place, range(THREADS)) for outcome in outcomes)


@pytest.mark.django_db(transaction=True)
def test_the_last_pieces_are_sold_once(shop):
    # given
    shop.receive(shop.s1, A=50)
    # when
    outcomes = race(shop, 64, lambda n: [("A", 1)])
    # then
    assert outcomes == {"sold": 50, "refused": 14}
    assert shop.stock("A").reserved == 50
    assert Order.objects.count() == 50
    assert [o.differences for o in reconcile() if o.differences] == []


@pytest.mark.django_db(transaction=True)
def test_several_lines_in_opposite_orders(shop):
    # given
    shop.receive(shop.s1, A=20, B=20, C=20)
    # when: even orders take A, B, C, odd ones C, B, A
    outcomes = race(shop, 48, lambda n: [(s, 1) for s in ("ABC" if n % 2 else "CBA")])
    # then
    assert outcomes == {"sold": 20, "refused": 28}
    assert {shop.stock(sku).reserved for sku in "ABC"} == {20}


@pytest.mark.django_db(transaction=True)
def test_the_same_sku_twice_in_one_order(shop):
    # given
    shop.receive(shop.s1, A=31)
    # when: each order wants 1 + 2 pieces
    outcomes = race(shop, 32, lambda n: [("A", 1), ("A", 2)])
    # then
    assert outcomes == {"sold": 10, "refused": 22}
    assert shop.stock("A").reserved == 30


def _lock_without_waiting(real: Callable[..., Any]) -> Callable[..., Any]:
    """What everybody does who forgets the lock: read first, then let the others read too."""
    start, mine = threading.Barrier(THREADS), threading.local()

    def read(parts: Any, **asked: Any) -> Any:
        with connection.cursor() as cursor:
            pairs = sorted({(part.location_id, part.want.variant_id) for part in parts})
            cursor.execute(
                "SELECT id, variant_id, location_id, on_hand - reserved, 0::numeric, 0::numeric FROM inventory_stocklevel "
                "WHERE location_id = %s AND variant_id = %s",
                pairs[0],
            )
            rows = [promising._Level(*row) for row in cursor.fetchall()]
        if not hasattr(mine, "waited"):  # who was overtaken tries again, alone
            mine.waited = True
            start.wait(timeout=20)
        return rows

    return read


@pytest.mark.django_db(transaction=True)
def test_without_the_guards_it_oversells(shop, monkeypatch):
    """The proof that the tests above test something: no lock, no condition, no constraint, and 16 orders take one piece."""
    # given
    shop.receive(shop.s1, A=1)
    monkeypatch.setattr(promising, "_lock", _lock_without_waiting(promising._lock))
    guard = "AND level.on_hand - level.reserved >= k.quantity"
    assert guard in promising._HOLD
    monkeypatch.setattr(promising, "_HOLD", promising._HOLD.replace(guard, ""))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE inventory_stocklevel DROP CONSTRAINT promised_at_most_once")
    try:
        # when
        outcomes = race(shop, THREADS, lambda n: [("A", 1)])
        # then
        assert outcomes["sold"] == THREADS
        assert shop.stock("A").reserved == THREADS
    finally:
        _put_the_constraint_back()


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_condition_still_holds(shop, monkeypatch):
    """Even a caller that forgot to lock cannot promise twice: the update repeats the condition."""
    # given
    shop.receive(shop.s1, A=1)
    monkeypatch.setattr(promising, "_lock", _lock_without_waiting(promising._lock))
    # when
    outcomes = race(shop, THREADS, lambda n: [("A", 1)])
    # then
    assert outcomes == {"sold": 1, "refused": THREADS - 1}
    assert shop.stock("A").reserved == 1


def _put_the_constraint_back() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_stocklevel SET reserved = 0")
        cursor.execute(
            "ALTER TABLE inventory_stocklevel ADD CONSTRAINT promised_at_most_once CHECK "
            "(reserved >= 0 AND oversold >= 0 AND reserved <= GREATEST(on_hand, 0) + oversold)"
        )
