"""What a customer's page says of spending and of what is still to be done: to the cent, within reach, by tag."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.customers.discretion import TagRule
from apps.customers.discretion import rules as kept
from apps.customers.models import Basis, Customer
from apps.customers.services.joining import join
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.messages.models import Message
from apps.network.models import Channel
from apps.orders.models import Order, OrderStatus
from apps.orders.services.cancelling import cancel
from apps.portal.discretion import Tag
from apps.returns.models import Return, ReturnStatus
from apps.service.services import Contact, log_contact
from tests.people import make_user
from tests.returns.purchases import JAN, collected, order, sold
from tests.returns.test_accepting import take_back
from tests.returns.test_recording import line, record, returned
from tests.shop import Shop

__all__ = ["make_user"]


@pytest.fixture
def record_id(shop: Shop) -> int:
    [known] = recognise([replace(JAN, email_is_verified=True)], actor="test")
    return known


@pytest.fixture
def jan(record_id: int) -> Customer:
    return Customer.objects.get(source_records=record_id)


@pytest.fixture
def look(jan: Customer) -> Callable[[User], Client]:
    """Somebody who looked Jan up."""

    def sign_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        client.post("/customers/", {"identifier": "j.jansen@example.org"})
        return client

    return sign_in


@pytest.fixture
def desk(make_user: Callable[..., User], look: Callable[[User], Client]) -> Client:
    return look(make_user("service_agent"))


def spent(client: Client, customer: Customer) -> dict[str, tuple[str, str]]:
    """{"Webshop": ("€40.00", "2 orders")} of the panel."""
    page = client.get(f"/returns/spending/{customer.key}/").content.decode()
    rows = re.findall(r'<dt>([^<]+)</dt><dd class="num">(.+?)<small>([^<]+)</small>', page, re.S)
    return {channel: (re.sub(r"<[^>]+>|\s", "", amount), number) for channel, amount, number in rows}


def waiting(client: Client, customer: Customer) -> str:
    page = client.get(f"/customers/{customer.key}/open-work/").content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_it_is_what_was_kept_of_every_channel_to_the_cent(
    shop: Shop, jan: Customer, desk: Client, record_id: int
) -> None:
    # given a web order of 29.99 of which a third came back, in a store; two till sales, of which a piece came back
    web = collected(shop, ("A", "3", "0.01"))
    take_back(shop.s2, web, (1, "1"))
    till = sold(shop, shop.s1, ("A", "2", "15.99"), source_record_id=record_id)
    sold(shop, shop.s1, ("B", "1", "4.00"), source_record_id=record_id)
    take_back(shop.s1, till, (1, "1"), reference="desk-2")
    back = Return.objects.get(lines__order=till).total
    # then each return counts where its goods were bought
    assert spent(desk, jan) == {
        "Webshop": ("€19.99", "1 order"),
        "Store": (f"€{Decimal('19.99') - back}", "2 orders"),
    }


def test_what_was_called_off_was_not_bought(shop: Shop, jan: Customer, desk: Client) -> None:
    # given one order called off, one in part, and one that nobody paid for yet
    whole, part = order(shop, ("A", "1", "0")), order(shop, ("A", "3", "0.01"), ("B", "1", "0"))
    unpaid = order(shop, ("C", "1", "0"))
    Order.objects.filter(pk=unpaid.pk).update(status=OrderStatus.AWAITING_PAYMENT)
    cancel(number=whole.number, actor="test")
    cancel(number=part.number, pieces={1: Decimal(1)}, actor="test")
    # then 39.99 less the ten that the customer got back
    assert spent(desk, jan) == {"Webshop": ("€29.99", "1 order")}


def test_currencies_are_never_added_up(shop: Shop, jan: Customer, desk: Client, record_id: int) -> None:
    # given
    sold(shop, shop.s1, ("A", "1", "10.00"), source_record_id=record_id)
    other = sold(shop, shop.s2, ("A", "1", "8.50"), source_record_id=record_id)
    Order.objects.filter(pk=other.pk).update(currency="GBP")
    # when
    page = desk.get(f"/returns/spending/{jan.key}/").content.decode()
    # then
    assert re.sub(r"<[^>]+>|\s", "", page).count("1order") == 2
    assert "10.00" in page
    assert "8.50" in page


def test_what_is_longer_ago_counts_neither_as_bought_nor_as_brought_back(
    shop: Shop, jan: Customer, desk: Client, record_id: int
) -> None:
    # given something bought two years ago that came back today
    long_ago = sold(
        shop, shop.s1, ("A", "1", "10.00"), at=timezone.now() - dt.timedelta(days=700), source_record_id=record_id
    )
    sold(shop, shop.s1, ("B", "1", "4.00"), source_record_id=record_id)
    take_back(shop.s1, long_ago, (1, "1"))
    # then
    assert spent(desk, jan) == {"Store": ("€4.00", "1 order")}


def test_a_return_of_a_purchase_that_nobody_knows_counts_where_it_was_brought(
    shop: Shop, jan: Customer, desk: Client, record_id: int
) -> None:
    # given
    sold(shop, shop.s1, ("B", "1", "4.00"), source_record_id=record_id)
    record(returned(shop, "T9", line(shop, 1, "1.50"), source_record_id=record_id))
    # then
    assert spent(desk, jan) == {"Store": ("€2.50", "1 order")}


def test_the_favourite_store_is_where_they_buy_most_often(
    shop: Shop, jan: Customer, desk: Client, record_id: int
) -> None:
    # given
    for store in (shop.s1, shop.s2, shop.s2):
        sold(shop, store, ("A", "1", "10.00"), source_record_id=record_id)
    # when
    page = desk.get(f"/returns/spending/{jan.key}/").content.decode()
    # then
    assert re.search(r"Buys most in</dt><dd>Leiden", page)


def test_who_bought_nothing_and_waits_for_nothing_is_told_so(jan: Customer, desk: Client) -> None:
    assert "Nothing bought in the last year." in desk.get(f"/returns/spending/{jan.key}/").content.decode()
    assert "Nothing waits." in waiting(desk, jan)


def test_both_follow_the_records_of_who_is_joined(shop: Shop, jan: Customer, desk: Client, record_id: int) -> None:
    # given a purchase of the same person, as the till knows them
    [till] = recognise(
        [Person(source="tills", loyalty_card="2912345678901", email=JAN.email, email_is_verified=True)], actor="test"
    )
    sold(shop, shop.s1, ("A", "1", "10.00"), source_record_id=till)
    sold(shop, shop.s2, ("A", "1", "3.00"), source_record_id=record_id)
    # then
    assert till != record_id
    assert spent(desk, jan) == {"Store": ("€13.00", "2 orders")}


def test_what_waits_is_one_list_of_every_kind_with_what_the_customer_gets(
    shop: Shop, jan: Customer, desk: Client, record_id: int
) -> None:
    # given a return on its way, one looked at that is not paid back, one that is over, and a complaint
    bought = collected(shop, ("A", "3", "0"))
    for n, status in enumerate((ReturnStatus.ANNOUNCED, ReturnStatus.INSPECTED, ReturnStatus.SETTLED)):
        rma = take_back(shop.s1, bought, (1, "1"), reference=f"desk-{n}")
        Return.objects.filter(pk=rma.pk).update(status=status)
    log_contact(
        contact=Contact(
            source="chat",
            external_id="c1",
            source_record_id=record_id,
            channel="phone",
            topic="complaint",
            text="Boos.",
            occurred_at=timezone.now(),
        ),
        actor="client:1",
    )
    # when
    said = waiting(desk, jan)
    # then
    assert said.count("Return R") == 2
    assert "Announced" in said
    assert "To be paid back" in said
    assert said.count("10.00") == 2
    assert "Complained lately" in said


def test_a_store_does_not_learn_what_somebody_spends_but_what_waits(
    shop: Shop,
    jan: Customer,
    record_id: int,
    make_user: Callable[..., User],
    look: Callable[[User], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    sold(shop, shop.s1, ("A", "1", "10.00"), source_record_id=record_id)
    store = look(make_user("store_manager", shop.s1))
    # then what they spend is hidden at the counter, on the page and at its own address
    assert store.get(f"/returns/spending/{jan.key}/").status_code == 404
    assert "panel-spending" not in store.get(jan.get_absolute_url()).content.decode()
    assert "panel-open-work" in store.get(jan.get_absolute_url()).content.decode()
    # and a rule of head office shows it
    monkeypatch.setattr(kept, "_reader", [lambda: [TagRule(datum="orders.spend", tag=Tag.DISCREET)]])
    assert spent(store, jan) == {"Store": ("€10.00", "1 order")}


def test_one_kind_that_is_hidden_is_not_in_the_list(
    shop: Shop, jan: Customer, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    rma = take_back(shop.s1, collected(shop, ("A", "1", "0")), (1, "1"))
    Return.objects.filter(pk=rma.pk).update(status=ReturnStatus.INSPECTED)
    assert rma.number in waiting(desk, jan)
    # when
    monkeypatch.setattr(kept, "_reader", [lambda: [TagRule(datum="returns.history", tag=Tag.HIDDEN)]])
    # then
    assert rma.number not in waiting(desk, jan)


def test_without_a_look_up_there_is_nothing(shop: Shop, jan: Customer, make_user: Callable[..., User]) -> None:
    client = Client()
    client.force_login(make_user("head_office"))
    for path in (f"/returns/spending/{jan.key}/", f"/customers/{jan.key}/open-work/"):
        assert client.get(path).status_code == 404


def test_the_number_of_statements_does_not_grow(shop: Shop, jan: Customer, desk: Client, record_id: int) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            for path in (f"/returns/spending/{jan.key}/", f"/customers/{jan.key}/open-work/"):
                assert desk.get(path).status_code == 200
        return len(queries)

    # given
    sold(shop, shop.s1, ("A", "1", "10.00"), source_record_id=record_id)
    few = statements()
    # when
    for n, store in enumerate((shop.s1, shop.s2) * 3):
        bought = sold(shop, store, ("A", "2", "20.00"), source_record_id=record_id)
        take_back(shop.s1, bought, (1, "1"), reference=f"desk-{n}")
    Return.objects.filter(location=shop.s1).update(status=ReturnStatus.INSPECTED)
    # then
    assert Channel.objects.filter(kind="store").count() == 2
    assert statements() == few


def visits(client: Client, customer: Customer) -> list[str]:
    page = client.get(f"/customers/{customer.key}/timeline/", {"kind": "visits"}).content.decode()
    entries = re.findall(
        r'<span class="what">(.+?)</span>(?:(?!</li>).)*?<span class="where">([^<]*)</span>', page, re.S
    )
    return [f"{re.sub('<[^>]+>', '', what).strip()}, {where}" for what, where in entries]


def test_visits_are_what_somebody_came_to_a_store_for(
    shop: Shop, jan: Customer, desk: Client, make_user: Callable[..., User], look: Callable[[User], Client]
) -> None:
    # given an order collected in Utrecht, a return announced from home and brought to Leiden, and being helped there, twice
    bought = collected(shop, ("A", "2", "0"))
    rma = take_back(shop.s2, bought, (1, "1"))
    Return.objects.filter(pk=rma.pk).update(
        occurred_at=rma.occurred_at - dt.timedelta(days=2), received_at=timezone.now() + dt.timedelta(minutes=1)
    )
    associate = make_user("store_associate", shop.s2)
    for _time in range(2):
        look(associate)
    # when
    seen = visits(desk, jan)
    # then each visit stands there once, and what was brought and looked up at once is one
    assert sorted(seen) == [
        "Brought return " + f"{rma.number}, {shop.s2}",
        f"Collected order {bought.number}, {shop.s1}",
        f"Was helped in the store, {shop.s2}",
    ]
    # and the desk's own look-up is none
    assert "desk" not in " ".join(seen).lower()


def test_visits_of_whoever_was_joined_are_theirs(
    shop: Shop, jan: Customer, record_id: int, desk: Client, make_user: Callable[..., User]
) -> None:
    # given somebody helped in a store who turned out to be Jan
    [other] = recognise([Person(source="tills", loyalty_card="2912345678901", first_name="Jan")], actor="test")
    store = Client(headers={"accept-language": "en"})
    store.force_login(make_user("store_associate", shop.s1))
    store.post("/customers/", {"identifier": "2912345678901"})
    assert visits(desk, jan) == []
    # when
    join(record_id, other, basis=Basis.BY_HAND, actor="test", reason="same person")
    # then
    assert visits(desk, jan) == [f"Showed their card, {shop.s1}"]


def test_a_receipt_is_a_kind_of_its_own(jan: Customer, record_id: int, desk: Client) -> None:
    # given
    for template in ("receipt", "order_confirmed"):
        Message.objects.create(
            template=template,
            dedupe_key=template,
            source_record_id=record_id,
            address="j.jansen@example.org",
            locale="nl",
            subject=f"About {template}",
            body="",
        )
    # when
    page = {kind: desk.get(f"/customers/{jan.key}/timeline/", {"kind": kind}).content.decode() for kind in KINDS}
    # then
    assert ["About receipt" in page[kind] for kind in KINDS] == [True, True, False]
    assert ["About order_confirmed" in page[kind] for kind in KINDS] == [True, False, True]


KINDS = ("", "receipt", "message")
