"""Rows as they should not be: each is set apart with its reason and its money, and the good ones are booked."""

from decimal import Decimal

import pytest

from apps.catalogue.models import Product, Variant
from apps.core.errors import Conflict
from apps.core.models import InboxDocument, Quarantined
from apps.customers.models import SourceRecord
from apps.network.models import Channel, LegalEntity
from apps.orders.models import Order, OrderLine
from apps.returns.models import Return, ReturnLine
from tests.tills.invoices import CHANNEL, import_rows, row

pytestmark = pytest.mark.django_db


def only_defect() -> Quarantined:
    return Quarantined.objects.get()


@pytest.mark.parametrize(
    ("bad", "code", "field", "amount"),
    [
        (row("536365", quantity="abc"), "not_a_number", "Quantity", None),
        (row("536365", quantity="NaN"), "not_a_number", "Quantity", None),
        (row("536365", price="2,50"), "not_a_number", "UnitPrice", None),
        (row("536365", quantity="-2"), "negative_quantity", "Quantity", "-5.00"),
        (row("536365", quantity="0"), "zero_quantity", "Quantity", "0.00"),
        (row("536365", quantity="1.5"), "too_precise", "Quantity", "3.75"),
        (row("536365", quantity="99999999"), "out_of_range", "Quantity", None),
        (row("536365", price="1e20"), "out_of_range", "UnitPrice", None),
        (row("536365", price="-2.50"), "negative_price", "UnitPrice", "-2.50"),
        (row("536365", price="0.00001"), "too_precise", "UnitPrice", "0.00"),
        (row("536365", at="yesterday"), "invalid_date", "InvoiceDate", "2.50"),
        (row("536365", at="2999-01-01 00:00:00"), "invalid_date", "InvoiceDate", "2.50"),
        (row("536365", customer="Jansen"), "invalid_customer", "CustomerID", "2.50"),
        (row("536365", customer="12345.0"), "other_customer", "CustomerID", "2.50"),
        (row("536365", code=""), "no_stock_code", "StockCode", "2.50"),
        (row("536365", code="X" * 41), "no_stock_code", "StockCode", "2.50"),
        (row("536365", code="=1+1"), "formula", "StockCode", "2.50"),
        (row("536365", text='=HYPERLINK("http://example.org")'), "formula", "Description", "2.50"),
        (row("536365", text="@SUM(A1)"), "formula", "Description", "2.50"),
        (row("+1"), "invalid_invoice_number", "InvoiceNo", "2.50"),
        (row(""), "invalid_invoice_number", "InvoiceNo", "2.50"),
        (row("536365")[:6], "wrong_cells", "InvoiceNo", None),
        ([*row("536365"), "more"], "wrong_cells", "InvoiceNo", None),
        (row("C536365"), "positive_quantity", "Quantity", "2.50"),
    ],
    ids=lambda value: None if isinstance(value, list) else str(value),
)
def test_a_bad_row_is_set_apart_and_costs_the_good_ones_nothing(tmp_path, bad, code, field, amount):
    # when
    imported = import_rows(tmp_path, row("536365", quantity=2), bad, row("536366"))
    # then
    defect = only_defect()
    assert (defect.row, defect.code, defect.field) == (3, code, field)
    assert defect.amount == (None if amount is None else Decimal(amount))
    assert defect.raw == bad
    assert "%(" not in defect.reason_shown() + defect.mend_shown()
    assert sorted(Order.objects.values_list("total", flat=True)) == [Decimal("2.50"), Decimal("5.00")]
    assert imported.adds_up
    assert (imported.tally.booked_rows, imported.tally.quarantined_rows) == (2, 1)


def test_an_invoice_with_a_bad_row_is_partly_booked(tmp_path):
    import_rows(tmp_path, row("536365"), row("536365", quantity="x"), row("536366"), row("", quantity=3))
    statuses = dict(InboxDocument.objects.values_list("external_id", "status"))
    assert statuses == {"536365": "partly", "536366": "booked", "row-5": "quarantined"}
    assert [ln.line for ln in OrderLine.objects.filter(order__external_id="536365")] == [1]


def test_amounts_are_rounded_half_up_per_line(tmp_path):
    imported = import_rows(tmp_path, row("536365", quantity=1, price="0.005"), row("536365", "20000", 1, "0.025"))
    assert sorted(OrderLine.objects.values_list("amount", flat=True)) == [Decimal("0.01"), Decimal("0.03")]
    assert imported.tally.goods == Decimal("0.04") == Order.objects.get().total
    assert imported.adds_up


def test_stock_written_off_as_an_invoice_is_no_sale(tmp_path):
    import_rows(
        tmp_path,
        row("536365", quantity=-5, price="0.0", customer="", text="damaged"),
        row("536366", quantity=9, price="0.0", customer="", text="found"),
    )
    assert Order.objects.count() == 0
    assert set(Quarantined.objects.values_list("code", "amount")) == {("stock_adjustment", Decimal(0))}
    assert "damaged" in Quarantined.objects.get(row=2).reason_shown()
    assert Variant.objects.count() == 0


def test_free_goods_to_a_customer_or_beside_paid_ones_are_a_line_of_nothing(tmp_path):
    import_rows(
        tmp_path,
        row("536365", price="0.0"),
        row("536366", price="0.0", customer=""),
        row("536366", "20000", 1, "1.00", customer=""),
    )
    assert sorted(Order.objects.values_list("external_id", "total")) == [
        ("536365", Decimal(0)),
        ("536366", Decimal("1.00")),
    ]
    assert OrderLine.objects.filter(amount=0).count() == 2
    assert Quarantined.objects.count() == 0


def test_rows_of_one_invoice_with_others_in_between_are_one_order(tmp_path):
    import_rows(tmp_path, row("542806"), row("542807"), row("542806", "B1"), row("542808"))
    assert Order.objects.get(external_id="542806").lines.count() == 2
    assert Order.objects.count() == 3


def test_an_article_is_called_as_most_paid_rows_say(tmp_path):
    import_rows(
        tmp_path,
        row("1", "85123a", text="cream heart"),
        row("2", "85123A", text="WHITE  HEART"),
        row("3", "85123A", text="WHITE HEART"),
        *(row(str(n), "85123A", 1, 0, text="?", customer="") for n in range(10, 15)),
    )
    variant = Variant.objects.get()
    assert (variant.sku, variant.product.name, variant.unit) == ("85123A", "WHITE HEART", "piece")
    assert set(OrderLine.objects.values_list("sku", "name")) == {("85123A", "WHITE HEART")}


def test_a_customer_is_known_by_the_shops_own_number(tmp_path):
    import_rows(tmp_path, row("1"), row("2", country="EIRE", customer="12346.0"), row("3", customer=""), row("4"))
    records = SourceRecord.objects.order_by("external_id")
    assert [(r.source, r.external_id, r.customer.country) for r in records] == [
        (CHANNEL, "12346", "IE"),
        (CHANNEL, "17850", "GB"),
    ]
    assert Order.objects.filter(source_record__external_id="17850").count() == 2
    assert Order.objects.get(external_id="3").source_record is None


def test_london_time_counts_in_summer_too(tmp_path):
    import_rows(tmp_path, row("1", at="2011-07-01 00:30:00"))
    order = Order.objects.get()
    assert order.placed_at.isoformat() == "2011-06-30T23:30:00+00:00"
    assert order.business_date.isoformat() == "2011-07-01"


def test_another_content_under_a_booked_number_is_set_apart(tmp_path):
    # given
    import_rows(tmp_path, row("536365", quantity=2), row("C536366", quantity=-1))
    # when
    imported = import_rows(tmp_path, row("536365", quantity=3), row("C536366", quantity=-2))
    # then
    assert Order.objects.get().total == Decimal("5.00")
    assert Return.objects.get().total == Decimal("2.50")
    assert sorted(Quarantined.objects.values_list("code", "amount")) == [
        ("changed_since", Decimal("-5.00")),
        ("changed_since", Decimal("7.50")),
    ]
    assert imported.adds_up


def test_a_channel_that_counts_in_another_currency_is_refused(tmp_path):
    own = LegalEntity.objects.create(code="OWN", name="Own", kind="own")
    Channel.objects.create(code="web", name="Web", kind="webshop", seller=own, currency="EUR")
    with pytest.raises(Conflict, match="EUR"):
        import_rows(tmp_path, row("1"), channel_code="web")
    assert InboxDocument.objects.count() == 0


def test_a_channel_of_choice_keeps_its_own_books(tmp_path):
    import_rows(tmp_path, row("1"))
    import_rows(tmp_path, row("1"), channel_code="second")
    assert set(Order.objects.values_list("channel__code", "external_id")) == {(CHANNEL, "1"), ("second", "1")}


def test_a_credit_note_without_customer_or_purchase_is_kept_unlinked(tmp_path):
    imported = import_rows(tmp_path, row("C1", quantity=-2, customer=""), row("C2", "99999", -1, "3.00"))
    assert set(ReturnLine.objects.values_list("order_line", "amount")) == {
        (None, Decimal("5.00")),
        (None, Decimal("3.00")),
    }
    assert Return.objects.filter(payment_account__unreferenced=True).count() == 2
    assert imported.tally.returned_goods == Decimal("8.00")


def test_a_corrected_invoice_that_was_set_apart_takes_its_place(tmp_path):
    import_rows(tmp_path, row("536365", quantity="x"))
    import_rows(tmp_path, row("536365", quantity="2"))
    assert Order.objects.get().total == Decimal("5.00")
    assert only_defect().mended_at is not None


def test_a_corrected_row_of_a_booked_invoice_comes_under_a_number_of_its_own(tmp_path):
    import_rows(tmp_path, row("536365"), row("536365", "20000", "x"), row("C536366", quantity="?"))
    imported = import_rows(tmp_path, row("536365-2", "20000", "3"), row("C536366-2", quantity="-1"))
    assert imported.adds_up
    assert sorted(Order.objects.values_list("external_id", "total")) == [
        ("536365", Decimal("2.50")),
        ("536365-2", Decimal("7.50")),
    ]
    assert Return.objects.get().lines.get().order.external_id == "536365"


def test_what_the_domain_refuses_is_set_apart_and_tried_again_with_the_file(tmp_path):
    # given: a code that another product carries, so that the article cannot be added
    Product.objects.create(code="20000")
    rows = [row("1"), row("2", "20000"), row("2", "20001"), row("3")]
    imported = import_rows(tmp_path, *rows)
    assert imported.adds_up
    assert sorted(Order.objects.values_list("external_id", flat=True)) == ["1", "3"]
    assert set(Quarantined.objects.values_list("code", "row", "amount")) == {
        ("refused", 3, Decimal("2.50")),
        ("refused", 4, Decimal("2.50")),
    }
    assert "already in use" in Quarantined.objects.get(row=3).reason_shown()
    # when
    Variant.objects.create(product=Product.objects.get(code="20000"), sku="20000")
    again = import_rows(tmp_path, *rows)
    # then
    assert (again.adds_up, again.tally.quarantined_rows) == (True, 0)
    assert Order.objects.get(external_id="2").total == Decimal("5.00")
    assert not Quarantined.objects.filter(mended_at=None).exists()
