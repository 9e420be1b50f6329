import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.events.log import record
from apps.core.events.models import Event, ParkedEvent
from apps.franchise.models import RevenueShare, StoreRevenue
from apps.franchise.reconciling import lines_not_shared_to_the_cent, stores_unlike_their_shares
from apps.franchise.services.sharing import NotCredited
from apps.franchise.subscribers import share_online_revenue
from apps.network.models import Channel
from apps.orders.models import Order, OrderLine
from apps.orders.services.recording import fulfilled
from apps.returns.services.accepting import accept_in_store
from apps.returns.services.types import Accepted
from tests.franchise.chain import Chain, pass_on, read_events

TOPICS = {"order.placed", "order.fulfilled", "return.settled"}


@pytest.fixture
def shop(chain: Chain) -> Chain:
    chain.publish()
    for code, store in chain.stores.items():
        if store.kind == "store":
            Channel.objects.create(code=f"till-{code}", name=code, kind="store", location=store)
    return chain


def bring_back(shop: Chain, order: Order, line: int, quantity: str, *, to: str = "S003", reference: str = "") -> None:
    accept_in_store(
        location=shop.stores[to],
        lines=[Accepted(order=order.number, line=line, quantity=Decimal(quantity))],
        reference=reference or f"{order.number}/{line}/{quantity}/{timezone.now().timestamp()}",
        occurred_at=timezone.now(),
        actor="test",
    )


@transaction.atomic
def hand_over_part(order: Order, line: int, quantity: str) -> None:
    """So many pieces of a line go to the customer, as a parcel in parts would."""
    OrderLine.objects.filter(order=order, line=line).update(
        quantity_fulfilled=F("quantity_fulfilled") + Decimal(quantity)
    )
    record(
        fulfilled(
            order=order.number,
            channel="web",
            day=timezone.localdate(),
            occurred_at=timezone.now(),
            lines=[(line, Decimal(quantity))],
        )
    )


def shares(order: Order, line: int = 1) -> list[tuple[str, Decimal]]:
    rows = RevenueShare.objects.filter(order_number=order.number, order_line=line).order_by("id")
    return [(row.kind, row.amount) for row in rows]


def left(order: Order, line: int = 1) -> Decimal:
    return sum((amount for _, amount in shares(order, line)), Decimal(0))


def assert_every_cent_has_its_place() -> None:
    assert lines_not_shared_to_the_cent() == []
    assert stores_unlike_their_shares() == []


def test_the_net_amount_of_the_goods_goes_to_the_store(shop):
    # given: 3 × 7.95 = 23.85 with 21 % VAT, of which 4.14 is VAT; delivery is not shared
    order = shop.order(lines=[("A1", "3", "7.95"), ("A2", "1", "10.00")], collect="S001", charges=["4.95"])
    # when
    shop.hand_over(order)
    read_events()
    # then
    assert shares(order, 1) == [("credit", Decimal("19.71"))]
    assert shares(order, 2) == [("credit", Decimal("8.26"))]
    revenue = StoreRevenue.objects.get()
    assert (revenue.location.code, revenue.legal_entity, revenue.currency) == ("S001", shop.anna, "EUR")
    assert (revenue.credited, revenue.reversed) == (Decimal("27.97"), Decimal("0.00"))
    assert_every_cent_has_its_place()


def test_nothing_is_credited_before_the_goods_go(shop):
    # given
    shop.order(lines=[("A1", "1", "10.00")], collect="S001")
    # when
    read_events()
    # then
    assert not RevenueShare.objects.exists()
    assert_every_cent_has_its_place()


def test_parts_add_up_to_the_line(shop):
    # given: 100.00 less 17.36 VAT leaves 82.64 for 7 pieces
    order = shop.order(lines=[("A1", "7", "14.285714")])
    line = order.lines.get()
    net = line.amount - line.vat_amount
    # when
    for part in ("2", "4", "1"):
        hand_over_part(order, 1, part)
    read_events()
    # then
    assert len(shares(order)) == 3
    assert left(order) == net
    assert_every_cent_has_its_place()


def test_a_full_return_leaves_exactly_nothing(shop):
    # given
    order = shop.order(lines=[("A1", "3", "3.33")], collect="S001")
    shop.hand_over(order)
    # when
    for quantity in ("1", "1", "1"):
        bring_back(shop, order, 1, quantity)
        read_events()
        assert_every_cent_has_its_place()
    # then
    assert [kind for kind, _ in shares(order)] == ["credit", "reversal", "reversal", "reversal"]
    assert left(order) == 0
    assert RevenueShare.objects.aggregate(n=Sum("quantity"))["n"] == 0


def test_parts_out_and_parts_back_end_at_nothing(shop):
    # given: every way there loses a cent when parts are rounded on their own
    order = shop.order(lines=[("A1", "6", "1.17")])
    # when
    for move, quantity in [("out", "1"), ("out", "2"), ("back", "2"), ("out", "3"), ("back", "3"), ("back", "1")]:
        if move == "out":
            hand_over_part(order, 1, quantity)
        else:
            bring_back(shop, order, 1, quantity)
        read_events()
        assert_every_cent_has_its_place()
    # then
    assert left(order) == 0


def test_a_return_elsewhere_costs_the_receiving_store_nothing(shop):
    # given
    order = shop.order(lines=[("A1", "2", "10.00")], collect="S001")
    shop.hand_over(order)
    # when
    bring_back(shop, order, 1, "1", to="S003")
    read_events()
    # then
    assert {row.location.code for row in RevenueShare.objects.all()} == {"S001"}
    reversal = RevenueShare.objects.get(kind="reversal")
    assert (reversal.amount, reversal.evidence, reversal.legal_entity) == (Decimal("-8.26"), "collect", shop.anna)
    assert reversal.return_number.startswith("R")
    revenue = StoreRevenue.objects.get()
    assert (revenue.credited, revenue.reversed) == (Decimal("16.53"), Decimal("8.26"))


def test_a_return_is_reversed_at_the_owner_of_the_sale(shop):
    # given: sold under Anna; the store is Bram's by the time of the return, and the rules have changed
    order = shop.order(lines=[("A1", "1", "10.00")], collect="S001", placed_at=timezone.now() - dt.timedelta(days=9))
    shop.hand_over(order)
    read_events()
    pass_on(shop.stores["S001"], shop.bram, on=timezone.localdate() - dt.timedelta(days=1))
    shop.publish("residual", version="v2", valid_from=timezone.localdate() + dt.timedelta(days=1))
    # when
    bring_back(shop, order, 1, "1")
    read_events()
    # then
    assert {(row.legal_entity.code, row.rule_set.version) for row in RevenueShare.objects.all()} == {("ANNA", "v1")}
    assert left(order) == 0


def test_events_seen_twice_double_nothing(shop):
    # given
    order = shop.order(lines=[("A1", "3", "3.33")], collect="S001")
    shop.hand_over(order)
    bring_back(shop, order, 1, "1")
    read_events()
    before = shares(order), list(StoreRevenue.objects.values_list("credited", "reversed"))
    # when
    share_online_revenue(list(Event.objects.filter(topic__in=TOPICS).order_by("position")))
    # then
    assert (shares(order), list(StoreRevenue.objects.values_list("credited", "reversed"))) == before


def test_old_news_beside_new_news_counts_once(shop):
    # given
    order = shop.order(lines=[("A1", "6", "1.17")], collect="S001")
    shop.hand_over(order)
    bring_back(shop, order, 1, "2")
    read_events()
    bring_back(shop, order, 1, "1")
    # when
    share_online_revenue(list(Event.objects.filter(topic__in=TOPICS).order_by("id")))
    # then
    assert RevenueShare.objects.filter(kind="reversal").count() == 2
    assert_every_cent_has_its_place()


def test_a_return_whose_sale_was_not_credited_yet_is_kept_for_later(shop):
    # given: the news of the sale got stuck
    order = shop.order(lines=[("A1", "1", "10.00")], collect="S001")
    shop.hand_over(order)
    bring_back(shop, order, 1, "1")
    # when / then
    with pytest.raises(NotCredited):
        share_online_revenue(list(Event.objects.filter(topic="return.settled")))
    assert not RevenueShare.objects.exists()
    read_events()
    assert left(order) == 0
    assert not ParkedEvent.objects.exists()


def test_a_sale_in_a_store_and_its_return_share_nothing(shop):
    # given
    till = Channel.objects.get(code="till-S001")
    order = shop.sale(
        till, lines=[("A1", "1", "10.00", "1.74")], day=timezone.localdate(), location=shop.stores["S001"]
    )
    # when
    bring_back(shop, order, 1, "1")
    read_events()
    # then
    assert not RevenueShare.objects.exists()
    assert_every_cent_has_its_place()


def test_a_return_of_imported_history_reverses_nothing(shop):
    # given
    order = shop.sale(
        shop.web,
        lines=[("A1", "1", "10.00", "1.74")],
        day=timezone.localdate(),
        method="delivery",
        origin="history",
    )
    # when
    bring_back(shop, order, 1, "1")
    share_online_revenue(list(Event.objects.filter(topic="return.settled")))
    # then
    assert not RevenueShare.objects.exists()
    assert_every_cent_has_its_place()


def test_unknown_vat_shares_the_amount_as_booked(shop):
    # given
    order = shop.sale(
        shop.web, lines=[("A1", "2", "9.99", None)], day=timezone.localdate(), method="delivery", charges=["5.00"]
    )
    # when
    read_events()
    # then
    assert shares(order) == [("credit", Decimal("9.99"))]
    assert RevenueShare.objects.get().legal_entity == shop.own
    assert_every_cent_has_its_place()


def test_currencies_are_kept_apart(shop):
    # given
    day = timezone.localdate()
    shop.sale(shop.web, lines=[("A1", "1", "10.00", None)], day=day, method="delivery")
    shop.sale(shop.web, lines=[("A1", "1", "7.00", None)], day=day, method="delivery", currency="GBP")
    # when
    read_events()
    # then
    assert set(StoreRevenue.objects.values_list("currency", "credited")) == {
        ("EUR", Decimal("10.00")),
        ("GBP", Decimal("7.00")),
    }


def test_shares_cannot_be_changed(shop):
    # given
    shop.hand_over(shop.order(lines=[("A1", "1", "10.00")], collect="S001"))
    read_events()
    # then
    with pytest.raises(DatabaseError), transaction.atomic():
        RevenueShare.objects.update(amount=0)
    with pytest.raises(DatabaseError), transaction.atomic():
        RevenueShare.objects.all().delete()


def test_the_number_of_statements_does_not_grow_with_the_events(shop):
    # given
    def events_of(count: int) -> list[Event]:
        orders = [shop.order(lines=[("A1", "2", "10.00"), ("A2", "1", "5.00")], collect="S001") for _ in range(count)]
        for order in orders:
            shop.hand_over(order)
            bring_back(shop, order, 1, "1")
        known = {order.number for order in orders}
        found = Event.objects.filter(topic__in=TOPICS).order_by("id")
        return [e for e in found if known & {e.object_key, *(ln.get("order") for ln in e.payload["lines"])}]

    few, many = events_of(1), events_of(6)
    assert (len(few), len(many)) == (3, 18)
    # when
    with CaptureQueriesContext(connection) as for_few:
        share_online_revenue(few)
    with CaptureQueriesContext(connection) as for_many:
        share_online_revenue(many)
    # then
    assert len(for_many) == len(for_few) <= 16
    assert RevenueShare.objects.count() == 7 * 3


def test_reconciling_sees_a_wrong_cent(shop):
    # given
    order = shop.order(lines=[("A1", "1", "10.00")], collect="S001")
    shop.hand_over(order)
    read_events()
    # when
    StoreRevenue.objects.update(credited=F("credited") + Decimal("0.01"))
    OrderLine.objects.filter(order=order).update(vat_amount=Decimal("1.73"))
    # then
    assert [(d.stored, d.ledger) for d in stores_unlike_their_shares()] == [(Decimal("8.27"), Decimal("8.26"))]
    assert [(d.stored, d.ledger) for d in lines_not_shared_to_the_cent()] == [(Decimal("8.26"), Decimal("8.27"))]


def test_reconciling_sees_an_order_that_was_forgotten(shop):
    # given: handed over, and nobody read the news
    shop.hand_over(shop.order(lines=[("A1", "1", "10.00")], collect="S001"))
    # then
    assert [(d.stored, d.ledger) for d in lines_not_shared_to_the_cent()] == [(Decimal(0), Decimal("8.26"))]
