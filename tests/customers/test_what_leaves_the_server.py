"""Role × datum × tag × grant: what stands in an answer, looked for as literal text.

One world for the module: a customer with something of every kind, whose affairs are in a store that is nobody's own here.
"""

import datetime as dt
import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import AccessGrant, ApiClient, User
from apps.accounts.roles import Role
from apps.accounts.services import grant_access, issue_api_key
from apps.core.events.subscribers import catch_up
from apps.customers.discretion import TagRule
from apps.customers.discretion import rules as kept
from apps.customers.models import Customer
from apps.customers.services.consenting import record_consent
from apps.customers.services.lookup import Purpose, purpose_of
from apps.network import directory
from apps.portal.discretion import Tag
from apps.portal.registry import contributed
from apps.service.services.contacts import Contact, log_contact
from tests.api import ApiCaller
from tests.shop import open_shop

pytestmark = pytest.mark.django_db

FLOOR = (Role.STORE_MANAGER, Role.STORE_ASSOCIATE, Role.FRANCHISEE)
ROLES = (Role.HEAD_OFFICE, Role.SERVICE_AGENT, Role.PRIVACY_OFFICER, *FLOOR)
DATA = [datum.name for datum in contributed.data()]
SWAP = {"HX-Request": "true"}

# Parts of the page that are not a role's.
CLOSED: dict[str, set[str]] = {
    **{role: {"where-from", "panel privacy"} for role in FLOOR},
    Role.PRIVACY_OFFICER: {"where-from", "panel guidance", "panel contact"},
}

# What of each datum can be read as text. The rest is in panels and on the timeline, which name their datum.
WORDS = {
    "customers.name": ["Vlasblom"],
    "customers.email": ["jorinde.vlasblom@example.org", "j••@example.org"],
    "customers.phone": ["12344812", "•• 4812"],  # four bare digits stand in the number of a report now and then
    "customers.street": ["Kromme Nieuwegracht"],
    "customers.place": ["3512 HG", "3512\xa0HG", "3512HG"],
    "service.contacts": ["De waterkoker lekt"],
}
# What a role does not read on a page however it is tagged: a privacy officer answers with the file that is made for a request.
NEVER: dict[str, set[str]] = {Role.PRIVACY_OFFICER: {"service.contacts"}}


def open_to(role: str) -> list[str]:
    """Data that somebody of a role may read as text, as far as tags let them."""
    return [datum for datum in WORDS if datum not in NEVER.get(role, ())]


@dataclass
class World:
    jorinde: Customer
    staff: dict[str, User]
    client: ApiClient
    key: str
    order: str

    def surfaces(self) -> dict[str, str]:
        """Every part of the customer's page, by name: where it is."""
        kwargs = {"key": self.jorinde.key}
        panels = [panel for panel in contributed._panels.values() if panel.page == "customers.customer"]
        return {
            "page": self.jorinde.get_absolute_url(),
            "timeline": reverse("customers:timeline", kwargs=kwargs),
            "where-from": reverse("customers:where-from", kwargs=kwargs),
            "consents": reverse("customers:consents", kwargs=kwargs),
            **{f"panel {panel.name}": reverse(panel.route, kwargs=kwargs) for panel in panels},
        }

    def read(self, role: str, names: Any = None) -> dict[str, tuple[int, str]]:
        """What each part answers to somebody of a role, and what the search box finds by name: (status, text)."""
        client = Client(headers={"accept-language": "en"})
        client.force_login(self.staff[role])
        read = {}
        for name, url in self.surfaces().items():
            if names is None or name in names:
                answer = client.get(url, headers=SWAP if name.startswith("panel") else {})
                read[name] = (answer.status_code, html.unescape(answer.content.decode()))
        if names is None or "search" in names:
            read["search"] = (200, html.unescape(client.get("/search/", {"q": "Vlasblom"}).content.decode()))
        return read


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    directory.forget()
    with django_db_blocker.unblock(), transaction.atomic():
        yield _world()
        transaction.set_rollback(True)


def _world() -> World:
    shop = open_shop()
    shop.receive(shop.s2, A=9)
    who = {
        "email": "jorinde.vlasblom@example.org",
        "phone": "+31612344812",
        "account_id": "web-5",
        "first_name": "Jorinde",
        "last_name": "Vlasblom",
        "address": {
            "street": "Kromme Nieuwegracht",
            "house_number": "7",
            "postcode": "3512HG",
            "city": "Utrecht",
            "country": "NL",
        },
    }
    there = {"customer": who, "fulfilment": {"method": "collect", "location": "S2"}}
    done = shop.post("orders/", shop.order_body(("A", 2), **there)).json()
    for step, body in (("pick", {}), ("ready", {}), ("hand-over", {"collect_code": done["collect_code"]})):
        shop.post(f"orders/{done['number']}/{step}/", body)
    shop.post("orders/", shop.order_body(("A", 1), **there))
    catch_up()
    customer = Customer.objects.get(email=who["email"])
    record = customer.source_records.order_by("pk").first()
    assert record is not None
    log_contact(
        contact=Contact(
            source="desk",
            external_id="1",
            source_record_id=record.pk,
            channel="phone",
            topic="product",
            text="De waterkoker lekt",
            occurred_at=timezone.now(),
        ),
        actor="test",
    )
    record_consent(source_record_id=record.pk, purpose="newsletter", given=True, text_version="1", proof="web")
    staff = {}
    for role in ROLES:
        user = User.objects.create_user(f"{role}@example.org", name=str(Role(role).label))
        place = {"legal_entity": shop.franchisee} if role == Role.FRANCHISEE else {"location": shop.s1}
        user.assignments.create(role=role, **(place if role in FLOOR else {}))
        staff[role] = user
    client = ApiClient.objects.create(name="Chat", channel=shop.web, scopes=["customers:read", "customers:write"])
    return World(customer, staff, client, issue_api_key(client=client), done["number"])


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def ruled(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Head office decides about tags: all of them one tag, some another."""

    def rule(tag: Tag | None, **others: Tag) -> None:
        named = {name.replace("__", "."): other for name, other in others.items()}
        rules = [TagRule(datum=name, tag=tag) for name in DATA if name not in named] if tag else []
        rules += [TagRule(datum=name, tag=other) for name, other in named.items()]
        monkeypatch.setattr(kept, "_reader", [lambda: rules])

    return rule


def look(world: World, role: str, *, ago: int = 0, of: Any = None) -> AccessGrant:
    principal = world.staff[role]
    with pytest.MonkeyPatch.context() as clock:
        then = timezone.now() - dt.timedelta(minutes=ago)
        clock.setattr("apps.accounts.services.timezone.now", lambda: then)
        return grant_access(
            principal=of or principal,
            object_type="customer",
            object_key=str(world.jorinde.key),
            purpose=purpose_of(principal),
            evidence="email",
        )


def said(texts: dict[str, tuple[int, str]], datum: str) -> set[str]:
    """The parts in which a datum is read as text."""
    return {name for name, (_status, text) in texts.items() if any(word in text for word in WORDS.get(datum, ()))}


def panels_of(datum: str) -> set[str]:
    of_page = [panel for panel in contributed._panels.values() if panel.page == "customers.customer"]
    return {panel.name for panel in of_page if panel.datum == datum}


@pytest.mark.parametrize("grant", ["none", "expired", "foreign"])
@pytest.mark.parametrize("role", ROLES)
def test_without_a_grant_of_ones_own_that_is_in_force_nothing_is_read(
    world: World, ruled: Any, role: str, grant: str
) -> None:
    # given
    ruled(Tag.OPEN)
    if grant == "expired":
        look(world, role, ago=31)
    if grant == "foreign":
        other = next(user for name, user in world.staff.items() if name != role)
        look(world, role, of=other)

    # when
    read = world.read(role)

    # then
    assert {status for name, (status, _text) in read.items() if name != "search"} <= {403, 404}
    assert {datum: found for datum in WORDS if (found := said(read, datum) - {"search"})} == {}
    assert world.jorinde.get_absolute_url() not in read["search"][1]


@pytest.mark.parametrize("tag", [Tag.OPEN, Tag.DISCREET])
@pytest.mark.parametrize("role", ROLES)
def test_with_a_grant_every_datum_is_read_with_its_tag(world: World, ruled: Any, role: str, tag: Tag) -> None:
    # given
    ruled(tag)
    look(world, role)

    # when
    read = world.read(role)

    # then
    assert [datum for datum in WORDS if said(read, datum)] == open_to(role)
    assert {name for name, (status, _text) in read.items() if status >= 400} == CLOSED.get(role, set())
    other = Tag.DISCREET if tag == Tag.OPEN else Tag.OPEN
    outside_the_legend = read["page"][1].split('<dl class="say-legend"')
    told = outside_the_legend[0] + outside_the_legend[1].split("</dl>", 1)[1]
    assert f'data-say="{tag}"' in told
    assert f'data-say="{other}"' not in told.replace('class="guidance"', "")
    assert 'data-say="hidden"' not in told


@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("role", ROLES)
def test_what_is_hidden_does_not_leave_the_server_and_the_rest_does(
    world: World, ruled: Any, role: str, part: int
) -> None:
    # given: every third datum is hidden, a different third each time
    hidden = DATA[part::3]
    look(world, role)
    ruled(Tag.OPEN, **{datum.replace(".", "__"): Tag.HIDDEN for datum in hidden})

    # when
    read = world.read(role)

    # then
    assert {datum: found for datum in hidden if (found := said(read, datum) - {"search"})} == {}
    assert world.jorinde.get_absolute_url() not in read["search"][1] or "customers.name" not in hidden
    panels = {name for datum in hidden for name in panels_of(datum)}
    assert [name for name in panels if f'id="panel-{name}"' in read["page"][1]] == []
    assert {read[f"panel {name}"][0] for name in panels} <= {404}
    shown = [datum for datum in WORDS if said(read, datum) - {"search"}]
    assert shown == [datum for datum in open_to(role) if datum not in hidden]
    others = {name for datum in DATA if datum not in hidden for name in panels_of(datum)}
    assert {read[f"panel {name}"][0] for name in others} <= {200}


@pytest.mark.parametrize(
    ("role", "hidden"),
    [
        *((role, set()) for role in (Role.HEAD_OFFICE, Role.SERVICE_AGENT)),
        *((role, {"customers.street"}) for role in FLOOR),
        (Role.PRIVACY_OFFICER, {"service.contacts"}),
    ],
)
def test_the_purpose_of_a_role_opens_these_fields_before_head_office_decides(
    world: World, ruled: Any, role: str, hidden: set[str]
) -> None:
    # given
    ruled(None)
    look(world, role)

    # when
    read = world.read(role)

    # then
    assert {datum for datum in WORDS if not said(read, datum)} == hidden
    counter = purpose_of(world.staff[role]) == Purpose.COUNTER
    assert ("jorinde.vlasblom@example.org" in read["page"][1]) is not counter
    assert ("12344812" in read["page"][1].replace(" ", "")) is not counter
    assert ('id="panel-household"' in read["page"][1]) is not counter
    assert ('id="panel-spending"' in read["page"][1]) is not counter


API_FIELDS = {
    "customers.name": "name",
    "customers.email": "email",
    "customers.phone": "phone",
    "customers.since": "since",
    "customers.loyalty_card": "loyalty_card",
    "customers.home_store": "home_store",
}
API_PARTS = {"orders.history": "orders", "loyalty.points": "loyalty", "customers.consents": "consents"}


@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("purpose", [Purpose.SERVICE, Purpose.COUNTER, Purpose.CHECKOUT])
def test_by_api_a_hidden_datum_is_not_told(world: World, ruled: Any, purpose: Purpose, part: int) -> None:
    # given
    hidden = DATA[part::3]
    api = ApiCaller(world.key)
    ruled(Tag.OPEN)
    body = {"identifiers": {"email": "jorinde.vlasblom@example.org"}, "purpose": purpose}
    address = f"/api/v1/customers/{api.post('/api/v1/customers/lookup/', body).json()['id']}/"
    whole = api.get(address).json()

    # when
    ruled(Tag.OPEN, **{datum.replace(".", "__"): Tag.HIDDEN for datum in hidden})
    answer = api.get(address)

    # then
    assert set(answer.json()) == set(whole)
    expected = {API_FIELDS[datum] for datum in hidden if datum in API_FIELDS} | (
        {"address"} if "customers.place" in hidden else set()
    )
    assert {name for name in whole if whole[name] and not answer.json()[name]} == {n for n in expected if whole[n]}
    text = answer.content.decode()
    assert [datum for datum in hidden for word in WORDS.get(datum, ()) if word in text] == []
    statuses = {datum: api.get(f"{address}{path}/").status_code for datum, path in API_PARTS.items()}
    assert statuses == {datum: 404 if datum in hidden else 200 for datum in API_PARTS}


@pytest.mark.parametrize("grant", ["none", "expired", "foreign"])
def test_by_api_without_a_grant_in_force_a_customer_is_unknown(world: World, ruled: Any, grant: str) -> None:
    # given
    ruled(Tag.OPEN)
    holder: Any = world.client if grant == "expired" else world.staff[Role.SERVICE_AGENT]
    if grant != "none":
        look(world, Role.SERVICE_AGENT, ago=31 if grant == "expired" else 0, of=holder)

    # when
    answers = [
        ApiCaller(world.key).get(f"/api/v1/customers/{world.jorinde.key}/{part}")
        for part in ("", "orders/", "loyalty/", "consents/")
    ]

    # then
    assert {answer.status_code for answer in answers} == {404}
    assert not [words for words in WORDS.values() for word in words for a in answers if word in a.content.decode()]
