from dataclasses import replace

from django.db import connection
from django.test.utils import CaptureQueriesContext
from stdnum import luhn

from apps.customers.models import Identifier
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.loyalty.models import LoyaltyAccount
from apps.loyalty.services.cards import is_card
from apps.loyalty.services.opening import NewCard, open_account, open_accounts
from tests.returns.purchases import JAN, collected
from tests.shop import Shop


def test_a_card_works_at_once_and_proves_who_its_holder_is(shop: Shop) -> None:
    # when
    account = open_account(person=Person(source="till", first_name="Jan"), issued_by=shop.s2, actor="test")
    # then
    assert len(account.card_number) == 13
    assert luhn.is_valid(account.card_number)
    assert (account.issued_by, account.balance, account.pending) == (shop.s2, 0, 0)
    sign = Identifier.objects.get(source_record=account.source_record)
    assert (sign.kind, sign.value, sign.verified) == ("loyalty_card", account.card_number, True)
    [record_id] = recognise([Person(source="tills", loyalty_card=account.card_number)], actor="test")
    known = account.source_record.customer.source_records.filter(pk=record_id)
    assert known.exists()


def test_a_card_joins_the_customer_of_the_webshop(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "1", "0"), person=replace(JAN, email_is_verified=True))
    # when
    account = open_account(
        person=Person(source="till", email=JAN.email, email_is_verified=True), issued_by=None, actor="test"
    )
    # then
    assert order.source_record is not None
    assert account.source_record.customer == order.source_record.customer


def test_a_typing_error_in_a_card_number_shows(shop: Shop) -> None:
    # given
    number = open_account(person=Person(source="till"), issued_by=None, actor="test").card_number
    wrong = number[:5] + str((int(number[5]) + 1) % 10) + number[6:]
    # then
    assert is_card(number)
    assert not is_card(wrong)
    assert not is_card("")
    assert not is_card("９" * 13)


def test_many_cards_in_as_many_statements_as_two(shop: Shop) -> None:
    # given
    def cards(names: range) -> list[NewCard]:
        return [NewCard(Person(source="app", first_name=f"P{n}", email=f"p{n}@example.org")) for n in names]

    open_accounts(cards=cards(range(100, 101)), actor="test")  # what is read once and kept

    # when
    with CaptureQueriesContext(connection) as few:
        open_accounts(cards=cards(range(2)), actor="test")
    with CaptureQueriesContext(connection) as many:
        open_accounts(cards=cards(range(10, 60)), actor="test")
    # then
    assert len(many) == len(few)
    assert LoyaltyAccount.objects.values("card_number").distinct().count() == 53
