"""Whatever happened: joining customers and taking them apart again leaves every balance, total and key as it was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from apps.core.events.subscribers import catch_up
from apps.customers.models import Basis, ContactPerson, Customer, Edge, Residence, SourceRecord
from apps.customers.reconciling import customers_unlike_their_edges, customers_unlike_their_records
from apps.customers.services.consenting import current_consents, record_consent
from apps.customers.services.joining import Contradicted, join, survivor
from apps.customers.services.parting import part, undo_join
from apps.customers.services.people import Person
from apps.customers.services.reading import source_records_of
from apps.customers.services.recognising import recognise
from apps.kpis.models import MonthlySpend
from apps.loyalty.models import EarnRule, LoyaltyAccount
from apps.loyalty.services.issuing import issue_card
from apps.orders.models import Order
from apps.returns.models import Return
from apps.returns.services.accepting import accept_in_store
from apps.returns.services.types import Accepted
from apps.service.models import ContactMoment
from apps.service.services.contacts import Contact, log_contact
from tests.returns.purchases import sold
from tests.shop import Shop, nothing_differs, open_shop

PEOPLE = 4
WHO = st.integers(0, PEOPLE - 1)
TWO = st.tuples(WHO, st.integers(1, PEOPLE - 1)).map(lambda told: (told[0], (told[0] + told[1]) % PEOPLE))
ACTS = st.one_of(
    st.tuples(st.just("sells"), WHO),
    st.tuples(st.just("takes_back"), WHO),
    st.tuples(st.just("gives_card"), WHO),
    st.tuples(st.just("consents"), WHO, st.booleans()),
    st.tuples(st.just("talks"), WHO),
    st.tuples(st.just("moves"), WHO),
    st.tuples(st.just("comes_again"), WHO),
    st.tuples(st.just("works"), WHO, st.sampled_from(("12345678", "87654321"))),
    TWO.map(lambda two: ("joins", *two)),
    st.tuples(st.just("parts"), WHO, st.booleans()),
)


class Story:
    """A few people, and what happens to them."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.count = shop, 0
        self.people = [self.meet(n) for n in range(PEOPLE)]

    def meet(self, n: int, **more: Any) -> int:
        person = {"email": f"p{n}@example.org", "email_is_verified": True, "postcode": "3511AB", "house_number": f"{n}"}
        [pk] = recognise([Person(**{"source": "web", "external_id": f"{n}", **person, **more})], actor="test")
        assert pk is not None
        return pk

    def next(self) -> int:
        self.count += 1
        return self.count

    def sells(self, n: int) -> None:
        sold(self.shop, self.shop.s2, ("A", "1", "10.00"), source_record_id=self.people[n])

    def takes_back(self, n: int) -> None:
        order = Order.objects.filter(source_record=self.people[n], lines__quantity_returned=0).first()
        if order is not None:
            accept_in_store(
                location=self.shop.s2,
                lines=[Accepted(order.number, 1, order.lines.get().quantity)],
                reference=f"desk-{self.next()}",
                occurred_at=timezone.now(),
                actor="test",
            )

    def gives_card(self, n: int) -> None:
        issue_card(source_record_id=self.people[n], location_id=None, actor="test")

    def consents(self, n: int, given: bool) -> None:
        record_consent(
            source_record_id=self.people[n],
            purpose="newsletter",
            given=given,
            text_version="1",
            proof=f"p{self.next()}",
        )

    def talks(self, n: int) -> None:
        contact = Contact(
            source="desk",
            external_id=f"c-{self.next()}",
            source_record_id=self.people[n],
            channel="phone",
            topic="order",
            occurred_at=timezone.now(),
        )
        log_contact(contact=contact, actor="test")

    def moves(self, n: int) -> None:
        self.meet(n, house_number=f"{self.next()}00")

    def comes_again(self, n: int) -> None:
        self.meet(n, source="app", external_id=f"{self.next()}")

    def works(self, n: int, kvk: str) -> None:
        self.meet(n, organisation=f"Bedrijf {kvk}", kvk=kvk)

    def joins(self, one: int, other: int) -> Any:
        try:
            return join(self.people[one], self.people[other], basis=Basis.BY_HAND, actor="test")
        except Contradicted:  # somebody said never
            return None

    def parts(self, n: int, never: bool) -> None:
        records = source_records_of(Customer.objects.get(source_records=self.people[n]))
        if len(records) > 1:
            part(source_record_ids=records[len(records) // 2 :], actor="test", never=never)


def picture() -> dict[str, Any]:
    """Everything that is said of each customer, by key."""
    catch_up()
    return {str(customer.key): _of(customer) for customer in Customer.objects.all()}


def _of(customer: Customer) -> dict[str, Any]:
    records = source_records_of(customer)
    latest = (
        Residence.objects.filter(source_record__in=records).order_by("source_record", "-pk").distinct("source_record")
    )
    return {
        "records": records,
        "fields": [customer.name, customer.email, customer.postcode, customer.house_number],
        "stands for": customer.merged_into_id,
        "orders": Order.objects.filter(source_record__in=records).aggregate(n=Count("pk"), total=Sum("total")),
        "returns": Return.objects.filter(source_record__in=records).aggregate(n=Count("pk"), total=Sum("total")),
        "points": LoyaltyAccount.objects.filter(source_record__in=records).aggregate(
            a=Sum("balance"), b=Sum("pending")
        ),
        "contacts": ContactMoment.objects.filter(source_record__in=records).count(),
        "consents": {purpose: consent.pk for purpose, consent in current_consents(records).items()},
        "spend": MonthlySpend.objects.filter(source_record__in=records).aggregate(n=Sum("orders"), net=Sum("net")),
        "households": sorted(str(row.household_id) for row in latest),
        "speaks for": ContactPerson.objects.filter(source_record__in=records).count(),
    }


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves nothing behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def shop(db: None) -> Shop:
    shop = open_shop()
    shop.receive(shop.s2, A=50)
    EarnRule.objects.create(version="1", currency="EUR", points_per_unit=1, pending_days=0)
    return shop


Tell = Callable[[list[tuple[Any, ...]]], Story]


SHORT, LONG = 5, 60
ANY_STORY = given(before=st.lists(ACTS, max_size=8), two=TWO, between=st.lists(ACTS, max_size=3))


def stories(number: int, **others: Any) -> settings:
    return settings(
        max_examples=number,
        phases=[Phase.explicit, Phase.generate],
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        **others,
    )


EVERYTHING_OF_BOTH = [
    (act, who, *how)
    for who in (0, 1)
    for act, *how in (
        ("sells",),
        ("sells",),
        ("takes_back",),
        ("gives_card",),
        ("consents", who == 0),
        ("talks",),
        ("works", ("12345678", "87654321")[who]),
        ("moves",),
        ("comes_again",),
    )
]


# The same stories each time: this run tells of the code, and not of luck. New ones are for `make soak`.
@stories(SHORT, derandomize=True, database=None)
@example(before=EVERYTHING_OF_BOTH, two=(0, 1), between=EVERYTHING_OF_BOTH)
@example(before=[*EVERYTHING_OF_BOTH, ("joins", 1, 2)], two=(2, 0), between=[("comes_again", 1), ("sells", 2)])
@ANY_STORY
def test_joining_and_taking_apart_again_is_as_if_nothing_had_been(shop: Shop, **story: Any) -> None:
    live_through(shop, **story)


@pytest.mark.soak
@stories(LONG, print_blob=True)
@ANY_STORY
def test_so_it_is_in_many_stories(shop: Shop, **story: Any) -> None:
    live_through(shop, **story)


def live_through(
    shop: Shop, before: list[tuple[Any, ...]], two: tuple[int, int], between: list[tuple[Any, ...]]
) -> None:
    """What a story comes to with two people joined and taken apart again, beside what it was without that."""
    with undone():
        # given
        story = Story(shop)
        for act, *whom in before:
            getattr(story, act)(*whom)
        was = picture()

        # when
        joined = story.joins(*two)
        if joined and joined.moves:
            stays = str(survivor(joined).key)
            now = picture()
            assert now.keys() == was.keys()
            gone = {str(move.from_key) for move in joined.moves} | {str(move.customer_key) for move in joined.moves}
            assert now[stays]["orders"]["n"] == sum(was[key]["orders"]["n"] for key in gone)
            undo_join(Edge.objects.latest("pk"), actor="test")

        # then
        assert picture() == was
        assert not customers_unlike_their_edges()
        assert not customers_unlike_their_records()

        # when: joined, lived as one, and taken apart, everything is where its record is
        joined = story.joins(*two)
        edge = Edge.objects.order_by("pk").last()
        for act, *whom in between:
            if act not in {"joins", "parts"}:
                getattr(story, act)(*whom)
        if joined and joined.moves:
            assert edge is not None
            undo_join(edge, actor="test")
        now = picture()
        assert now.keys() == was.keys()
        assert {key: told["stands for"] for key, told in now.items()} == {
            key: told["stands for"] for key, told in was.items()
        }
        assert SourceRecord.objects.count() == sum(len(told["records"]) for told in now.values())
        assert not customers_unlike_their_edges()
        assert nothing_differs()
