"""The shipped sample of a real web shop, end to end: every row and every cent, once."""

import io
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Q, Sum

from apps.core.models import Event, InboxDocument, Quarantined
from apps.customers.models import SourceRecord
from apps.inventory.models import StockLevel, StockMovement
from apps.messages.models import Message
from apps.network.models import Channel
from apps.orders.models import Order, OrderCharge, OrderLine
from apps.payments.models import PaymentEntry
from apps.returns.models import Return, ReturnLine
from apps.tills.adapters.online_retail import OnlineRetail
from apps.tills.services.importing import import_invoices
from tests.tills.invoices import SAMPLE, ledgers_that_differ, row_counts

pytestmark = pytest.mark.django_db


def test_every_row_and_every_cent_of_the_sample_is_booked_or_set_apart():
    # when
    imported = import_invoices(SAMPLE, adapter=OnlineRetail())
    # then
    found = imported.tally
    assert (imported.survey.rows, imported.survey.amount) == (4501, Decimal("53131.95"))
    assert imported.adds_up
    assert imported.invoices == 364
    assert (found.goods, found.charges) == (Decimal("327403.96"), Decimal("8305.40"))
    assert (found.returned_goods, found.returned_charges) == (Decimal("249526.77"), Decimal("33050.64"))
    assert (found.booked_rows, found.quarantined_rows, found.quarantined) == (4461, 40, Decimal("0.00"))
    assert found.booked == Decimal("53131.95")
    # and the tables say the same
    totals = Order.objects.aggregate(n=Count("id"), total=Sum("total"))
    assert totals == {"n": 233, "total": Decimal("335709.36")}
    assert Return.objects.aggregate(n=Count("id"), total=Sum("total")) == {"n": 91, "total": Decimal("282577.41")}
    assert Return.objects.exclude(external_id__startswith="C").count() == 0
    assert InboxDocument.objects.count() == 364
    assert Quarantined.objects.filter(code="stock_adjustment", amount=0).count() == 40


def test_money_and_orders_agree_after_the_sample():
    # when
    import_invoices(SAMPLE, adapter=OnlineRetail())
    # then
    money = PaymentEntry.objects.aggregate(
        captured=Sum("amount", filter=Q(kind="captured")), refunded=Sum("amount", filter=Q(kind="refunded"))
    )
    assert money["captured"] - money["refunded"] == Decimal("53131.95")
    assert ledgers_that_differ() == []
    channel = Channel.objects.get(code="uci-online-retail")
    assert (channel.kind, channel.currency, channel.vat_basis) == ("webshop", "GBP", "unknown")
    assert channel.seller.country == "GB"
    assert not OrderLine.objects.exclude(vat_rate=None, vat_amount=None).exists()
    assert SourceRecord.objects.filter(source="uci-online-retail").count() == SourceRecord.objects.count() > 60


def test_codes_that_are_not_goods_become_charges():
    import_invoices(SAMPLE, adapter=OnlineRetail())
    on_orders = set(OrderCharge.objects.values_list("type", flat=True))
    given_back = set(ReturnLine.objects.filter(variant=None).values_list("charge_type", "sku"))
    assert on_orders == {"delivery", "manual", "sample", "bank", "adjustment", "gift_card"}
    assert {
        ("delivery", "POST"),
        ("delivery", "DOT"),
        ("delivery", "C2"),
        ("discount", "D"),
        ("manual", "M"),
        ("sample", "S"),
        ("bank", "BANK CHARGES"),
        ("adjustment", "AMAZONFEE"),
        ("adjustment", "CRUK"),
    } == given_back
    bad_debt = Order.objects.filter(external_id__startswith="A").order_by("external_id")
    assert [order.total for order in bad_debt] == [Decimal("11062.06"), Decimal("-11062.06"), Decimal("-11062.06")]


def test_a_sale_taken_back_minutes_later_is_linked_to_it():
    import_invoices(SAMPLE, adapter=OnlineRetail())
    line = ReturnLine.objects.select_related("order", "order_line").get(rma__external_id="C581484")
    assert (line.quantity, line.amount) == (80995, Decimal("168469.60"))
    assert line.order.external_id == "581483"
    assert line.order.status == "returned"
    assert line.order_line.quantity_returned == 80995


def test_history_moves_nothing_but_the_books():
    import_invoices(SAMPLE, adapter=OnlineRetail())
    assert StockMovement.objects.count() == 0
    assert Message.objects.count() == 0
    assert set(Event.objects.values_list("origin", flat=True)) == {"history"}


def test_with_stock_receipts_cover_the_sales():
    # when
    imported = import_invoices(SAMPLE, adapter=OnlineRetail(), with_stock=True)
    # then
    assert imported.adds_up
    assert ledgers_that_differ() == []
    levels = StockLevel.objects.aggregate(least=Sum("on_hand", filter=Q(on_hand__lt=0)), all=Sum("on_hand"))
    returned = ReturnLine.objects.filter(variant__isnull=False).aggregate(n=Sum("quantity"))["n"]
    assert levels == {"least": None, "all": returned}


def test_a_second_run_changes_nothing():
    # given
    first = import_invoices(SAMPLE, adapter=OnlineRetail())
    before = row_counts()
    # when
    second = import_invoices(SAMPLE, adapter=OnlineRetail())
    # then
    assert row_counts() == before
    assert second.already_booked == 364
    assert second.tally == first.tally


class Lost(Exception):
    """The connection breaks."""


@pytest.mark.parametrize("statement", ['INSERT INTO "returns_return"', "UPDATE core_inboxdocument"])
def test_an_import_that_breaks_off_goes_on_where_it_stopped(statement):
    # given: the second of four batches breaks off, in the middle of its transaction
    seen = []

    def break_the_second(execute, sql, params, many, context):
        if sql.lstrip().startswith(statement):
            seen.append(sql)
            if len(seen) == 2:
                raise Lost
        return execute(sql, params, many, context)

    with connection.execute_wrapper(break_the_second), pytest.raises(Lost):
        import_invoices(SAMPLE, adapter=OnlineRetail(), batch=100)
    booked = Order.objects.count() + Return.objects.count()
    assert 0 < booked < 100
    assert InboxDocument.objects.filter(status="received").count() == 100
    # when
    again = import_invoices(SAMPLE, adapter=OnlineRetail(), batch=100)
    # then
    assert again.adds_up
    assert again.already_booked == 100
    assert again.tally.booked == Decimal("53131.95")
    assert Order.objects.count() == 233
    assert Return.objects.count() == 91
    assert ledgers_that_differ() == []


def test_the_command_prints_the_account():
    out = io.StringIO()
    call_command("import_sales", adapter="online-retail", stdout=out, stderr=io.StringIO())
    text = out.getvalue()
    assert "booked + in quarantine" in text
    assert text.count("53 131.95 GBP") == 3
    assert "4 501 rows, 364 invoices" in text
    assert "CC BY 4.0" in text
