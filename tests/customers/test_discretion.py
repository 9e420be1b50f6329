"""What may be said, known and seen of somebody: by datum, purpose, role, evidence and grant."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts.models import AccessGrant, User
from apps.accounts.services import grant_access
from apps.customers.discretion import TagRule, Tags, tag_of
from apps.customers.discretion import rules as kept
from apps.customers.models import Customer
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.network.models import Location
from apps.portal.discretion import Tag
from apps.portal.registry import Registry, contributed

OPEN, DISCREET, HIDDEN = Tag.OPEN, Tag.DISCREET, Tag.HIDDEN


@pytest.fixture
def ruled(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Head office decides about tags."""

    def rule(*rules: TagRule) -> None:
        monkeypatch.setattr(kept, "_reader", [lambda: rules])

    return rule


def registry(**datum: Any) -> Registry:
    one = Registry()
    one.datum("spend", "Spend", datum.pop("tag", DISCREET), **datum)
    return one


@pytest.mark.parametrize(
    ("purpose", "evidence", "tag"),
    [
        ("service", "email", DISCREET),
        ("service", "loyalty_card", OPEN),
        ("counter", "loyalty_card", HIDDEN),
        (None, "loyalty_card", HIDDEN),
    ],
)
def test_what_somebody_brought_up_themselves_is_open_but_never_what_is_hidden(
    purpose: str | None, evidence: str, tag: Tag
) -> None:
    # given
    kinds = registry(by_purpose={"counter": HIDDEN}, opens_with={"loyalty_card"})

    # then
    assert Tags(purpose=purpose, evidence=evidence, rules=[], registry=kinds)("spend") == tag


@pytest.mark.parametrize(
    ("rules", "tag"),
    [
        ([], DISCREET),
        ([TagRule(datum="spend", tag=OPEN)], OPEN),
        ([TagRule(datum="other", tag=OPEN)], DISCREET),
        ([TagRule(datum="spend", tag=OPEN), TagRule(datum="spend", tag=HIDDEN, purpose="service")], HIDDEN),
        ([TagRule(datum="spend", tag=HIDDEN, purpose="counter")], DISCREET),
        ([TagRule(datum="spend", tag=HIDDEN, purpose="service"), TagRule(datum="spend", tag=OPEN, role="agent")], OPEN),
        ([TagRule(datum="spend", tag=HIDDEN, role="associate")], DISCREET),
        ([TagRule(datum="spend", tag=OPEN, role="agent"), TagRule(datum="spend", tag=HIDDEN, role="lead")], HIDDEN),
    ],
)
def test_the_closest_rule_counts_and_of_two_as_close_the_more_careful_one(rules: list[TagRule], tag: Tag) -> None:
    # when
    tags = Tags(purpose="service", roles={"agent", "lead"}, rules=rules, registry=registry())

    # then
    assert tags("spend") == tag


def test_a_datum_that_no_app_declared_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Tags(purpose="service", rules=[])("customers.shoe_size")


@pytest.mark.django_db
def test_every_part_of_the_page_names_a_declared_datum() -> None:
    # given
    known = {datum.name for datum in contributed.data()}
    # a form to write down what they say, what to say to them, and which of their rights they asked for
    not_about_them = {"contact", "guidance", "privacy"}

    # then
    assert {source.datum for source in contributed._timeline.values()} <= known
    parts = [panel for panel in contributed._panels.values() if panel.page == "customers.customer"]
    assert [panel.name for panel in parts if panel.datum not in known and panel.name not in not_about_them] == []


@pytest.mark.django_db
def test_without_a_grant_of_ones_own_that_is_in_force_all_is_hidden(make_user: Callable[..., User]) -> None:
    # given
    agent, colleague = make_user("service_agent"), make_user("service_agent")
    grant = grant_access(principal=agent, object_type="customer", object_key="x", purpose="service", evidence="email")

    # then
    assert tag_of("customers.email", agent, grant) == DISCREET
    assert tag_of("customers.email", agent, None) == HIDDEN
    assert tag_of("customers.email", colleague, grant) == HIDDEN
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=31)):
        assert tag_of("customers.email", agent, grant) == HIDDEN


@pytest.fixture
def jan() -> Customer:
    [record] = recognise(
        [
            Person(
                source="webshop",
                account_id="web-1",
                email="j.jansen@example.org",
                email_is_verified=True,
                first_name="Jan",
                last_name="Jansen",
                street="Oudegracht",
                house_number="12",
                postcode="3511AB",
                city="Utrecht",
            )
        ],
        actor="system",
    )
    return Customer.objects.get(source_records=record)


def look(user: User, customer: Customer, purpose: str) -> AccessGrant:
    return grant_access(
        principal=user, object_type="customer", object_key=str(customer.key), purpose=purpose, evidence="email"
    )


@pytest.mark.django_db
def test_tags_stand_beside_the_data_in_words(
    jan: Customer, make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    agent = make_user("service_agent")
    look(agent, jan, "service")

    # when
    page = browse(agent).get(jan.get_absolute_url()).content.decode()

    # then
    shown = page[page.index("j.jansen@example.org") :][:1500]
    assert 'data-say="discreet"' in shown
    assert "Discreet" in shown
    assert "Let the customer tell you." in page


@pytest.mark.django_db
def test_what_head_office_hides_does_not_leave_the_server(
    jan: Customer,
    ruled: Callable[..., None],
    make_user: Callable[..., User],
    make_location: Callable[..., Location],
    browse: Callable[[User], Client],
) -> None:
    # given
    associate = make_user("store_associate", make_location("S001"))
    look(associate, jan, "counter")
    in_store = browse(associate)
    ruled(
        TagRule(datum="customers.email", tag=HIDDEN),
        TagRule(datum="customers.place", tag=HIDDEN, role="store_associate"),
        TagRule(datum="orders.open", tag=HIDDEN, purpose="counter"),
        TagRule(datum="loyalty.points", tag=HIDDEN),
        TagRule(datum="customers.consents", tag=HIDDEN),
    )

    # when
    page = in_store.get(jan.get_absolute_url()).content.decode()
    parts = [
        in_store.get(path).status_code
        for path in (f"/orders/open/{jan.key}/", f"/points/{jan.key}/standing/", f"{jan.get_absolute_url()}consents/")
    ]

    # then
    for gone in ("j••@example.org", "3511", "Oudegracht", "panel-open-orders", "panel-loyalty"):
        assert gone not in page
    assert parts == [404, 404, 404]
