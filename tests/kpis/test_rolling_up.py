import datetime as dt
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.events.log import record
from apps.core.events.models import Event, ParkedEvent
from apps.core.events.subscribers import catch_up
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.kpis.models import DailySales, MonthlySpend
from apps.kpis.reconciling import days_unlike_their_orders, spending_unlike_its_orders
from apps.kpis.services.rolling_up import SUBSCRIBER, add_news, rebuild
from apps.network.models import Channel
from apps.orders.models import Order, OrderLine
from apps.orders.services.recording import fulfilled
from apps.returns.models import ReturnLine
from apps.returns.services.accepting import accept_in_store
from apps.returns.services.recording import record_returns
from apps.returns.services.types import Accepted, ReturnSale, ReturnSaleLine
from tests.franchise.chain import Chain, read_events

DAY = dt.date(2026, 3, 14)
JAN = Person(source="webshop", account_id="web-77", first_name="Jan", last_name="Jansen")


def till(code: str) -> Channel:
    return Channel.objects.get(code=f"till-{code}")


def bring_back(chain: Chain, order: Order, line: int, quantity: str, to: str = "S003") -> None:
    accept_in_store(
        location=chain.stores[to],
        lines=[Accepted(order=order.number, line=line, quantity=Decimal(quantity))],
        reference=f"{order.number}/{line}/{timezone.now().timestamp()}",
        occurred_at=timezone.now(),
        actor="test",
    )


def half_up(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def by_the_rows() -> dict[tuple, dict[str, Decimal | int]]:
    """The roll-up worked out line by line, without any of the code under test."""
    days: dict[tuple, dict] = defaultdict(lambda: defaultdict(Decimal))
    for order in Order.objects.prefetch_related("lines"):
        lines = [ln for ln in order.lines.all() if ln.quantity_fulfilled > 0]
        if not lines:
            continue
        day = days[order.business_date, order.channel_id, order.location_id, order.currency]
        day["orders"] += 1
        day["collect_orders"] += order.method == "collect"
        day["known_orders"] += order.source_record_id is not None
        for ln in lines:
            gross = half_up(ln.amount * ln.quantity_fulfilled / ln.quantity)
            net = half_up((ln.amount - (ln.vat_amount or 0)) * ln.quantity_fulfilled / ln.quantity)
            day["gross_goods"] += gross
            day["net_goods"] += net
            day["known_net_goods"] += net if order.source_record_id else 0
    for back in ReturnLine.objects.filter(rma__status="settled", variant__isnull=False).select_related("rma", "order"):
        of = back.order or back.rma
        day = days[back.rma.business_date, of.channel_id, of.location_id, back.rma.currency]
        day["returned_gross"] += back.amount
        day["returned_net"] += back.amount - (back.vat_amount or 0)
    return {key: {name: value for name, value in day.items() if value} for key, day in days.items()}


SUMS = (
    "orders", "collect_orders", "known_orders", "gross_goods", "net_goods", "known_net_goods", "returned_gross",
    "returned_net",
)  # fmt: skip  # more than one a line


def rolled_up() -> dict[tuple, dict[str, Decimal | int]]:
    rows = {}
    for row in DailySales.objects.all():
        key = (row.business_date, row.channel_id, row.location_id, row.currency)
        rows[key] = {name: value for name in SUMS if (value := getattr(row, name))}
    return rows


def sell_in_every_way(chain: Chain) -> dict[str, Order]:
    """Web orders and till sales, known and unknown customers, two currencies, history, charges, a part, and returns."""
    jan = recognise([JAN], actor="test")[0]
    orders = {
        "collected": chain.order(
            lines=[("A1", "3", "7.95"), ("A2", "1", "10.00")], collect="S001", customer=JAN, charges=["4.95"]
        ),
        "shipped": chain.order(lines=[("A2", "2", "3.33")], charges=["4.95"]),
        "waiting": chain.order(lines=[("A1", "5", "1.00")], collect="S002"),
        "till": chain.sale(
            till("S001"),
            lines=[("A1", "2", "19.90", "3.45")],
            day=DAY,
            location=chain.stores["S001"],
            source_record_id=jan,
        ),
        "unknown": chain.sale(
            till("S009"), lines=[("A3", "1", "5.00", "0.87")], day=DAY, location=chain.stores["S009"]
        ),
        "history": chain.sale(
            chain.web, lines=[("A1", "10", "25.50", None)], day=DAY, method="delivery", currency="GBP", origin="history"
        ),
    }
    for name in ("collected", "shipped"):
        chain.hand_over(orders[name])
    bring_back(chain, orders["collected"], 1, "1", to="S003")
    bring_back(chain, orders["till"], 1, "1", to="S001")
    return orders


def test_the_roll_up_equals_the_rows(chain):
    # given
    sell_in_every_way(chain)
    # when
    read_events()
    # then
    assert rolled_up() == by_the_rows()
    assert len(rolled_up()) == 6  # two channels in euros with and without a store, a till twice, pounds apart
    assert days_unlike_their_orders() == []
    assert spending_unlike_its_orders() == []


def test_a_web_order_counts_on_its_own_day_and_in_its_collect_store(chain):
    # given
    order = chain.order(
        lines=[("A1", "2", "12.10")], collect="S001", placed_at=dt.datetime(2026, 3, 13, 23, 30, tzinfo=dt.UTC)
    )
    # when
    chain.hand_over(order)
    read_events()
    # then: half past midnight in Amsterdam
    row = DailySales.objects.get()
    assert (row.business_date, row.channel.code, row.location.code) == (DAY, "web", "S001")
    assert (row.orders, row.collect_orders, row.known_orders) == (1, 1, 0)
    assert (row.gross_goods, row.net_goods) == (Decimal("24.20"), Decimal("20.00"))


def test_a_return_counts_where_it_was_sold(chain):
    # given
    order = chain.order(
        lines=[("A1", "2", "12.10")], collect="S001", placed_at=dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
    )
    chain.hand_over(order)
    # when
    bring_back(chain, order, 1, "1", to="S003")
    read_events()
    # then
    row = DailySales.objects.get(business_date=timezone.localdate())
    assert (row.channel.code, row.location.code, row.orders) == ("web", "S001", 0)
    assert (row.returned_gross, row.returned_net) == (Decimal("12.10"), Decimal("10.00"))


@transaction.atomic
def hand_over_part(order: Order, quantity: str) -> None:
    OrderLine.objects.filter(order=order).update(quantity_fulfilled=F("quantity_fulfilled") + Decimal(quantity))
    record(
        fulfilled(
            order=order.number,
            channel="web",
            day=timezone.localdate(),
            occurred_at=timezone.now(),
            lines=[(1, Decimal(quantity))],
        )
    )


@pytest.mark.parametrize("at_once", [True, False])
def test_parts_of_a_line_add_up_and_count_one_order(chain, at_once):
    # given: 10.00 with VAT over 3 pieces, handed over one by one
    order = chain.order(lines=[("A1", "3", "3.3333")], customer=JAN)
    # when
    for _ in range(3):
        hand_over_part(order, "1")
        if not at_once:
            read_events()
    read_events()
    # then
    row = DailySales.objects.get()
    line = order.lines.get()
    assert (row.orders, row.known_orders) == (1, 1)
    assert (row.gross_goods, row.net_goods) == (line.amount, line.amount - line.vat_amount)
    assert MonthlySpend.objects.get().orders == 1
    assert days_unlike_their_orders() == []


def test_reading_again_adds_nothing(chain):
    # given
    sell_in_every_way(chain)
    read_events()
    before = rolled_up()
    # when
    catch_up(names={SUBSCRIBER})
    # then
    assert rolled_up() == before


def test_charges_are_no_sales(chain):
    # given
    chain.sale(till("S001"), lines=[], charges=["7.50"], day=DAY, location=chain.stores["S001"])
    # when
    read_events()
    # then
    assert not DailySales.objects.exists()
    assert days_unlike_their_orders() == []


def test_what_somebody_spends_is_kept_by_month_and_kind_of_channel(chain):
    # given
    jan = recognise([JAN], actor="test")[0]
    chain.sale(
        till("S001"), lines=[("A1", "1", "12.10", "2.10")], day=DAY, location=chain.stores["S001"], source_record_id=jan
    )
    chain.sale(
        till("S003"), lines=[("A1", "1", "24.20", "4.20")], day=DAY, location=chain.stores["S003"], source_record_id=jan
    )
    order = chain.order(lines=[("A1", "2", "12.10")], customer=JAN, placed_at=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))
    chain.hand_over(order)
    # when
    read_events()
    # then
    assert set(MonthlySpend.objects.values_list("month", "channel_kind", "orders", "net")) == {
        (dt.date(2026, 3, 1), "store", 2, Decimal("30.00")),
        (dt.date(2026, 3, 1), "webshop", 1, Decimal("20.00")),
    }


def test_rebuilding_makes_the_same_figures(chain):
    # given
    sell_in_every_way(chain)
    read_events()
    right = rolled_up()
    DailySales.objects.update(net_goods=F("net_goods") + 1, orders=F("orders") + 1)
    MonthlySpend.objects.all().delete()
    assert len(days_unlike_their_orders()) == len(right)
    assert spending_unlike_its_orders()
    # when
    call_command("rebuild_kpis")
    # then
    assert rolled_up() == right
    assert days_unlike_their_orders() == []
    assert spending_unlike_its_orders() == []


def test_what_is_not_read_yet_is_neither_a_difference_nor_counted_twice(chain):
    # given: some news read, some not even stamped
    orders = sell_in_every_way(chain)
    read_events()
    chain.hand_over(orders["waiting"])
    bring_back(chain, orders["waiting"], 1, "2")
    assert days_unlike_their_orders() == []
    assert spending_unlike_its_orders() == []
    # when
    rebuild()
    assert days_unlike_their_orders() == []
    read_events()
    # then
    assert rolled_up() == by_the_rows()


def test_parked_news_is_lag_too(chain):
    # given
    order = chain.order(lines=[("A1", "1", "12.10")], collect="S001")
    chain.hand_over(order)
    event = Event.objects.get(topic="order.fulfilled")
    read_events()
    DailySales.objects.all().delete()
    ParkedEvent.objects.create(
        subscriber=SUBSCRIBER, event=event.pk, position=1, object_type="order", object_key=order.number, error="x"
    )
    # when / then
    assert days_unlike_their_orders() == []


def test_returns_of_unknown_purchases_count_in_the_channel_that_took_them(chain):
    # given
    store = chain.stores["S001"]
    with transaction.atomic():
        record_returns(
            [
                ReturnSale(
                    channel_id=till("S001").pk,
                    external_id="R-1",
                    fingerprint="",
                    occurred_at=dt.datetime(2026, 3, 14, 12, tzinfo=dt.UTC),
                    business_date=DAY,
                    currency="EUR",
                    legal_entity_id=chain.anna.pk,
                    location_id=store.pk,
                    lines=(
                        ReturnSaleLine(
                            1, "A1", "Kom", Decimal(1), Decimal(10), Decimal(10), variant_id=chain.variants["A1"].pk
                        ),
                        ReturnSaleLine(
                            2, "DEL", "Delivery", Decimal(1), Decimal(5), Decimal(5), charge_type="delivery"
                        ),
                    ),
                )
            ],
            actor="test",
            move_stock=False,
        )
    # when
    read_events()
    # then: the charge is no goods
    row = DailySales.objects.get()
    assert (row.channel, row.location, row.returned_net) == (till("S001"), store, Decimal("10.00"))
    assert rolled_up() == by_the_rows()


def test_one_statement_whatever_the_number_of_events(chain):
    # given
    sell_in_every_way(chain)
    events = list(Event.objects.filter(topic__in=["order.fulfilled", "return.settled"]))
    assert len(events) > 5
    # when
    with CaptureQueriesContext(connection) as statements:
        add_news(events)
    # then
    assert len(statements) == 1
