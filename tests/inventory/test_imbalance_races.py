"""Imbalances worked out while somebody asks for one, or works them out too: real threads."""

from decimal import Decimal
from functools import partial

import pytest

from apps.core.errors import Conflict
from apps.inventory.models import Imbalance, SellThrough, StockLevel, Transfer
from apps.inventory.services.transfers.agreeing import agree_to_transfer
from apps.inventory.services.transfers.balancing import ask_for, work_out_all
from tests.shop import Shop, nothing_differs, open_shop
from tests.waiting import while_another_waits


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    """S1 sells one of A a day and has two; S2 has sixty and sells none."""
    shop = open_shop()
    shop.receive(shop.s1, A=2)
    shop.receive(shop.s2, A=60)
    SellThrough.objects.create(variant=shop.variants["A"], location=shop.s1, per_day=Decimal(1))
    return shop


def test_what_is_being_asked_for_is_not_put_in_the_list_again(shop):
    work_out_all()
    row = Imbalance.objects.get()
    while_another_waits(lambda: ask_for(imbalance=row, actor="user:1"), work_out_all)
    assert Transfer.objects.count() == 1
    assert not Imbalance.objects.filter(transfer=None).exists()
    assert nothing_differs()


def test_two_that_work_it_out_wait_for_each_other(shop):
    assert while_another_waits(work_out_all, work_out_all) == 1
    assert Imbalance.objects.count() == 1


def test_who_asks_for_what_is_worked_out_anew_is_told_to_look_again(shop):
    work_out_all()
    row = Imbalance.objects.get()
    with pytest.raises(Conflict):
        while_another_waits(work_out_all, lambda: ask_for(imbalance=row, actor="user:1"))
    assert not Transfer.objects.exists()


def test_what_is_asked_for_while_the_owner_agrees_to_the_rest_waits_for_their_word(shop):
    # given: S1, a franchisee's, is asked for A, and B is to be asked for too
    SellThrough.objects.all().delete()
    for sku in ("A", "B"):
        shop.receive(shop.s1, **{sku: 60})
        StockLevel.objects.filter(location=shop.s2, variant=shop.variants[sku]).update(on_hand=0)
        SellThrough.objects.create(variant=shop.variants[sku], location=shop.s2, per_day=Decimal(1))
    work_out_all()
    first, second = Imbalance.objects.order_by("variant__sku")
    transfer = ask_for(imbalance=first, actor="user:1")
    # when
    agree = partial(agree_to_transfer, number=transfer.number)
    other = while_another_waits(agree, lambda: ask_for(imbalance=second, actor="user:1"))
    # then
    assert (other.status, Transfer.objects.get(pk=transfer.pk).status) == ("asked", "to_send")
    assert shop.stock("B", shop.s1).reserved == 0
