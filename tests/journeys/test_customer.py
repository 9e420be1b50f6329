"""An agent finds a caller and sees everything in one step; two customers become one and two again, and nothing is lost."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

import re

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.accounts.models import Assignment, User
from apps.core.reconcile import reconcile
from apps.customers.models import Customer
from apps.customers.services.cards import bring_points_along, take_over_cards
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.returns.models import Return, ReturnStatus
from apps.service.services import Contact, log_contact
from tests.journeys.measuring import measured
from tests.journeys.test_page_kit import open_as
from tests.returns.purchases import JAN, collected, order, sold
from tests.returns.test_accepting import take_back
from tests.shop import Shop, open_shop

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

WIDE, NARROW = 1280, 360
SLOW = 30_000  # panels load one after the other, each a request of its own


@pytest.fixture
def shop(transactional_db) -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=20, B=20)
    return shop


@pytest.fixture
def agent(shop) -> User:
    user = User.objects.create_user("agent@example.org", "wachtwoord", name="Samira")
    Assignment.objects.create(user=user, role="service_agent")
    return user


@pytest.fixture
def jan(shop) -> int:
    """The source record of somebody who bought in both channels, brought something back, called before and has a card."""
    web = collected(shop, ("A", "2", "0"))
    assert web.source_record_id is not None
    order(shop, ("B", "1", "0"))
    rma = take_back(shop.s2, web, (1, "1"))
    Return.objects.filter(pk=rma.pk).update(status=ReturnStatus.INSPECTED)
    log_contact(
        contact=Contact(
            source="chat",
            external_id="c-1",
            source_record_id=web.source_record_id,
            channel="phone",
            topic="product",
            text="Vroeg naar de lamp.",
            occurred_at=timezone.now(),
        ),
        actor="client:1",
    )
    [card] = recognise([Person(source="old", account_id="77", loyalty_card="2629999999991")], actor="system")
    with transaction.atomic():
        take_over_cards({card: "2629999999991"})
        bring_points_along({card: ("2629999999991", 250)}, actor="system")
    return web.source_record_id


def of(record_id: int) -> Customer:
    return Customer.objects.get(source_records=record_id)


def accessible(page: Page) -> None:
    assert measured(page).response["violations"] == []


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_an_agent_finds_a_caller_and_sees_everything_in_one_step(open_as, agent, jan, width):
    # given somebody who calls
    page = open_as(agent, width=width, measured=True)
    page.goto("/contacts/desk/")
    accessible(page)
    # when the agent types what they say, and presses Enter
    page.locator("#id_identifier").fill("j.jansen@example.org")
    page.keyboard.press("Enter")
    # then all of it is there: who, what goes on, what waits, what was said, and where to write this down
    page.wait_for_url(re.compile("/customers/.+"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Jan Jansen")
    side = page.locator("aside.side")
    expect(page.locator("#panel-open-orders")).to_contain_text("Order T", timeout=SLOW)
    expect(page.locator("#panel-open-work")).to_contain_text("To be paid back", timeout=SLOW)
    expect(side.locator("#panel-spending")).to_contain_text("Webshop", timeout=SLOW)
    expect(side.locator("#panel-loyalty")).to_be_visible(timeout=SLOW)
    timeline = page.locator("#moments")
    for said in ("Ordered T", "Collected order T", "Return R", "Vroeg naar de lamp."):
        expect(timeline).to_contain_text(said, timeout=SLOW)
    expect(page.locator("#panel-contact")).to_contain_text("About", timeout=SLOW)
    accessible(page)
    # and nothing sticks out of a phone's screen
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_two_are_joined_and_taken_apart_with_orders_and_points_following(open_as, agent, shop, jan):
    # given the holder of a card with points, who bought in a store
    [card] = recognise([Person(source="old", account_id="77", loyalty_card="2629999999991")], actor="system")
    sold(shop, shop.s1, ("A", "1", "10.00"), source_record_id=card)
    first, second = of(jan), of(card)
    assert first != second
    page = open_as(agent, measured=True)
    page.goto("/contacts/desk/")
    page.locator("#id_identifier").fill("j.jansen@example.org")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/customers/.+"))
    expect(page.locator("#panel-loyalty")).to_contain_text("No loyalty card.", timeout=SLOW)
    # when they turn out to be one
    page.get_by_role("link", name="Where this comes from").click()
    page.get_by_role("link", name="Join with another customer").click()
    page.locator("#id_identifier").fill("2629999999991")
    page.keyboard.press("Enter")
    expect(page.locator("table.compare")).to_contain_text("250")
    accessible(page)
    page.get_by_label(re.compile("Reason|Why")).fill("Said so on the phone")
    page.get_by_role("button", name="Join").click()
    # then orders of both channels and the points stand together
    expect(page.get_by_text("Joined. Orders, points and contact moments of both stand together.")).to_be_visible(
        timeout=SLOW
    )
    expect(page.locator("#panel-loyalty")).to_contain_text("250 points", timeout=SLOW)
    expect(page.locator("#panel-spending")).to_contain_text("Store", timeout=SLOW)
    expect(page.locator("#moments")).to_contain_text("Bought in the store", timeout=SLOW)
    expect(page.locator("#moments")).to_contain_text("250 points brought along", timeout=SLOW)
    assert of(jan) == of(card)
    # when it was a mistake
    page.get_by_role("link", name="Where this comes from").click()
    page.get_by_role("link", name="Take apart").click()
    page.locator("label", has_text="old · ").get_by_role("checkbox").check()
    page.get_by_label(re.compile("Reason|Why")).fill("His son's card")
    accessible(page)
    page.get_by_role("button", name="Take apart").click()
    expect(
        page.get_by_text("Taken apart. Orders, points and contact moments went with their own records.")
    ).to_be_visible()
    # then each has their own again
    page.goto(of(jan).get_absolute_url())
    expect(page.locator("#panel-loyalty")).to_contain_text("No loyalty card.", timeout=SLOW)
    expect(page.locator("#moments")).not_to_contain_text("Bought in the store", timeout=SLOW)
    assert of(jan) != of(card)
    assert not any(outcome.differences for outcome in reconcile() if "Points" in outcome.check.name)
