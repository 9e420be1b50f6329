"""Recalls: out of sale everywhere at once by the ledger, kept there whatever comes in, and back again."""

import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.core.errors import Conflict, InvalidInput
from apps.core.models import Event
from apps.core.retry import Overtaken
from apps.inventory.models import Condition, Reason, Recall, StockLevel, StockMovement, StoreTask
from apps.inventory.services import promising
from apps.inventory.services.availability import Question, availability
from apps.inventory.services.correcting import change_condition
from apps.inventory.services.counting import book_count
from apps.inventory.services.promising import reserve
from apps.inventory.services.recalls.starting import hold_what_slipped_through, lift_recall, start_recall
from apps.inventory.services.recalls.taking_off import take_off, to_set_apart
from apps.inventory.services.types import InsufficientStock, Recalled, Want
from tests.inventory.counting import sell
from tests.inventory.transfers import ask, receive, send
from tests.orders.counter import text_of
from tests.shop import Shop, nothing_differs, open_shop
from tests.staff import browser, person

WORDS = {"why": "The handle breaks", "advice": "Bring it back", "actor": "test"}


@pytest.fixture
def shop(db):
    shop = open_shop()
    shop.receive(shop.s1, A=10, B=10)
    shop.receive(shop.s2, A=6)
    shop.receive(shop.dc, A=20)
    return shop


def recall(shop: Shop, *skus: str, **words) -> Recall:
    return start_recall(variants=[shop.variants[sku] for sku in skus or ("A",)], **(WORDS | words))


def hold(shop: Shop, sku: str, pieces: int, location=None):
    with transaction.atomic():
        want = Want(1, shop.variants[sku].pk, Decimal(pieces), (location or shop.s1).pk)
        return reserve(channel_id=shop.web.pk, reference="basket", wants=[want])[0]


def there(shop: Shop, sku: str = "A", location=None) -> dict[str, Decimal]:
    """What lies in S1 (or there) of a product, by condition."""
    levels = StockLevel.objects.filter(variant__sku=sku, location=location or shop.s1)
    return {condition: q for condition, q in levels.values_list("condition", "on_hand") if q}


def test_it_is_out_of_sale_everywhere_at_once_and_everything_else_is_not(shop):
    # when
    found = recall(shop)
    # then
    for location, pieces in ((shop.s1, 10), (shop.s2, 6), (shop.dc, 20)):
        assert there(shop, location=location) == {"quality": pieces}
    answer = availability(Question(["A", "B"]))
    assert (answer["A"].delivery, answer["A"].here) == (0, [])
    assert there(shop, "B") == {"saleable": 10}
    moved = StockMovement.objects.filter(cause_type="recall", cause_id=found.number)
    assert moved.count() == 3
    assert Event.objects.get(topic="recall.started").payload["skus"] == ["A"]
    assert nothing_differs()


def test_nobody_is_promised_it_and_hears_why(shop):
    recall(shop)
    with pytest.raises(Recalled) as refused:
        hold(shop, "A", 1)
    assert (refused.value.code, refused.value.faults[0].code) == ("recalled", "recalled")
    with pytest.raises(InsufficientStock) as short:
        hold(shop, "B", 99)
    assert short.value.code == "insufficient_stock"


def test_a_webshop_gets_the_code_beside_the_line(shop):
    recall(shop)
    answer = shop.post("orders/", shop.order_body(("B", 1), ("A", 1)))
    assert answer.status_code == 409
    error = answer.json()["errors"][0]
    assert (error["code"], error["attr"]) == ("recalled", "lines.1.quantity")


def test_what_slipped_in_while_it_began_is_promised_to_nobody_and_set_apart_by_the_clock(shop):
    # given goods that a transaction, which had not heard of the recall, booked for sale
    recall(shop)
    StockLevel.objects.filter(variant__sku="A", location=shop.s1, condition="saleable").update(on_hand=4)
    # then
    with pytest.raises(Recalled):
        hold(shop, "A", 1)
    assert hold_what_slipped_through() == 1
    assert there(shop) == {"quality": 14}


def test_what_comes_in_later_is_set_apart_too(shop):
    # given goods on their way to S1
    coming = send(ask(shop, sender=shop.dc, receiver=shop.s1, A=3))
    recall(shop)
    # when they arrive, and the supplier brings more
    receive(coming)
    shop.receive(shop.s1, A=5, B=1)
    # then
    assert there(shop) == {"quality": 18}
    assert there(shop, "B") == {"saleable": 11}
    assert nothing_differs()


def test_a_till_that_sells_it_all_the_same_is_believed_and_raises_a_task(shop):
    recall(shop)
    sell(shop, "A", 1)
    assert there(shop) == {"quality": 10, "saleable": -1}
    assert StoreTask.objects.filter(kind="count_short", location=shop.s1).count() == 1
    assert nothing_differs()


def test_each_location_with_some_gets_a_task_with_how_many(shop):
    found = recall(shop)
    tasks = StoreTask.objects.filter(kind="take_off", cause_id=found.number)
    assert dict(tasks.values_list("location__code", "quantity")) == {"S1": 10, "S2": 6, "DC": 20}


@pytest.mark.parametrize(("set_apart", "left"), [(9, {"quality": 9}), (8, {"quality": 8}), (11, {"quality": 11})])
def test_the_store_says_how_many_it_set_apart_and_the_books_follow(shop, set_apart, left):
    # given a till that sold one of the ten after the recall
    recall(shop)
    sell(shop, "A", 1)
    task = StoreTask.objects.get(kind="take_off", location=shop.s1)
    assert to_set_apart(task) == 9
    # when
    take_off(task=task, quantity=Decimal(set_apart), actor="test")
    # then
    assert there(shop) == left
    assert StoreTask.objects.get(pk=task.pk).done_at is not None
    assert nothing_differs()
    with pytest.raises(Conflict):
        take_off(task=task, quantity=Decimal(set_apart), actor="test")


def test_a_second_wave_asks_the_store_again_for_all_there_is(shop):
    # given goods for sale again in S1, that has done its task, and in S2, that has not
    found = recall(shop)
    task = StoreTask.objects.get(kind="take_off", location=shop.s1)
    take_off(task=task, quantity=Decimal(10), actor="test")
    for location in (shop.s1, shop.s2):
        StockLevel.objects.filter(variant__sku="A", location=location, condition="saleable").update(on_hand=4)
    # when
    assert hold_what_slipped_through() == 2
    # then
    asked = StoreTask.objects.open().filter(kind="take_off", cause_id=found.number)
    assert dict(asked.values_list("location__code", "quantity")) == {"S1": 14, "S2": 10, "DC": 20}
    task = asked.get(pk=task.pk)
    assert (task.done_by, to_set_apart(task)) == ("", 14)
    # and what was set apart before is among it
    take_off(task=task, quantity=Decimal(14), actor="test")
    assert there(shop) == {"quality": 14}


def test_one_task_asks_for_the_goods_of_all_owners(shop):
    # given six in S1 that are its franchisor's
    level = StockLevel.objects.get(variant__sku="A", location=shop.s1, condition="saleable")
    other = shop.own if level.owner_id == shop.franchisee.pk else shop.franchisee
    StockLevel.objects.create(
        variant=level.variant, location=shop.s1, condition="saleable", owner=other, on_hand=Decimal(6)
    )
    # when
    recall(shop)
    # then
    task = StoreTask.objects.get(kind="take_off", location=shop.s1)
    assert (task.quantity, to_set_apart(task)) == (16, 16)


def test_a_count_ends_no_task_to_take_it_off_the_shelf(shop):
    recall(shop)
    book_count(
        location=shop.s1,
        counted={shop.variants["A"].pk: Decimal(0)},
        reference="c",
        counted_at=timezone.now(),
        actor="test",
    )
    assert StoreTask.objects.open().filter(kind="take_off", location=shop.s1).exists()


def test_nobody_puts_single_pieces_back_for_sale(shop):
    recall(shop)
    with pytest.raises(Conflict) as refused:
        change_condition(
            location=shop.s1,
            variant=shop.variants["A"],
            quantity=Decimal(1),
            source=Condition.QUALITY,
            reason=Reason.SOUND,
            reference="",
            actor="test",
        )
    assert refused.value.code == "recalled"


def test_lifting_gives_back_what_it_held_and_not_what_lay_there_before(shop):
    # given two that were in quality control anyway, and five that came later
    change_condition(
        location=shop.s1,
        variant=shop.variants["A"],
        quantity=Decimal(2),
        source=Condition.SALEABLE,
        reason=Reason.INSPECT,
        reference="",
        actor="test",
    )
    found = recall(shop)
    shop.receive(shop.s1, A=5)
    # when
    lift_recall(recall=found, actor="test")
    # then
    assert there(shop) == {"quality": 2, "saleable": 13}
    assert there(shop, location=shop.dc) == {"saleable": 20}
    assert not StoreTask.objects.open().filter(kind="take_off").exists()
    hold(shop, "A", 13)
    assert nothing_differs()
    with pytest.raises(Conflict):
        lift_recall(recall=found, actor="test")


def test_a_product_is_recalled_once_at_a_time_and_may_be_again(shop):
    first = recall(shop)
    with pytest.raises(Conflict):
        recall(shop, "B", "A")
    assert there(shop, "B") == {"saleable": 10}
    lift_recall(recall=first, actor="test")
    recall(shop, "A", "B")
    assert there(shop, "B") == {"quality": 10}


def test_promises_made_before_are_oversold_until_somebody_decides(shop):
    hold(shop, "A", 4)
    recall(shop)
    level = shop.stock("A")
    assert (level.on_hand, level.reserved, level.oversold) == (0, 4, 4)
    assert not StoreTask.objects.filter(kind="count_short").exists()
    assert nothing_differs()


def test_a_receipt_while_a_recall_begins_waits_or_is_held(transactional_db):
    """Real threads: whichever comes first, nothing is for sale afterwards."""
    shop = open_shop()
    shop.receive(shop.s1, A=10)
    start = threading.Barrier(3)

    def run(act) -> None:
        try:
            start.wait(timeout=20)
            act()
        finally:
            connection.close()

    acts = [
        lambda: recall(shop),
        lambda: [shop.receive(shop.s1, A=1) for _ in range(5)],
        lambda: [sell(shop, "A", 1) for _ in range(3)],
    ]
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    hold_what_slipped_through()
    # then
    levels = there(shop)
    assert sum(levels.values()) == 12
    assert levels.get("saleable", 0) <= 0
    assert nothing_differs()


def sort(shop, *, of_batch: int, others: int, location=None) -> None:
    task = StoreTask.objects.get(kind="take_off", location=location or shop.s1)
    take_off(task=task, quantity=Decimal(of_batch), others=Decimal(others), actor="test")


def test_a_store_that_sorted_its_goods_sells_the_other_batches_and_no_other_store_does(shop):
    # given
    found = recall(shop, batch="L-2026-11")
    # when
    sort(shop, of_batch=3, others=7)
    # then
    assert there(shop) == {"supplier": 3, "saleable": 7}
    hold(shop, "A", 7)
    with pytest.raises(Recalled):
        hold(shop, "A", 1, shop.s2)
    assert there(shop, location=shop.s2) == {"quality": 6}
    assert availability(Question(["A"]))["A"].here == []  # all seven are promised
    # and the clock leaves them alone, while what comes in later is looked at by nobody yet
    assert hold_what_slipped_through() == 0
    shop.receive(shop.s1, A=4)
    assert there(shop) == {"supplier": 3, "saleable": 7, "quality": 4}
    assert nothing_differs()
    # and lifting gives back what nobody found to be of the batch
    lift_recall(recall=found, actor="test")
    assert there(shop) == {"supplier": 3, "saleable": 11}
    assert nothing_differs()


def test_what_a_store_counts_of_a_batch_is_found_or_lost_as_without_one(shop):
    # given a till that sold one of the ten after the recall
    recall(shop, batch="L-2026-11")
    sell(shop, "A", 1)
    # when the store finds ten all the same
    sort(shop, of_batch=4, others=6)
    # then
    assert there(shop) == {"supplier": 4, "saleable": 6}
    assert nothing_differs()


def test_without_a_batch_there_is_nothing_to_sort(shop):
    recall(shop)
    with pytest.raises(InvalidInput):
        sort(shop, of_batch=3, others=7)
    assert there(shop) == {"quality": 10}


# --- pages ------------------------------------------------------------------------------------------------------------


def test_head_office_recalls_a_product_with_all_its_variants(shop):
    # given
    client = browser(person("Mirjam Vos", "head_office"))
    form = {"codes": "P-A\nb", "why": "The handle breaks", "advice": "Bring it back", "batch": "L-2026-11"}
    # when
    assert client.post("/stock/recalls/start/", form | {"codes": "P-A NOTHING"}).status_code == 422
    answer = client.post("/stock/recalls/start/", form)
    # then
    found = Recall.objects.get()
    assert answer["Location"] == found.get_absolute_url()
    assert there(shop) == {"quality": 10}
    page = text_of(client.get(found.get_absolute_url()))
    for words in (
        "The handle breaks",
        "L-2026-11",
        "a store sells on once it has sorted its goods",
        "0 of 4",
        "Still on the shelf",
    ):
        assert words in page
    assert found.number in text_of(client.get("/stock/recalls/"))


def test_the_store_is_told_where_it_looks_and_finishes_its_task(shop):
    # given
    bo = browser(person("Bo Jansen", "store_associate", location=shop.s1))
    recall(shop)
    # then
    for path in ("/stock/of/A/", "/stock/tasks/"):
        assert "ecall" in text_of(bo.get(path))
    assert "Recalled: do not sell it" in text_of(bo.post("/scan/", {"code": "A"}))
    # when
    task = StoreTask.objects.get(kind="take_off", location=shop.s1)
    page = text_of(bo.get(f"/stock/recalls/take-off/?task={task.pk}"))
    assert 'value="10"' in page
    bo.post(f"/stock/recalls/take-off/?task={task.pk}", {"task": task.pk, "quantity": "10"})
    # then
    assert not StoreTask.objects.open().filter(pk=task.pk).exists()
    other = StoreTask.objects.get(kind="take_off", location=shop.s2)
    assert bo.get(f"/stock/recalls/take-off/?task={other.pk}").status_code == 404
    # and without a task there is nothing to say, so nothing to send
    page = text_of(bo.get("/stock/recalls/take-off/"))
    assert "Which goods?" in page
    assert "It is set apart" not in page


def test_of_a_batch_the_store_says_how_many_are_of_another(shop):
    # given
    bo, mirjam = browser(person("Bo Jansen", "store_associate", location=shop.s1)), browser(person("M", "head_office"))
    found = recall(shop, batch="L-2026-11")
    task = StoreTask.objects.get(kind="take_off", location=shop.s1)
    path = f"/stock/recalls/take-off/?task={task.pk}"
    # when
    page = text_of(bo.get(path))
    assert "How many are of batch L-2026-11" in page
    assert "By the books there are 10." in page
    assert 'value="10"' not in page  # they have to look
    assert bo.post(path, {"task": task.pk, "quantity": "10"}).status_code == 422
    bo.post(path, {"task": task.pk, "quantity": "1", "others": "9"})
    # then
    assert there(shop) == {"supplier": 1, "saleable": 9}
    assert "For sale again" in text_of(mirjam.get(found.get_absolute_url()))


def test_lifting_asks_why(shop):
    client = browser(person("Mirjam Vos", "head_office"))
    found = recall(shop)
    assert client.post(f"{found.get_absolute_url()}lift/").status_code == 422
    assert client.post(f"{found.get_absolute_url()}lift/", {"reason": "All were inspected"}).status_code == 302
    assert there(shop) == {"saleable": 10}


def test_who_waited_for_the_lock_while_a_recall_began_is_refused_as_it_writes(shop, monkeypatch):
    # given goods that came in by a transaction that saw no recall, and a promise whose lock was asked for before it
    recall(shop)
    StockLevel.objects.filter(variant__sku="A", location=shop.s1, condition="saleable").update(on_hand=5)
    asks = f"AND NOT {promising._IS_RECALLED}"
    assert asks in promising._LOCK
    monkeypatch.setattr(promising, "_LOCK", promising._LOCK.replace(asks, ""))
    # then nothing is promised
    with pytest.raises(Overtaken):
        hold(shop, "A", 1)
    assert shop.stock("A").reserved == 0
