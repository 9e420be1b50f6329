"""Which purchases a credit note reverses."""

from decimal import Decimal

import pytest

from apps.orders.models import OrderLine
from apps.returns.models import ReturnLine
from tests.tills.invoices import import_rows, ledgers_that_differ, row

pytestmark = pytest.mark.django_db


def links() -> list[tuple[str | None, Decimal, Decimal]]:
    """(invoice or None, quantity, amount) of every return line, in order."""
    lines = ReturnLine.objects.select_related("order").order_by("rma__occurred_at", "rma_id", "line")
    return [(ln.order.external_id if ln.order else None, ln.quantity, ln.amount) for ln in lines]


def bought(invoice: str, day: int, quantity: int, price: str = "2.50", **more: str) -> list[str]:
    return row(invoice, quantity=quantity, price=price, at=f"2011-01-{day:02d} 10:00:00", **more)


def credited(number: str, day: int, quantity: int, price: str = "2.50", **more: str) -> list[str]:
    return row(number, quantity=-quantity, price=price, at=f"2011-01-{day:02d} 12:00:00", **more)


def test_the_latest_earlier_purchase_with_enough_left_is_reversed(tmp_path):
    import_rows(
        tmp_path, bought("1", 1, 5), bought("2", 2, 5), bought("3", 3, 2), credited("C4", 4, 3), bought("5", 5, 9)
    )
    assert links() == [("2", 3, Decimal("7.50"))]
    assert OrderLine.objects.get(order__external_id="2").quantity_returned == 3


def test_the_same_price_goes_before_a_later_purchase_at_another(tmp_path):
    import_rows(tmp_path, bought("1", 1, 5), bought("2", 2, 5, "3.00"), credited("C4", 4, 3))
    assert links() == [("1", 3, Decimal("7.50"))]


def test_a_dearer_purchase_does_when_none_cost_the_same(tmp_path):
    import_rows(tmp_path, bought("1", 1, 5, "3.00"), credited("C4", 4, 3))
    assert links() == [("1", 3, Decimal("7.50"))]


def test_nobody_gets_more_back_on_a_purchase_than_it_cost(tmp_path):
    import_rows(tmp_path, bought("1", 1, 5, "2.00"), credited("C4", 4, 3))
    assert links() == [(None, 3, Decimal("7.50"))]
    assert ledgers_that_differ() == []


def test_several_purchases_together_when_no_single_one_is_enough(tmp_path):
    import_rows(tmp_path, bought("1", 1, 2), bought("2", 2, 2), credited("C4", 4, 3))
    assert links() == [("2", 2, Decimal("5.00")), ("1", 1, Decimal("2.50"))]


def test_what_no_purchase_covers_stays_unlinked_and_keeps_its_money(tmp_path):
    imported = import_rows(tmp_path, bought("1", 1, 1, "0.005"), credited("C4", 4, 2, "0.005"))
    # 2 × 0.005 is 0.01, although each piece by itself would round to that
    assert links() == [("1", 1, Decimal("0.01")), (None, 1, Decimal("0.00"))]
    assert imported.adds_up


def test_pieces_come_back_once(tmp_path):
    import_rows(tmp_path, bought("1", 1, 5), credited("C4", 4, 4), credited("C5", 5, 4))
    assert links() == [("1", 4, Decimal("10.00")), ("1", 1, Decimal("2.50")), (None, 3, Decimal("7.50"))]
    assert ledgers_that_differ() == []


def test_pieces_come_back_once_across_batches(tmp_path):
    import_rows(tmp_path, bought("1", 1, 5), credited("C4", 4, 4), credited("C5", 5, 4), batch=1)
    assert links() == [("1", 4, Decimal("10.00")), ("1", 1, Decimal("2.50")), (None, 3, Decimal("7.50"))]


def test_another_customer_another_article_or_a_later_purchase_is_none(tmp_path):
    import_rows(
        tmp_path,
        bought("1", 1, 5, customer="12345.0"),
        bought("2", 2, 5, code="20000"),
        credited("C3", 3, 1),
        bought("4", 4, 5),
    )
    assert links() == [(None, 1, Decimal("2.50"))]


def test_an_article_that_stands_twice_on_a_credit_note_uses_up_the_purchase(tmp_path):
    import_rows(tmp_path, bought("1", 1, 3), credited("C4", 4, 2), credited("C4", 4, 2))
    assert links() == [("1", 2, Decimal("5.00")), ("1", 1, Decimal("2.50")), (None, 1, Decimal("2.50"))]
