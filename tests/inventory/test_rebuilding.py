"""Rebuilding a stock level from the ledger, also while the shop sells."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection, transaction

from apps.catalogue.models import Variant
from apps.core.errors import Conflict
from apps.core.models import Change, Event
from apps.core.retry import in_transaction
from apps.inventory.models import Condition, StockLevel, StockMovement, StoreTask
from apps.inventory.services.promising import cancel_reservation, reserve
from apps.inventory.services.rebuilding import rebuild_level
from apps.inventory.services.types import InsufficientStock, Want
from tests.inventory.counting import sell
from tests.orders.counter import text_of
from tests.shop import Shop, nothing_differs, open_shop
from tests.staff import browser, person


@pytest.fixture
def shop(db):
    shop = open_shop()
    shop.receive(shop.s1, A=10)
    return shop


def spoil(**figures) -> None:
    StockLevel.objects.filter(variant__sku="A", location__code="S1").update(**figures)


def level_of(shop: Shop) -> dict:
    return {
        "variant": Variant.objects.get(sku="A"),
        "location": shop.s1,
        "condition": Condition.SALEABLE,
        "owner": shop.franchisee,
    }


def hold(shop: Shop, pieces: int):
    with transaction.atomic():
        want = Want(1, shop.variants["A"].pk, Decimal(pieces), shop.s1.pk)
        return reserve(channel_id=shop.web.pk, reference="basket", wants=[want])[0]


def test_a_level_becomes_what_its_movements_and_promises_add_up_to(shop):
    # given four promised, and both figures wrong
    hold(shop, 4)
    spoil(on_hand=13, reserved=1)
    booked = StockMovement.objects.count()
    # when
    books = rebuild_level(**level_of(shop))
    # then
    level = shop.stock("A")
    assert (books.on_hand, books.ledger, books.reserved, books.held) == (13, 10, 1, 4)
    assert (level.on_hand, level.reserved, level.oversold) == (10, 4, 0)
    assert StockMovement.objects.count() == booked
    assert nothing_differs()


def test_a_level_that_was_lost_is_made_again(shop):
    StockLevel.objects.filter(variant__sku="A", location__code="S1").delete()
    rebuild_level(**level_of(shop))
    assert shop.stock("A").on_hand == 10


def test_what_was_promised_of_goods_that_never_were_is_a_count_to_make(shop):
    # given a figure that was too high, so that more was promised than there is
    spoil(on_hand=20)
    hold(shop, 13)
    # when
    rebuild_level(**level_of(shop))
    # then
    level, task = shop.stock("A"), StoreTask.objects.get()
    assert (level.on_hand, level.reserved, level.oversold) == (10, 13, 3)
    assert (task.kind, task.quantity, task.location) == ("count_short", 3, shop.s1)
    assert nothing_differs()


def test_a_level_that_is_right_is_left_alone(shop):
    with pytest.raises(Conflict):
        rebuild_level(**level_of(shop))
    assert not Event.objects.filter(topic="stock.rebuilt").exists()


def test_head_office_sees_what_changes_says_why_and_it_is_kept(shop):
    # given
    mirjam = person("Mirjam Vos", "head_office")
    client, path = browser(mirjam), "/stock/of/A/rebuild/S1/saleable/F01/"
    spoil(on_hand=13)
    # when
    page = text_of(client.get(path))
    assert "on hand goes from 13 to 10, reserved from 0 to 0" in page
    assert client.post(path, {"reason": ""}).status_code == 422
    assert shop.stock("A").on_hand == 13
    answer = client.post(path, {"reason": "Restored from a backup"})
    # then
    assert (answer.status_code, answer["Location"]) == (302, "/stock/of/A/")
    assert shop.stock("A").on_hand == 10
    event = Event.objects.get(topic="stock.rebuilt")
    assert event.payload["on_hand"] == ["13", "10"]
    assert Change.objects.get(object_type="variant", object_key="A").reason == "Restored from a backup"
    assert "Restored from a backup" in text_of(client.get("/stock/of/A/?part=audit"))
    # and a second press finds nothing to put right
    assert client.post(path, {"reason": "again"}).status_code == 409


@pytest.mark.parametrize("path", ["S1/gone/F01", "S9/saleable/F01", "S1/saleable/X"])
def test_a_level_that_cannot_be_is_not_found(shop, path):
    client = browser(person("Mirjam Vos", "head_office"))
    assert client.post(f"/stock/of/A/rebuild/{path}/", {"reason": "x"}).status_code == 404


def test_a_count_opens_for_the_place_that_differs(shop):
    client = browser(person("Mirjam Vos", "head_office"))
    page = text_of(client.get("/stock/counts/open/?basis=given&sku=A&location=S1"))
    assert '<option value="S1" selected>' in page


def test_rebuilding_while_the_shop_sells_and_promises_loses_nothing(transactional_db):
    """Real threads: whoever books while a level is rebuilt is in its sum, or adds to it."""
    # given
    shop = open_shop()
    shop.receive(shop.s1, A=60)
    start, stop = threading.Barrier(5), threading.Event()

    def trade() -> None:
        for n in range(8):
            held = in_transaction(lambda: hold(shop, 1))
            sell(shop, "A", 1)
            if n % 2:
                in_transaction(lambda held=held: cancel_reservation(key=str(held.key)))

    def run(act) -> None:
        try:
            start.wait(timeout=20)
            act()
        finally:
            connection.close()

    def rebuild() -> None:
        while not stop.is_set():
            with transaction.atomic():  # somebody else's mistake, of one and the same moment
                level = StockLevel.objects.select_for_update().get(variant__sku="A", location__code="S1")
                StockLevel.objects.filter(pk=level.pk).update(on_hand=level.on_hand + 2)
            rebuild_level(**level_of(shop))

    # when
    with ThreadPoolExecutor(5) as pool:
        wrong = pool.submit(run, rebuild)
        done = [pool.submit(run, trade) for _ in range(4)]
        try:
            for each in done:
                each.result(timeout=60)
        finally:
            stop.set()
        wrong.result(timeout=60)
    # then
    level = shop.stock("A")
    assert (level.on_hand, level.reserved) == (60 - 32, 16)
    assert nothing_differs()


def test_a_sale_between_reading_the_ledger_and_writing_the_level_waits(transactional_db):
    # given a rebuild that pauses where it has read the ledger, and a till that sells right then
    shop = open_shop()
    shop.receive(shop.s1, A=10)
    spoil(on_hand=13)
    sold, tills = threading.Event(), []

    def ring_up() -> None:
        try:
            sell(shop, "A", 4)
            sold.set()
        finally:
            connection.close()

    def pause(execute, sql, *rest):
        if sql.startswith('UPDATE "inventory_stocklevel"') and not tills:
            tills.append(threading.Thread(target=ring_up))
            tills[0].start()
            assert not sold.wait(timeout=0.4)
        return execute(sql, *rest)

    # when
    with connection.execute_wrapper(pause):
        rebuild_level(**level_of(shop))
    tills[0].join(timeout=30)
    # then
    assert sold.is_set()
    assert shop.stock("A").on_hand == 6
    assert nothing_differs()


def test_nobody_is_promised_what_a_rebuilt_level_has_not_got(shop):
    spoil(on_hand=20)
    rebuild_level(**level_of(shop))
    with pytest.raises(InsufficientStock):
        hold(shop, 11)
