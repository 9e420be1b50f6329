"""The same order sent by several threads at once is one order."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from apps.core.retry import in_transaction
from apps.orders.models import Order
from apps.orders.services import placing
from apps.orders.services.placing import Placed, place_order
from tests.orders.test_oversell import document
from tests.shop import Shop, open_shop

THREADS = 6


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return open_shop()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("around", [lambda work: work(), in_transaction], ids=["alone", "in a transaction"])
def test_twins_are_one_order(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, around: Callable[[Callable[[], Placed]], Placed]
) -> None:
    # given: nobody looks for the order before everybody has looked
    shop.receive(shop.s1, A=100)
    looked = threading.Barrier(THREADS)
    real, first_look = placing._known, threading.local()

    def look_together(*args: object) -> Placed | None:
        found = real(*args)
        if not hasattr(first_look, "done"):
            first_look.done = True
            looked.wait(timeout=20)
        return found

    monkeypatch.setattr(placing, "_known", look_together)

    def place(_n: int) -> Placed:
        try:
            return around(lambda: place_order(channel=shop.web, document=document(1, ("A", 1)), actor="test"))
        finally:
            connection.close()

    # when
    with ThreadPoolExecutor(THREADS) as pool:
        placed = list(pool.map(place, range(THREADS)))
    # then
    assert Order.objects.count() == 1
    assert {one.number for one in placed} == {Order.objects.get().number}
    assert sorted(one.is_new for one in placed) == [False] * (THREADS - 1) + [True]
    assert shop.stock("A").reserved == 1
