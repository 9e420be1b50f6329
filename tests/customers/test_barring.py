"""Identifiers that stand for nobody: blocked by somebody, or set apart because too many people share them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.accounts.models import User
from apps.core.errors import InvalidInput
from apps.core.events.models import Event
from apps.core.events.subscribers import catch_up
from apps.customers.models import BarredValue, Customer, Doubt, Edge, IdentifierRule, SourceRecord
from apps.customers.reconciling import customers_unlike_their_edges, customers_unlike_their_records
from apps.customers.services import barring
from apps.customers.services.consenting import record_consent
from apps.customers.services.digests import payment_token
from apps.customers.services.limiting import set_limits
from apps.customers.services.lookup import find_people
from apps.customers.services.parting import keep_apart
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.customers.services.setting_apart import block, release, set_apart_shared

TILL = "kassa@shop.example.org"
STORE = "0201234567"


@pytest.fixture(autouse=True)
def rules(db: None) -> Iterator[None]:
    IdentifierRule.objects.create(kind="email", at_most=5, shared_by=3)
    IdentifierRule.objects.create(kind="phone", at_most=5, shared_by=3)
    barring.forget()
    yield
    barring.forget()


def met(**person: Any) -> int:
    [record_id] = recognise([Person(**{"source": "webshop", **person})], actor="system")
    assert record_id is not None
    return record_id


def customers_of(*records: int) -> set[int]:
    return set(SourceRecord.objects.filter(pk__in=records).values_list("customer", flat=True))


def in_order() -> bool:
    return not customers_unlike_their_edges() and not customers_unlike_their_records()


def crowd(number: int, **more: object) -> list[int]:
    names = ("Jansen", "Bakker", "Visser", "Smit", "Mulder", "Bos")
    return [met(account_id=f"a-{n}", first_name="A", last_name=names[n], **more) for n in range(number)]


def test_the_stores_own_phone_is_set_apart_by_itself_and_finds_nobody() -> None:
    # given
    crowd(3, phone=STORE)
    catch_up()
    assert len(find_people({"phone": STORE})) == 3

    # when one person too many gives it
    crowd(4, phone=STORE)
    catch_up()

    # then
    barred = BarredValue.objects.get()
    assert (barred.kind, barred.state, barred.people, barred.actor) == ("phone", "quarantined", 4, "system")
    assert find_people({"phone": STORE}) == []
    said = Event.objects.get(topic="identifier.barred")
    assert said.payload == {"kind": "phone", "state": "quarantined"}


def test_a_tills_standard_address_took_people_for_one_until_it_was_set_apart() -> None:
    # given: a till says of everybody that their address was verified
    records = crowd(3, email=TILL, email_is_verified=True)
    keys = set(Customer.objects.values_list("key", flat=True))
    assert len(customers_of(*records)) == 1
    assert len(keys) == 1

    # when
    records = crowd(5, email=TILL, email_is_verified=True)
    set_apart_shared()

    # then
    assert BarredValue.objects.get().people == 5
    assert len(customers_of(*records)) == 5
    assert len(customers_of(*records, met(account_id="z", email=TILL, email_is_verified=True))) == 6
    assert Customer.objects.get(source_records=records[0]).key in keys
    assert in_order()


def test_another_proof_goes_on_holding_people_together() -> None:
    # given
    card = {"loyalty_card": "2912345678901"}
    jan = met(account_id="j-1", email=TILL, email_is_verified=True, last_name="Jansen", **card)
    again = met(source="app", external_id="j-2", email=TILL, email_is_verified=True, last_name="Jansen")
    till = met(source="tills", external_id="j-3", email=TILL, email_is_verified=True, last_name="Jansen", **card)
    Edge.objects.get(left=jan, right=till, evidence="loyalty_card")
    phone = {"phone": "0612345678", "phone_is_verified": True}
    met(account_id="j-1", **phone)
    met(source="app", external_id="j-2", **phone)

    # when
    block(kind="email", value=TILL, reason="the till's own", actor="user:1")

    # then: the phone says so too
    assert len(customers_of(jan, again, till)) == 1
    assert in_order()


def test_two_customers_who_share_another_proof_stay_two() -> None:
    # given: two who gave the shop's phone, by which one of them was recognised; a rule would not join them for an address
    address = {"email": "thuis@example.org", "email_is_verified": True}
    jan = met(account_id="j-1", first_name="Jan", phone=STORE, phone_is_verified=True, **address)
    till = met(source="tills", external_id="t-1", phone=STORE, phone_is_verified=True)
    els = met(source="app", external_id="e-1", first_name="Els", phone=STORE)
    met(source="app", external_id="e-1", **address)
    assert len(customers_of(jan, till)) == 1
    assert (Doubt.objects.get().cause, len(customers_of(jan, els))) == ("given_name", 2)

    # when
    block(kind="phone", value=STORE, reason="the store's own", actor="user:1")

    # then
    assert len(customers_of(jan, till, els)) == 3
    assert Doubt.objects.get().outcome == ""
    assert in_order()


def test_who_are_never_one_stay_apart_whichever_of_their_records_share_a_proof() -> None:
    # given: the word was said of another record than the one with the address
    address = {"email": "thuis@example.org", "email_is_verified": True}
    first = met(account_id="j-1", phone=STORE, phone_is_verified=True, **address)
    again = met(source="app", external_id="j-2", **address)
    till = met(source="tills", external_id="t-1", phone=STORE, phone_is_verified=True)
    els = met(source="app", external_id="e-1", phone=STORE)
    keep_apart(again, els, actor="user:1")
    met(source="app", external_id="e-1", **address)
    assert len(customers_of(first, again, till, els)) == 2

    # when
    block(kind="phone", value=STORE, reason="the store's own", actor="user:1")

    # then
    assert len(customers_of(first, again)) == 1
    assert len(customers_of(first, till, els)) == 3
    assert in_order()


def test_somebody_busy_with_the_people_of_one_value_keeps_no_other_from_being_set_apart(
    transactional_db: None, rules: None
) -> None:
    # given two that too many people share, and people of the first whom somebody is busy with
    first, *_others = crowd(5, email="balie@shop.example.org", email_is_verified=True)
    crowd(5, source="app", email=TILL, email_is_verified=True)
    somebody = connection.copy()
    somebody.set_autocommit(False)
    # when
    try:
        with somebody.cursor() as busy, connection.cursor() as cursor:
            busy.execute("SELECT FROM customers_sourcerecord WHERE id = %s FOR UPDATE", [first])
            cursor.execute("SET lock_timeout = '100ms'")
            apart = set_apart_shared()
    finally:
        somebody.rollback()
        somebody.close()
        connection.close()  # and with it what it waits for
    # then
    assert [barred.value for barred in apart] == [TILL]
    assert [barred.value for barred in set_apart_shared()] == ["balie@shop.example.org"]
    assert in_order()


def test_one_customer_with_many_records_is_not_many_people() -> None:
    # given
    for n in range(6):
        met(source="app", external_id=f"{n}", email="p@example.org", email_is_verified=True, last_name="Postma")

    # when
    set_apart_shared()

    # then
    assert not BarredValue.objects.exists()


def test_what_was_released_stands_for_somebody_again_and_stays_so() -> None:
    # given
    crowd(5, phone=STORE)
    [barred] = set_apart_shared()

    # when
    release(barred=barred, reason="a house with many people", actor="user:1")

    # then
    assert len(find_people({"phone": STORE})) == 5
    assert set_apart_shared() == []
    assert Event.objects.get(topic="identifier.released").payload["state"] == "released"


def test_a_pattern_bars_all_it_fits() -> None:
    # given
    one = met(source="a", external_id="1", email="kassa1@shop.example.org", email_is_verified=True)
    two = met(source="b", external_id="2", email="kassa1@shop.example.org", email_is_verified=True)
    assert len(customers_of(one, two)) == 1

    # when
    block(kind="email", value="Kassa*@shop.example.org", reason="tills", actor="user:1")

    # then
    assert len(customers_of(one, two)) == 2
    assert find_people({"email": "kassa1@shop.example.org"}) == []
    assert in_order()


@pytest.mark.parametrize("value", ["*", "a*", "no address"])
def test_what_would_bar_everybody_or_nobody_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput):
        block(kind="email", value=value, reason="", actor="user:1")


def test_without_consent_nobody_is_recognised_by_payment_card() -> None:
    # given
    token = payment_token("par-1")
    web = met(account_id="w-1", payment_token=token, email="w@example.org")
    till = met(source="tills", external_id="t-1", payment_token=token)
    key = Customer.objects.get(source_records=web).key
    assert len(customers_of(web, till)) == 1
    told = {"purpose": "payment_recognition", "text_version": "1", "proof": "webshop"}
    record_consent(source_record_id=web, given=True, **told)
    assert len(customers_of(web, till)) == 1

    # when
    record_consent(source_record_id=till, given=False, **told)

    # then
    assert len(customers_of(web, till)) == 2
    assert Customer.objects.get(source_records=web).key == key
    assert SourceRecord.objects.filter(identifiers__kind="payment_token", identifiers__valid_until=None).count() == 0
    assert len(customers_of(web, till, met(source="tills", external_id="t-2", payment_token=token))) == 3
    assert Event.objects.get(topic="customer.parted").payload["source_records"] == [till]
    assert in_order()


def test_head_office_bars_and_releases_on_pages(
    make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    keeper = browse(make_user("head_office"))
    person = met(account_id="x", phone=STORE)

    # when
    said = {"kind": "phone", "value": "020 1234567", "reason": "the store's own phone"}
    opened = keeper.post("/customers/barred/new/", said, follow=True)

    # then: masked, with why and how many
    page = opened.content.decode()
    barred = BarredValue.objects.get()
    assert (barred.value, barred.state) == ("+31201234567", "blocked")
    assert "+31201234567" not in page
    assert "•• 4567" in page
    assert "the store&#x27;s own phone" in page
    listed = keeper.get("/customers/barred/").content.decode()
    assert "•• 4567" in listed
    assert "201234567" not in listed
    assert find_people({"phone": STORE}) == []

    # when
    again = keeper.post("/customers/barred/new/", said)
    released = keeper.post(f"/customers/barred/{barred.pk}/release/", {"reason": "it is theirs"}, follow=True)

    # then
    assert again.status_code in (409, 422)
    assert released.status_code == 200
    assert [found.source_record_id for found in find_people({"phone": STORE})] == [person]
    assert [event.topic for event in Event.objects.filter(object_type="barredvalue").order_by("pk")] == [
        "identifier.barred",
        "identifier.released",
    ]


def limits(**changed: Any) -> dict[str, Any]:
    """The form as it stands, with some numbers changed."""
    rules = barring.book().rules
    shown = {
        f"{kind}-{part}": getattr(rule, part) or ""
        for kind, rule in rules.items()
        for part in ("at_most", "window_days", "shared_by")
    }
    return shown | {name.replace("__", "-"): number for name, number in changed.items()} | {"reason": "Families"}


def test_head_office_says_how_many_may_share_a_value(
    make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given: four people with one number, of whom three may
    crowd(4, phone=STORE)
    office = browse(make_user("head_office"))
    assert "Limits" in office.get("/customers/barred/").content.decode()

    # when
    refused = office.post("/customers/barred/limits/", limits(phone__shared_by="1"))
    done = office.post("/customers/barred/limits/", limits(phone__shared_by="5"), follow=True)

    # then: five may
    assert refused.status_code == 422
    assert "The limits hold from now on" in done.content.decode()
    assert set_apart_shared() == []
    said = Event.objects.get(topic="identifier.limited")
    assert (said.object_key, said.payload["before"]["shared_by"], said.payload["after"]["shared_by"]) == ("phone", 3, 5)
    # and fewer again
    office.post("/customers/barred/limits/", limits(phone__shared_by="3"))
    assert [one.kind for one in set_apart_shared()] == ["phone"]


def test_head_office_says_how_many_of_a_kind_one_customer_gets(
    make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    office = browse(make_user("head_office"))
    proofs = {"email": "jan@example.org", "email_is_verified": True, "last_name": "Jansen"}
    office.post("/customers/barred/limits/", limits(account_id__at_most="1"))

    # when: an account too many, then no limit at all
    first, second = met(account_id="j-1", **proofs), met(source="app", account_id="j-2", **proofs)
    apart = len(customers_of(first, second))
    office.post("/customers/barred/limits/", limits(account_id__at_most=""))
    third = met(source="belgium", account_id="j-3", **proofs)

    # then
    assert apart == 2
    assert customers_of(third) <= customers_of(first, second)
    assert [event.object_key for event in Event.objects.filter(topic="identifier.limited")] == ["account_id"] * 2


def test_limits_that_stay_as_they_are_write_nothing_and_those_that_cannot_be_are_refused(
    make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    office = browse(make_user("head_office"))
    before = IdentifierRule.objects.count()

    # when
    same = office.post("/customers/barred/limits/", limits(), follow=True)
    without_number = office.post("/customers/barred/limits/", limits(loyalty_card__at_most=""))

    # then
    assert "Nothing was changed" in same.content.decode()
    assert without_number.status_code == 422
    assert "Say how many in that time" in without_number.content.decode()
    for wrong in (
        {"address": barring.Rule(at_most=1)},
        {"account_id": barring.Rule(shared_by=3)},
        {"email": barring.Rule(shared_by=1)},
        {"email": barring.Rule(window_days=7)},
    ):
        with pytest.raises(InvalidInput):
            set_limits(rules=wrong)
    assert IdentifierRule.objects.count() == before
    assert not Event.objects.filter(topic="identifier.limited").exists()
