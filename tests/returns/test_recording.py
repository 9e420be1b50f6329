"""Returns that already happened: till tickets and imported credit notes."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.models import Event
from apps.core.reconcile import reconcile
from apps.customers.services.recognising import recognise
from apps.inventory.models import StockLevel
from apps.network.models import Channel
from apps.orders.models import Order, OrderLine
from apps.payments.models import PaymentAccount, PaymentEntry
from apps.payments.services.types import Tendered
from apps.returns.models import Return
from apps.returns.services.recording import record_returns
from apps.returns.services.types import RecordedReturn, ReturnSale, ReturnSaleLine
from tests.returns.purchases import JAN, sold
from tests.shop import Shop


def line(shop: Shop, n: int, amount: str, *, of: OrderLine | None = None, sku: str = "A", **changes: Any) -> Any:
    values = {
        "line": n,
        "sku": sku,
        "name": f"Product {sku}",
        "quantity": Decimal(1),
        "unit_price": Decimal("10.00"),
        "amount": Decimal(amount),
        "variant_id": shop.variants[sku].pk if sku in shop.variants else None,
        "order_line_id": of.pk if of else None,
    }
    return ReturnSaleLine(**values | changes)


def returned(shop: Shop, name: str, *lines: ReturnSaleLine, **changes: Any) -> ReturnSale:
    at = timezone.now()
    values = {
        "channel_id": Channel.objects.get(code="S2").pk,
        "external_id": name,
        "fingerprint": name,
        "occurred_at": at,
        "business_date": at.date(),
        "currency": "EUR",
        "legal_entity_id": shop.own.pk,
        "location_id": shop.s2.pk,
        "lines": lines,
    }
    return ReturnSale(**values | changes)


def record(*returns: ReturnSale, **how: Any) -> list[RecordedReturn]:
    with transaction.atomic():
        return record_returns(returns, actor="test", **how)


def bought(order: Order, n: int = 1) -> OrderLine:
    return OrderLine.objects.get(order=order, line=n)


def all_is_well() -> bool:
    return [o.check.name for o in reconcile() if o.differences] == []


def test_a_till_return_of_a_known_sale(shop: Shop) -> None:
    # given
    order = sold(shop, shop.s1, ("A", "2", "15.99"), ("B", "1", "4.00"))
    # when
    recorded = record(
        returned(shop, "T1", line(shop, 1, "7.99", of=bought(order)), tenders=(Tendered("pin", Decimal("7.99")),))
    )
    # then
    rma = Return.objects.get(number=recorded[0].number)
    assert recorded == [RecordedReturn(rma.pk, rma.number, rma.channel_id, "T1", True)]
    assert (rma.status, rma.total, rma.payment_account, rma.location) == ("settled", Decimal("7.99"), None, shop.s2)
    assert bought(order).quantity_returned == 1
    entry = PaymentEntry.objects.get(kind="refunded")
    assert (entry.account, entry.amount, entry.tender.method) == (order.payment_account, Decimal("7.99"), "pin")
    assert shop.stock("A", shop.s2).on_hand == 1
    event = Event.objects.get(topic="return.settled")
    assert event.payload["lines"] == [
        {"line": 1, "order": order.number, "order_line": 1, "quantity": "1", "amount": "7.99"}
    ]
    assert all_is_well()


def test_a_return_without_a_receipt_is_paid_out_of_its_own_account(shop: Shop) -> None:
    # when
    record(returned(shop, "T1", line(shop, 1, "8.50"), tenders=(Tendered("cash", Decimal("8.50")),)))
    # then
    rma = Return.objects.get()
    account = rma.payment_account
    assert account is not None
    assert (account.unreferenced, account.refunded, account.captured) == (True, Decimal("8.50"), 0)
    assert [t.method for t in account.tenders.all()] == ["cash"]
    assert rma.lines.get().order_line is None
    assert shop.stock("A", shop.s2).on_hand == 1
    assert all_is_well()


def test_a_return_of_known_and_unknown_goods_and_a_charge(shop: Shop) -> None:
    # given
    order = sold(shop, shop.s1, ("A", "1", "10.00"))
    # when
    record(
        returned(
            shop,
            "T1",
            line(shop, 1, "10.00", of=bought(order)),
            line(shop, 2, "3.00", sku="B"),
            line(shop, 3, "2.50", sku="POST", charge_type="delivery"),
            tenders=(Tendered("pin", Decimal("12.00")), Tendered("cash", Decimal("3.50"))),
        )
    )
    # then
    rma = Return.objects.get()
    assert (rma.total, rma.payment_account.refunded) == (Decimal("15.50"), Decimal("5.50"))
    own = rma.payment_account.tenders.values_list("method", "refunded")
    assert sorted(own) == [("cash", Decimal("3.50")), ("pin", Decimal("2.00"))]
    order.payment_account.refresh_from_db()
    assert order.payment_account.refunded == Decimal("10.00")
    assert StockLevel.objects.filter(location=shop.s2).count() == 2
    assert Order.objects.get().status == "returned"
    assert all_is_well()


def test_what_exceeds_the_purchase_is_not_laid_on_it(shop: Shop) -> None:
    # given a purchase of two, and tickets that give back three and then one more
    order = sold(shop, shop.s1, ("A", "2", "20.00"))
    three = line(shop, 1, "29.99", of=bought(order), quantity=Decimal(3), vat_amount=Decimal("5.20"))
    # when
    record(returned(shop, "T1", three), returned(shop, "T2", line(shop, 1, "10.00", of=bought(order))))
    # then
    first, second = Return.objects.order_by("pk")
    lines = list(first.lines.values_list("quantity", "amount", "order_line"))
    assert lines == [(2, Decimal("19.99"), bought(order).pk), (1, Decimal("10.00"), None)]
    assert sum(ln.vat_amount or 0 for ln in first.lines.all()) == Decimal("5.20")
    assert second.lines.get().order_line is None
    assert bought(order).quantity_returned == 2
    order.payment_account.refresh_from_db()
    assert order.payment_account.refunded == Decimal("19.99")
    assert all_is_well()


def test_what_was_paid_otherwise_goes_out_of_the_returns_own_account(shop: Shop) -> None:
    # given a sale on account, of which nothing was paid
    order = sold(shop, shop.s1, ("A", "1", "10.00"), tenders=[])
    # when
    record(returned(shop, "T1", line(shop, 1, "10.00", of=bought(order))))
    # then
    rma = Return.objects.get()
    assert (bought(order).quantity_returned, rma.payment_account.refunded) == (1, Decimal("10.00"))
    assert [t.method for t in rma.payment_account.tenders.all()] == ["unknown"]


def test_the_return_belongs_to_whoever_bought_it(shop: Shop) -> None:
    # given a customer known at the sale, and a ticket that names nobody
    [record_id] = recognise([JAN], actor="test")
    order = sold(shop, shop.s1, ("A", "1", "10.00"), source_record_id=record_id)
    # when
    record(returned(shop, "T1", line(shop, 1, "10.00", of=bought(order))), returned(shop, "T2", line(shop, 1, "10.00")))
    # then
    assert list(Return.objects.order_by("pk").values_list("source_record", flat=True)) == [record_id, None]


def test_recorded_again_changes_nothing(shop: Shop) -> None:
    # given
    order = sold(shop, shop.s1, ("A", "2", "20.00"))
    ticket = returned(shop, "T1", line(shop, 1, "10.00", of=bought(order)))
    first = record(ticket, ticket)
    # when
    again = record(ticket, returned(shop, "T2", line(shop, 1, "10.00", of=bought(order))))
    # then
    assert [r.is_new for r in (*first, *again)] == [True, True, False, True]
    assert again[0].number == first[0].number == first[1].number
    assert Return.objects.count() == 2
    assert bought(order).quantity_returned == 2
    assert shop.stock("A", shop.s2).on_hand == 2


def test_history_moves_no_stock_unless_asked(shop: Shop) -> None:
    # given
    long_ago = dt.datetime(2021, 3, 1, 12, tzinfo=dt.UTC)
    order = sold(shop, shop.s1, ("A", "2", "20.00"), at=long_ago, origin="history")
    moment = {"occurred_at": long_ago, "business_date": long_ago.date()}
    # when
    record(returned(shop, "C1", line(shop, 1, "10.00", of=bought(order)), **moment), origin="history", move_stock=False)
    assert not StockLevel.objects.filter(location=shop.s2).exists()
    record(returned(shop, "C2", line(shop, 1, "10.00", of=bought(order)), **moment), origin="history")
    # then
    assert shop.stock("A", shop.s2).on_hand == 1
    assert {e.origin for e in Event.objects.filter(topic="return.settled")} == {"history"}
    assert Return.objects.first().business_date == long_ago.date()
    assert all_is_well()


def test_nothing_is_written_when_one_cannot_be(shop: Shop) -> None:
    with pytest.raises(Exception, match="currency"):
        record(returned(shop, "T1", line(shop, 1, "10.00")), returned(shop, "T2", line(shop, 1, "1.00"), currency=None))
    assert not Return.objects.exists()
    assert not PaymentAccount.objects.filter(unreferenced=True).exists()


@pytest.mark.parametrize("linked", [True, False])
def test_statements_do_not_grow_with_the_number_of_returns(shop: Shop, linked: bool) -> None:
    # given
    sales = [sold(shop, shop.s1, ("A", "2", "20.00"), ("B", "1", "5.00")) for _ in range(42)]
    documents = [
        returned(
            shop,
            f"T{n}",
            line(shop, 1, "10.00", of=bought(sale) if linked else None),
            line(shop, 2, "5.00", of=bought(sale, 2) if linked else None, sku="B"),
        )
        for n, sale in enumerate(sales)
    ]
    # when
    with CaptureQueriesContext(connection) as few:
        record(*documents[:2])
    with CaptureQueriesContext(connection) as many:
        record(*documents[2:])
    # then
    assert len(many) <= len(few)
    assert len(few) <= 32
