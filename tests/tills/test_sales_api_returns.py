"""POST /api/v1/sales/: what comes back at a till, with and without its receipt, and exchanges."""

from decimal import Decimal

from apps.orders.models import Order
from apps.payments.models import PaymentEntry
from apps.returns.models import Return, ReturnLine
from apps.tills.models import Ticket
from tests.tills.invoices import ledgers_that_differ
from tests.tills.tickets import line, send, ticket


def bought(shop, *lines, **changes) -> Order:
    return Order.objects.get(number=send(shop, ticket(*lines, **changes))["numbers"][0])


def test_a_return_reverses_the_order_line_it_names(shop):
    # given
    order = bought(shop, line("A", 3))
    # when
    answer = send(shop, ticket(line("A", 2, type="return", order=order.number, order_line=1), store="S2"))
    # then
    rma = Return.objects.get()
    assert answer["numbers"] == [rma.number]
    come_back = rma.lines.get()
    assert (come_back.order, come_back.order_line.line) == (order, 1)
    assert (come_back.quantity, come_back.amount, come_back.vat_amount) == (2, Decimal("20.00"), Decimal("3.47"))
    assert (rma.location.code, rma.channel.code) == ("S2", "S2")
    order.payment_account.refresh_from_db()
    assert order.payment_account.refunded == Decimal("20.00")
    assert shop.stock("A").on_hand == 7
    assert shop.stock("A", shop.s2).on_hand == 2
    assert Ticket.objects.get(rma=rma).total == Decimal("-20.00")
    assert ledgers_that_differ() == []


def test_a_return_without_a_line_number_finds_the_article_on_the_order(shop):
    order = bought(shop, line("B"), line("A", 3))
    send(shop, ticket(line("A", type="return", order=order.number)))
    assert ReturnLine.objects.get().order_line.line == 2


def test_what_was_announced_online_is_brought_to_a_till(shop):
    # given
    order = bought(shop, line("A", 2))
    told = {
        "external_id": "RET-1",
        "lines": [{"order": order.number, "sku": "A", "quantity": 2, "reason": "too_small"}],
    }
    announced = shop.post("returns/", told).json()
    # when
    send(shop, ticket(line("A", 2, type="return", order=order.number)))
    # then
    assert {ln.order_line.line for ln in ReturnLine.objects.filter(rma__status="settled")} == {1}
    assert shop.get(f"returns/{announced['number']}/").json()["status"] == "withdrawn"
    assert shop.get(f"returns/{announced['number']}/").json()["refund_expected"] == "0.00"
    assert shop.post(f"returns/{announced['number']}/receive/", {"location": "S1"}).status_code == 409
    assert shop.post("returns/", told | {"external_id": "RET-2"}).status_code == 409
    order.payment_account.refresh_from_db()
    assert order.payment_account.refunded == order.total
    assert ledgers_that_differ() == []


def test_an_article_on_two_lines_is_taken_where_it_still_is(shop):
    # given the second line is announced
    order = bought(shop, line("A"), line("A", 2))
    told = {"external_id": "RET-1", "lines": [{"order": order.number, "line": 2, "quantity": 2, "reason": "too_small"}]}
    shop.post("returns/", told)
    # when
    send(shop, ticket(line("A", 2, type="return", order=order.number)))
    # then
    assert ReturnLine.objects.get(rma__status="settled").order_line.line == 2


def test_a_return_without_a_receipt_is_paid_out_by_itself(shop):
    send(shop, ticket(line("A", type="return", amount="-10.00"), tenders=[{"method": "cash", "amount": "-10.00"}]))
    rma = Return.objects.get()
    assert (rma.total, rma.lines.get().order_line) == (Decimal("10.00"), None)
    assert rma.payment_account.unreferenced
    assert shop.stock("A").on_hand == 11


def test_a_ticket_that_only_takes_back_pays_out_whatever_its_signs(shop):
    send(shop, ticket(line("A", type="return"), tenders=[{"method": "pin", "amount": "10.00"}]))
    assert Ticket.objects.get().total == Decimal("-10.00")
    assert [(e.kind, e.amount) for e in PaymentEntry.objects.all()] == [("refunded", Decimal("10.00"))]


def test_a_return_of_what_was_not_on_the_order_is_set_apart(shop):
    order = bought(shop, line("A"))
    for wrong in ({"sku": "B"}, {"order_line": 2}, {"sku": "B", "order_line": 1}):
        answer = send(shop, ticket(line("A", type="return", order=order.number) | wrong))
        assert answer["quarantined"][0]["code"] == "not_on_order"
    assert not Return.objects.exists()


def test_an_exchange_moves_only_the_difference(shop):
    # given
    order = bought(shop, line("A"))
    # when
    answer = send(
        shop,
        ticket(
            line("A", type="return", order=order.number, order_line=1),
            line("B", 1, "14.95"),
            tenders=[{"method": "pin", "amount": "4.95"}],
        ),
    )
    # then
    new = Order.objects.exclude(pk=order.pk).get()
    assert answer["numbers"] == [new.number]
    paid = {(t.method, t.captured) for t in new.payment_account.tenders.all()}
    assert paid == {("pin", Decimal("4.95")), ("exchange", Decimal("10.00"))}
    assert Return.objects.get().total == Decimal("10.00")
    assert Ticket.objects.get(order=new).rma == Return.objects.get()
    assert ledgers_that_differ() == []


def test_rounding_of_a_refund_is_booked_to_the_cent(shop):
    told = ticket(line("A", 1, "9.98", type="return"), tenders=[{"method": "cash", "amount": "-10.00"}]) | {
        "rounding": "-0.02"
    }
    assert send(shop, told)["accepted"] == 1
    assert Return.objects.get().total == Decimal("9.98")
    assert Order.objects.get().total == Decimal("-0.02")
    assert sum(e.amount for e in PaymentEntry.objects.filter(kind="refunded")) == Decimal("10.00")
