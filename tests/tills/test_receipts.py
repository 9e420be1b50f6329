"""A receipt by mail: what it shows to whoever has the link, and what a press of its button proves."""

import re
from typing import Any

import pytest
from django.test import Client

from apps.customers.models import ConfirmationAsked, Identifier, SourceRecord
from apps.customers.services.recognising import Person, recognise
from apps.messages.models import Message
from tests.tills.tickets import line, send, ticket

JAN = {"email": "jan@example.org", "receipt": True}


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """Limits of one test are not those of the next."""
    from django.core.cache import cache

    cache.clear()


def path_in(message: Message) -> str:
    found = re.search(r"http://[^/]+(/receipt/\S+)", message.body)
    assert found is not None, message.body
    return found[1]


def recent(*lines: Any, **changes: Any) -> dict[str, Any]:
    """A ticket of a moment ago: what is older than a week is not written about."""
    from django.utils import timezone

    now = timezone.now()
    return ticket(*lines, **{"occurred_at": now.isoformat(), "business_date": now.date().isoformat(), **changes})


def test_who_asks_for_a_receipt_gets_a_link_to_lines_total_vat_and_store(shop):
    # when
    sold = recent(line("A", 2), line("B", 1, "5.00", discount="1.00", amount="4.00"), customer=JAN)
    [number] = send(shop, sold)["numbers"]
    # then one service mail goes out, also when the till repeats itself
    send(shop, sold)
    message = Message.objects.get()
    assert (message.template, message.address, message.purpose) == ("receipt", "jan@example.org", "")
    # and whoever has the link sees the receipt, and nobody's name
    answer = Client(headers={"accept-language": "en"}).get(path_in(message))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
    for said in ("€24.00", "€4.16", shop.s1.name, number):
        assert said in page
    assert "jan@" not in page
    assert "jan" not in path_in(message)


def test_nobody_gets_mail_who_did_not_ask_and_nothing_is_news_after_a_week(shop):
    send(shop, recent(customer={"email": "jan@example.org"}))
    send(shop, recent(customer={"loyalty_card": "29123456789012", "receipt": True}))
    send(shop, recent(customer={"email": "no address", "loyalty_card": "29123456789012", "receipt": True}))
    send(shop, ticket(customer=JAN, occurred_at="2025-11-20T11:00:00+01:00", business_date="2025-11-20"))
    assert not Message.objects.exists()
    assert not ConfirmationAsked.objects.exists()


def test_opening_proves_nothing_and_pressing_proves_the_address_once(shop):
    # given
    send(shop, recent(customer=JAN))
    path, proven = path_in(Message.objects.get()), Identifier.objects.filter(kind="email", verified=True)
    buyer = SourceRecord.objects.get()
    # when a scanner of mail opens it
    Client().get(path)
    # then
    assert not proven.exists()
    # when somebody presses, twice
    pressed = [Client().post(path).status_code for _ in range(2)]
    # then
    assert pressed == [302, 302]
    assert [(sign.value, sign.source_record) for sign in proven] == [("jan@example.org", buyer)]
    # and it allows nothing else
    assert not buyer.consents.exists()
    # and who shows that address in the webshop is the same customer from now on
    [record_id] = recognise(
        [Person(source="webshop", account_id="w1", email="jan@example.org", email_is_verified=True)], actor="test"
    )
    assert SourceRecord.objects.get(pk=record_id).customer == buyer.customer


def test_an_address_that_the_till_corrected_proves_nothing_of_the_customer(shop):
    card = {"loyalty_card": "29123456789012", "receipt": True}
    send(shop, recent(customer={**card, "email": "typo@example.org"}))
    send(shop, recent(customer={**card, "email": "jan@example.org"}))
    path = path_in(Message.objects.get(address="typo@example.org"))
    # when whoever has the mistyped mailbox presses
    answer = Client().post(path)
    # then
    assert answer.status_code == 410
    assert not Identifier.objects.filter(kind="email", verified=True).exists()


def test_what_came_back_stands_on_the_receipt_as_given_back(shop):
    back = recent(line("A", 1, type="return"), tenders=[{"method": "cash", "amount": "-10.00"}], customer=JAN)
    assert send(shop, back)["quarantined"] == []
    page = Client(headers={"accept-language": "en"}).get(path_in(Message.objects.get())).content.decode()
    assert "\N{MINUS SIGN}€10.00" in page
