"""Taking goods back over the counter: everything at once, in any store, exactly once."""

from decimal import Decimal

import pytest
from django.utils import timezone

from apps.core.models import Event
from apps.core.reconcile import reconcile
from apps.inventory.models import StockLevel, StockMovement
from apps.network.models import Location
from apps.orders.models import Order, OrderLine
from apps.payments.models import PaymentEntry
from apps.returns.models import Return, ReturnLine
from apps.returns.services.accepting import accept_in_store, quote_return
from apps.returns.services.announcing import DuplicateReturn
from apps.returns.services.types import Accepted, Announced, NotReturnable
from tests.returns.purchases import collected, sold
from tests.shop import Shop


def take_back(
    store: Location, order: Order, *lines: tuple[int, str], reference: str = "desk-1", grade: str = "saleable"
) -> Return:
    return accept_in_store(
        location=store,
        lines=[Accepted(order=order.number, line=n, quantity=Decimal(q), grade=grade) for n, q in lines],
        reference=reference,
        occurred_at=timezone.now(),
        actor="user:1",
    )


def no_differences() -> bool:
    return [o.check.name for o in reconcile() if o.differences] == []


def test_a_web_order_comes_back_in_another_store(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "2", "0"), ("B", "1", "0"))
    # when
    rma = take_back(shop.s2, order, (1, "1"))
    # then
    assert (rma.status, rma.total, rma.currency, rma.location) == ("settled", Decimal("10.00"), "EUR", shop.s2)
    assert rma.source_record == order.source_record
    line = OrderLine.objects.get(order=order, line=1)
    assert (line.quantity_returned, line.quantity_returning, line.status) == (1, 0, "collected")
    entry = PaymentEntry.objects.get(kind="refunded")
    assert (entry.amount, entry.tender.method, entry.legal_entity) == (Decimal("10.00"), "ideal", shop.own)
    assert shop.stock("A", shop.s2).on_hand == 1
    assert shop.stock("A", shop.s2).owner == shop.own
    assert no_differences()


def test_stock_joins_the_owner_of_the_day_of_the_receiving_store(shop: Shop) -> None:
    # given
    order = sold(shop, shop.s2, ("A", "1", "10.00"))
    # when
    take_back(shop.s1, order, (1, "1"))
    # then
    level = shop.stock("A", shop.s1)
    assert (level.on_hand, level.owner) == (21, shop.franchisee)


def test_damaged_goods_are_set_apart(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "1", "0"))
    # when
    take_back(shop.s2, order, (1, "1"), grade="damaged")
    # then
    level = StockLevel.objects.get(variant__sku="A", location=shop.s2)
    assert (level.condition, level.on_hand) == ("damaged", 1)
    assert StockMovement.objects.get(kind="return").to_condition == "damaged"


def test_one_piece_for_the_shelf_and_one_damaged(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "3", "0.01"))
    # when
    rma = accept_in_store(
        location=shop.s2,
        lines=[
            Accepted(order.number, 1, Decimal(1), grade="saleable"),
            Accepted(order.number, 1, Decimal(2), grade="damaged"),
        ],
        reference="desk",
        occurred_at=timezone.now(),
        actor="user:1",
    )
    # then
    levels = {lv.condition: lv.on_hand for lv in StockLevel.objects.filter(location=shop.s2)}
    assert levels == {"saleable": 1, "damaged": 2}
    assert rma.total == Decimal("29.99")


def test_parts_add_up_to_the_line_and_its_vat_to_the_cent(shop: Shop) -> None:
    # given three pieces for 29.99, of which 5.20 VAT: neither divides by three
    order = collected(shop, ("A", "3", "0.01"))
    bought = OrderLine.objects.get(order=order)
    # when
    for n in range(3):
        take_back(shop.s2, order, (1, "1"), reference=f"desk-{n}")
    # then
    lines = ReturnLine.objects.order_by("pk")
    assert [line.amount for line in lines] == [Decimal("10.00"), Decimal("9.99"), Decimal("10.00")]
    assert sum(line.amount for line in lines) == bought.amount == Decimal("29.99")
    assert sum(line.vat_amount or 0 for line in lines) == bought.vat_amount
    order.payment_account.refresh_from_db()
    assert order.payment_account.refunded == Decimal("29.99")
    order.refresh_from_db()
    assert order.status == "returned"
    assert no_differences()


def test_a_whole_line_returned_leaves_the_order_with_its_other_line(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "1", "0"), ("B", "1", "0"))
    # when
    take_back(shop.s1, order, (1, "1"))
    # then
    order.refresh_from_db()
    assert order.status == "collected"
    assert [line.status for line in order.lines.order_by("line")] == ["returned", "collected"]


def test_the_event_says_what_came_back(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "2", "0"))
    # when
    rma = take_back(shop.s2, order, (1, "2"))
    # then
    event = Event.objects.get(topic="return.settled")
    assert (event.object_key, event.origin) == (rma.number, "live")
    assert event.payload == {
        "return": rma.number,
        "channel": "S2",
        "location": "S2",
        "currency": "EUR",
        "business_date": rma.business_date.isoformat(),
        "lines": [{"line": 1, "order": order.number, "order_line": 1, "quantity": "2", "amount": "20.00"}],
    }


def test_the_same_desk_pressing_twice_takes_back_once(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "2", "0"))
    first = take_back(shop.s2, order, (1, "1"))
    # when
    again = take_back(shop.s2, order, (1, "1"))
    # then
    assert again == first
    assert Return.objects.count() == 1
    assert OrderLine.objects.get(order=order).quantity_returned == 1
    with pytest.raises(DuplicateReturn):
        take_back(shop.s2, order, (1, "2"))


def test_not_more_than_was_bought(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "2", "0"))
    take_back(shop.s2, order, (1, "1"))
    # when
    with pytest.raises(NotReturnable) as refusal:
        take_back(shop.s1, order, (1, "2"), reference="desk-2")
    # then
    fault = refusal.value.faults[0]
    assert (fault.code, fault.attr, fault.extra) == ("not_returnable", "lines.0.quantity", {"returnable": "1"})
    assert Return.objects.count() == 1
    assert PaymentEntry.objects.filter(kind="refunded").count() == 1


def test_two_lines_of_one_return_share_what_is_left(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "2", "0"))
    # then
    with pytest.raises(NotReturnable):
        take_back(shop.s2, order, (1, "1"), (1, "2"))


def test_what_was_not_handed_over_cannot_come_back(shop: Shop) -> None:
    # given
    from tests.returns.purchases import order

    placed = order(shop, ("A", "1", "0"))
    # then
    with pytest.raises(NotReturnable):
        take_back(shop.s1, placed, (1, "1"))


def test_an_unpaid_invoice_is_owed_less_but_nothing_is_paid_out(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "1", "0"), terms="invoice")
    # when
    rma = take_back(shop.s1, order, (1, "1"))
    # then
    assert (rma.status, rma.total) == ("settled", Decimal("10.00"))
    assert not PaymentEntry.objects.filter(kind="refunded").exists()
    assert no_differences()


def test_a_quote_writes_nothing(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "3", "0.01"))
    # when
    taken = quote_return(lines=[Announced(order.number, Decimal(2), line=1)])
    # then
    assert [t.worth.amount for t in taken] == [Decimal("19.99")]
    assert not Return.objects.exists()
    assert OrderLine.objects.get(order=order).quantity_returning == 0
