import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.services import grant_access
from apps.core.errors import Busy, Conflict, DomainError
from apps.core.events.models import Event
from apps.core.reach import forget_reach
from apps.core.retry import in_transaction
from apps.customers.models import Basis, Customer, Doubt, Edge, Identifier, MatchEvent, SourceRecord
from apps.customers.reconciling import customers_unlike_their_edges, customers_unlike_their_records
from apps.customers.services.contradicting import contradictions
from apps.customers.services.joining import Contradicted, join, survivor
from apps.customers.services.lineage import joins_of
from apps.customers.services.parting import allow_again, keep_apart, part, undo_join
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from tests.at_once import all_at_once
from tests.waiting import while_another_waits


def met(**person: Any) -> int:
    whom = Person(**{"source": "webshop", **person})
    [record_id] = in_transaction(lambda: recognise([whom], actor="system"))
    assert record_id is not None
    return record_id


def customer_of(record_id: int) -> Customer:
    return Customer.objects.get(source_records=record_id)


def by_hand(left: int, right: int) -> Customer:
    return survivor(join(left, right, basis=Basis.BY_HAND, actor="user:1", reason="said so"))


def in_order() -> bool:
    return not customers_unlike_their_edges() and not customers_unlike_their_records()


@pytest.mark.django_db
def test_joined_customers_are_the_older_one_and_the_other_key_goes_on_meaning_them() -> None:
    # given
    old, new = met(account_id="a-1", first_name="Jan", last_name="Jansen"), met(account_id="b-1", phone="0612345678")
    older, younger = customer_of(old), customer_of(new)

    # when
    survivor = by_hand(new, old)

    # then
    assert survivor == older
    assert customer_of(new) == older
    assert Customer.objects.meant_by(younger.key).get() == older
    assert (survivor.name, survivor.phone) == ("Jan Jansen", "+31612345678")
    younger.refresh_from_db()
    assert (younger.merged_into, younger.phone) == (older, "")
    event = MatchEvent.objects.filter(kind="joined").get()
    assert (event.source_record_id, event.from_key, event.customer_key) == (new, younger.key, older.key)
    assert event.edge == Edge.objects.get()
    said = Event.objects.get(topic="customer.joined")
    assert said.payload == {"customer": str(older.key), "merged": [str(younger.key)], "source_records": [new]}
    assert [edge.source_record_ids for edge in joins_of([old, new])] == [frozenset({new})]
    assert in_order()


@pytest.mark.django_db
def test_taken_apart_again_each_has_its_own_key() -> None:
    # given
    old, new = met(account_id="a-1", email="a@example.org"), met(account_id="b-1", email="b@example.org")
    before = {pk: customer_of(pk).key for pk in (old, new)}
    by_hand(old, new)
    third = met(source="tills", external_id="x", account_id="")
    by_hand(new, third)

    # when
    edge = Edge.objects.get(left=old, right=new)
    parted = undo_join(edge, actor="user:1")

    # then
    assert {pk: customer_of(pk).key for pk in (old, new)} == before
    assert customer_of(third) == customer_of(new) == parted.goes
    assert not Customer.objects.get(key=before[new]).merged_into
    assert joins_of([old, new]) == []
    assert in_order()


@pytest.mark.django_db
def test_what_was_recognised_can_be_taken_away_and_stays_away() -> None:
    # given: the webshop has verified an address that a couple shares
    jan = met(account_id="a-1", email="thuis@example.org", email_is_verified=True, first_name="Jan")
    els = met(account_id="a-2", email="thuis@example.org", email_is_verified=True, first_name="Els")
    assert customer_of(jan) == customer_of(els)

    # when
    parted = part(source_record_ids=[els], actor="user:1", never=True, reason="two people")

    # then
    assert (customer_of(jan), customer_of(els)) == (parted.stays, parted.goes)
    assert (parted.stays.name, parted.goes.name) == ("Jan", "Els")
    assert met(account_id="a-2", email="thuis@example.org", email_is_verified=True, phone="0612345678") == els
    assert customer_of(jan) != customer_of(els)
    with pytest.raises(Contradicted) as refused:
        by_hand(jan, els)
    assert refused.value.codes == ["never"]

    # when: somebody takes that word back
    allow_again(jan, els, actor="user:1")
    by_hand(jan, els)
    part(source_record_ids=[els], actor="user:1")

    # then: the customer that the second one became is the same as the first time
    assert customer_of(els) == parted.goes
    assert Customer.objects.count() == 2
    assert in_order()


@pytest.mark.django_db
def test_each_side_stays_together_though_only_the_other_held_it_together() -> None:
    # given: everybody hangs on the first
    first, *others = [met(account_id=f"a-{n}") for n in range(4)]
    for other in others:
        by_hand(first, other)

    # when
    part(source_record_ids=others[:2], actor="user:1")

    # then
    assert customer_of(others[0]) == customer_of(others[1]) != customer_of(first) == customer_of(others[2])
    assert in_order()


@pytest.mark.django_db
@pytest.mark.parametrize("choice", ["none", "all", "of two customers"])
def test_only_some_records_of_one_customer_are_taken_away(choice: str) -> None:
    # given
    one, two, other = met(account_id="a"), met(account_id="b"), met(account_id="c")
    by_hand(one, two)
    chosen = {"none": [], "all": [one, two], "of two customers": [two, other]}[choice]

    # then
    with pytest.raises(DomainError):
        part(source_record_ids=chosen, actor="user:1")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("left", "right", "code"),
    [
        ({"first_name": "Jan"}, {"first_name": "Els"}, "given_name"),
        ({"first_name": "J."}, {"first_name": "Els"}, "given_name"),
        ({"first_name": "Jan", "last_name": "Jansen"}, {"first_name": "J.", "last_name": "de Vries"}, "surname"),
        ({"birth_date": "1970-01-02"}, {"birth_date": "1999-01-02"}, "birth_date"),
        ({"account_id": "x"}, {"account_id": "y"}, "account"),
    ],
)
def test_a_rule_joins_nobody_whom_something_contradicts_and_asks_instead(
    left: dict[str, Any], right: dict[str, Any], code: str
) -> None:
    # given: the card is known of one, the address of the other
    card = met(**{"external_id": "1", "loyalty_card": "2912345678901"} | left)
    mail = met(**{"external_id": "2", "email": "j@example.org", "email_is_verified": True} | right)

    # when
    both = met(source="app", loyalty_card="2912345678901", email="j@example.org", email_is_verified=True)

    # then
    assert customer_of(both) == customer_of(card) != customer_of(mail)
    doubt = Doubt.objects.get()
    assert (doubt.left_id, doubt.right_id, doubt.cause, doubt.evidence) == (mail, both, code, "email")

    # when: somebody decides, the question is answered
    by_hand(both, mail)
    assert Doubt.objects.get().outcome == "joined"


@pytest.mark.django_db
def test_two_proofs_of_two_customers_join_them_when_nothing_contradicts() -> None:
    # given
    card = met(source="tills", loyalty_card="2912345678901", first_name="J.", last_name="Jansen")
    mail = met(
        account_id="a", email="j@example.org", email_is_verified=True, first_name="Jan", infix="van", last_name="Jansen"
    )

    # when
    both = met(source="app", loyalty_card="2912345678901", email="j@example.org", email_is_verified=True)

    # then
    assert customer_of(card) == customer_of(mail) == customer_of(both)
    assert not Doubt.objects.exists()
    assert in_order()


@pytest.mark.django_db
def test_what_is_declared_never_one_answers_the_question() -> None:
    # given
    card = met(external_id="1", loyalty_card="2912345678901", first_name="Jan")
    mail = met(external_id="2", email="j@example.org", email_is_verified=True, first_name="Els")
    met(source="app", loyalty_card="2912345678901", email="j@example.org", email_is_verified=True)

    # when
    keep_apart(card, mail, actor="user:1")

    # then
    assert Doubt.objects.get().outcome == "apart"


@pytest.mark.django_db
def test_a_customer_gets_no_more_cards_than_one_has() -> None:
    # given
    address = {"email": "j@example.org", "email_is_verified": True}
    own = [met(external_id=str(n), loyalty_card=f"291234567890{n}", **address) for n in range(5)]

    # when
    over = met(external_id="over", loyalty_card="2912345678909", **address)

    # then
    assert len({customer_of(pk) for pk in own}) == 1
    assert customer_of(over) != customer_of(own[0])
    assert Doubt.objects.get().cause == "too_many"


def held_cards(record_id: int, numbers: Sequence[int], *, days_ago: int) -> None:
    since = timezone.now() - dt.timedelta(days=days_ago)
    Identifier.objects.bulk_create(
        Identifier(
            source_record_id=record_id, kind="loyalty_card", value=f"291234567890{n}", verified=True, recorded_at=since
        )
        for n in numbers
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("days_ago", "is_one"), [(370, True), (360, False)])
def test_cards_of_before_last_year_do_not_count_for_who_brings_a_new_one(days_ago: int, is_one: bool) -> None:
    # given
    address = {"email": "j@example.org", "email_is_verified": True}
    own = met(external_id="1", **address)
    held_cards(own, range(5), days_ago=days_ago)

    # when
    new = met(external_id="new", loyalty_card="2912345678909", **address)

    # then
    assert (customer_of(new) == customer_of(own)) == is_one


@pytest.mark.django_db
@pytest.mark.parametrize(("days_ago", "codes"), [(370, []), (360, ["too_many"])])
def test_cards_of_before_last_year_do_not_speak_against_two_being_one(days_ago: int, codes: list[str]) -> None:
    # given
    one, other = met(external_id="1", email="a@example.org"), met(external_id="2", email="b@example.org")
    held_cards(one, range(3), days_ago=days_ago)
    held_cards(other, range(3, 6), days_ago=1)

    # then
    assert contradictions([one], [other]) == codes


@pytest.mark.django_db
def test_a_look_at_somebody_goes_on_after_they_were_joined(
    shop_api: Any, make_user: Callable[..., Any], client: Any
) -> None:
    # given
    old, new = met(account_id="a-1", first_name="Jan"), met(account_id="b-1")
    younger = customer_of(new)
    agent = make_user("service_agent")
    for principal in (agent, shop_api.principal):
        grant_access(
            principal=principal,
            object_type="customer",
            object_key=str(younger.key),
            purpose="service",
            evidence="email",
        )
    client.force_login(agent)

    # when
    survivor = by_hand(old, new)
    forget_reach(agent)
    page = client.get(younger.get_absolute_url() + "?kind=orders")
    answer = shop_api.get(f"/api/v1/customers/{younger.key}/")

    # then
    assert (page.status_code, page.headers["Location"]) == (302, survivor.get_absolute_url() + "?kind=orders")
    assert client.get(survivor.get_absolute_url()).status_code == 200
    assert answer.json()["id"] == str(survivor.key)
    assert shop_api.get(f"/api/v1/customers/{uuid.uuid4()}/").status_code == 404

    # when: taken apart again, the look is at whom it was given for
    part(source_record_ids=[new], actor="user:1")
    assert shop_api.get(f"/api/v1/customers/{younger.key}/").json()["id"] == str(younger.key)
    assert shop_api.get(f"/api/v1/customers/{survivor.key}/").status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "proof", [{"loyalty_card": "2912345678901"}, {"email": "j@example.org", "email_is_verified": True}]
)
def test_two_systems_that_meet_the_same_new_person_at_once_make_one_customer(proof: dict[str, Any]) -> None:
    # given
    def meet(source: int, turn: int) -> Callable[[], int]:
        changed = {name: value if value is True else f"{turn}{value}" for name, value in proof.items()}
        return lambda: met(source=f"s{source}", external_id=f"{turn}", **changed)

    # when
    for turn in range(5):
        assert all_at_once([meet(source, turn) for source in range(6)]) == {"done": 6}

    # then
    assert SourceRecord.objects.count() == 30
    assert SourceRecord.objects.values("customer").distinct().count() == 5
    assert in_order()


@pytest.mark.django_db(transaction=True)
def test_a_known_record_and_a_new_one_with_the_same_new_proof_meet() -> None:
    # given
    known = met(external_id="1")

    # when
    card = {"loyalty_card": "2912345678901"}
    all_at_once([lambda: met(external_id="1", **card), *[lambda n=n: met(source=f"s{n}", **card) for n in range(4)]])

    # then
    assert set(SourceRecord.objects.values_list("customer", flat=True)) == {customer_of(known).pk}
    assert Identifier.objects.filter(kind="loyalty_card").count() == 5
    assert in_order()


def until_not_busy(act: Callable[[], Any]) -> None:
    """Whoever is told that it is busy tries again, as a person and a till do."""
    for _try in range(10):
        with suppress(Busy):
            act()
            return
    act()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("never", [False, True])
def test_who_comes_in_while_a_joining_is_undone_goes_with_whom_they_are(never: bool) -> None:
    # given
    one, other = met(account_id="a", loyalty_card="2900000000001"), met(account_id="b", loyalty_card="2900000000002")
    before = customer_of(other)
    by_hand(one, other)
    edge = Edge.objects.get()

    # when somebody buys with the card of the second, and is not committed yet when the two are taken apart
    came: list[int] = []
    while_another_waits(
        lambda: came.append(met(source="tills", external_id="1", loyalty_card="2900000000002")),
        lambda: undo_join(edge, actor="user:1", never=never),
    )

    # then
    assert customer_of(came[0]) == customer_of(other) == before != customer_of(one)
    assert Edge.objects.filter(left=other, right=came[0]).latest("pk").kind == "same"
    assert in_order()


@pytest.mark.django_db
def test_what_was_taken_back_already_is_not_taken_back_again() -> None:
    # given
    one, two, three = met(account_id="a"), met(account_id="b"), met(account_id="c")
    by_hand(one, two)
    by_hand(one, three)
    edge = Edge.objects.get(right=two)
    undo_join(edge, actor="user:1")
    by_hand(two, three)

    # then: they are one again, by another word
    with pytest.raises(Conflict):
        undo_join(edge, actor="user:1")
    assert customer_of(one) == customer_of(two) == customer_of(three)


@pytest.mark.django_db(transaction=True)
def test_newcomers_are_not_lost_while_their_customer_is_joined_and_taken_apart() -> None:
    # given
    one, other = met(account_id="a", loyalty_card="2900000000001"), met(account_id="b", loyalty_card="2900000000002")
    keys = {pk: customer_of(pk).key for pk in (one, other)}

    def to_and_fro() -> None:
        for _turn in range(6):
            until_not_busy(lambda: by_hand(one, other))
            until_not_busy(take_apart)

    def take_apart() -> None:
        known = cards()
        going = [record for record, card in known if card.endswith("2")]
        part(source_record_ids=going, seen=[record for record, _card in known], actor="user:1")

    def cards() -> list[tuple[int, str]]:
        return list(Identifier.objects.filter(kind="loyalty_card").values_list("source_record", "value"))

    def shoppers(card: str) -> Callable[[], None]:
        def meet() -> None:
            for turn in range(12):
                until_not_busy(partial(met, source="tills", external_id=f"{card}-{turn}", loyalty_card=card))

        return meet

    # when
    done = all_at_once([to_and_fro, shoppers("2900000000001"), shoppers("2900000000002")])

    # then
    assert done["done"] == 3, done
    assert in_order()
    assert {pk: customer_of(pk).key for pk in (one, other)} == keys
    assert SourceRecord.objects.filter(customer__key=keys[one]).count() == 13
    assert SourceRecord.objects.filter(customer__key=keys[other]).count() == 13
