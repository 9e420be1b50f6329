import datetime as dt
from decimal import Decimal

from django.utils import timezone

from apps.core.events.models import Event
from apps.customers.models import Customer, SourceRecord
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.kpis.models import DailySales
from apps.kpis.services.measuring import as_of, channel_use, figures, figures_by_month, sold_in
from apps.network.models import Channel
from apps.orders.models import OrderLine
from apps.portal.periods import Period
from apps.returns.models import ReturnLine
from apps.returns.services.accepting import accept_in_store
from apps.returns.services.types import Accepted
from tests.franchise.chain import Chain, read_events
from tests.kpis.test_rolling_up import sell_in_every_way, till

MARCH = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
YEAR = Period(timezone.localdate() - dt.timedelta(days=800), timezone.localdate())


def someone(name: str) -> int:
    return recognise([Person(source="webshop", account_id=name, first_name=name)], actor="test")[0]


def spend(chain: Chain, who: int | None, channel: Channel, net: str, day: dt.date, currency: str = "EUR") -> None:
    is_online = channel.kind == "webshop"
    chain.sale(
        channel,
        lines=[("A1", "1", net, None)],
        day=day,
        method="delivery" if is_online else "carry_out",
        location=None if is_online else channel.location,
        source_record_id=who,
        currency=currency,
    )


def test_the_figures_equal_a_sum_over_the_rows(chain):
    # given
    sell_in_every_way(chain)
    read_events()
    # when
    found = figures(DailySales.objects.all(), currency="EUR", period=YEAR)
    # then: worked out from the rows themselves
    lines = OrderLine.objects.filter(quantity_fulfilled__gt=0, order__currency="EUR").select_related("order__channel")
    backs = ReturnLine.objects.filter(variant__isnull=False, rma__currency="EUR").select_related("order__channel")
    assert len(lines) == 5
    assert len(backs) == 2

    def sold(is_online: bool) -> Decimal:
        return sum((ln.amount - ln.vat_amount for ln in lines if ln.order.channel.is_online == is_online), Decimal(0))

    def back(is_online: bool) -> Decimal:
        return sum((b.amount - b.vat_amount for b in backs if b.order.channel.is_online == is_online), Decimal(0))

    assert (found.online.sold, found.store.sold) == (sold(True), sold(False))
    assert (found.online.returned, found.store.returned) == (back(True), back(False))
    assert found.online.net == sold(True) - back(True)
    assert found.total.net == sold(True) + sold(False) - back(True) - back(False)
    assert found.collect_share == Decimal(1) / 2
    assert found.return_rate == (back(True) + back(False)) / (sold(True) + sold(False))
    known = sum((ln.amount - ln.vat_amount for ln in lines if ln.order.source_record_id), Decimal(0))
    assert found.known_share == known / (sold(True) + sold(False))


def test_pounds_are_never_added_to_euros(chain):
    # given
    day = dt.date(2026, 3, 14)
    spend(chain, None, chain.web, "100.00", day)
    spend(chain, None, chain.web, "70.00", day, currency="GBP")
    read_events()
    # when
    euros = figures(DailySales.objects.all(), currency="EUR", period=MARCH)
    pounds = figures(DailySales.objects.all(), currency="GBP", period=MARCH)
    # then
    assert (euros.total.net, pounds.total.net) == (Decimal(100), Decimal(70))
    assert figures_by_month(DailySales.objects.all(), currency="GBP", period=MARCH)[day.replace(day=1)].total.sold == 70


def test_currencies_come_with_their_days_the_one_sold_in_last_first(chain):
    # given: no channel of this chain was set up for pounds but one
    Channel.objects.create(code="uk", name="UK", kind="webshop", seller=chain.own, currency="GBP")
    Channel.objects.create(code="us", name="US", kind="webshop", seller=chain.own, currency="USD")
    spend(chain, None, chain.web, "1.00", dt.date(2026, 3, 2))
    spend(chain, None, chain.web, "1.00", dt.date(2026, 3, 20))
    spend(chain, None, Channel.objects.get(code="uk"), "1.00", dt.date(2026, 4, 1), currency="GBP")
    read_events()
    # when / then
    assert list(sold_in(DailySales.objects.all()).items()) == [
        ("GBP", (dt.date(2026, 4, 1), dt.date(2026, 4, 1))),
        ("EUR", (dt.date(2026, 3, 2), dt.date(2026, 3, 20))),
    ]


def test_shares_of_nothing_are_unknown(chain):
    found = figures(DailySales.objects.all(), currency="EUR", period=MARCH)
    assert (found.collect_share, found.return_rate, found.known_share) == (None, None, None)
    assert found.total.net == 0


def test_customers_of_several_channels_beside_those_of_one(chain):
    # given: Ann buys online and in a store, Bas in two stores, Cor online; somebody pays cash
    day = dt.date(2026, 3, 14)
    ann, bas, cor = someone("ann"), someone("bas"), someone("cor")
    spend(chain, ann, chain.web, "100.00", day)
    spend(chain, ann, till("S001"), "60.00", day)
    spend(chain, bas, till("S001"), "30.00", day)
    spend(chain, bas, till("S002"), "10.00", day - dt.timedelta(days=40))
    spend(chain, cor, chain.web, "20.00", day)
    spend(chain, None, till("S001"), "999.00", day)
    read_events()
    # when
    use = channel_use(currency="EUR", until=dt.date(2026, 3, 20))
    # then: two stores are one kind of channel
    assert (use.several.customers, use.several.average) == (1, Decimal(160))
    assert (use.one.customers, use.one.average) == (2, Decimal(30))
    assert use.ratio == Decimal(160) / 30
    assert (use.months.start, use.months.end) == (dt.date(2025, 4, 1), dt.date(2026, 3, 31))


def test_records_of_one_customer_count_as_one(chain):
    # given: known to the webshop and to the tills, and found to be the same person
    day = dt.date(2026, 3, 14)
    web, tills = someone("ann"), someone("card-of-ann")
    spend(chain, web, chain.web, "100.00", day)
    spend(chain, tills, till("S001"), "60.00", day)
    read_events()
    apart = channel_use(currency="EUR", until=day)
    assert (apart.several.customers, apart.one.customers) == (0, 2)
    # when
    customer = Customer.objects.get(source_records=web)
    SourceRecord.objects.filter(pk=tills).update(customer=customer)
    # then: nothing had to be rebuilt
    together = channel_use(currency="EUR", until=day)
    assert (together.several.customers, together.several.net, together.one.customers) == (1, Decimal(160), 0)


def test_only_twelve_months_and_one_currency_count(chain):
    # given
    ann = someone("ann")
    spend(chain, ann, chain.web, "100.00", dt.date(2025, 3, 31))
    spend(chain, ann, till("S001"), "60.00", dt.date(2025, 4, 1))
    spend(chain, ann, chain.web, "7.00", dt.date(2026, 3, 1), currency="GBP")
    read_events()
    # when
    use = channel_use(currency="EUR", until=dt.date(2026, 3, 20))
    # then
    assert (use.several.customers, use.one.customers, use.one.net) == (0, 1, Decimal(60))


def test_what_came_back_was_not_spent(chain):
    # given
    ann = someone("ann")
    sale = chain.sale(
        till("S001"),
        lines=[("A1", "2", "24.20", "4.20")],
        day=timezone.localdate(),
        location=chain.stores["S001"],
        source_record_id=ann,
    )
    accept_in_store(
        location=chain.stores["S003"],
        lines=[Accepted(order=sale.number, line=1, quantity=Decimal(1))],
        reference="x",
        occurred_at=timezone.now(),
        actor="test",
    )
    read_events()
    # when / then
    assert channel_use(currency="EUR", until=timezone.localdate()).one.net == Decimal(10)


def test_the_figures_say_up_to_when_they_hold(chain):
    # given
    spend(chain, None, chain.web, "1.00", dt.date(2026, 3, 2))
    waiting = Event.objects.get(topic="order.fulfilled").recorded_at
    # when / then
    assert as_of() == waiting
    read_events()
    assert as_of() > waiting
