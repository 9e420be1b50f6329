"""A count on two phones: shelf after shelf with a scanner, submitted, counted again in part, approved; and without scripts."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from apps.inventory.models import Count, CountedLine
from apps.inventory.services.places.noting import put_on_shelves
from tests.inventory.counting import opened
from tests.journeys.test_page_kit import open_as
from tests.journeys.test_scanning import LISTEN, burst, noticed
from tests.journeys.test_transfers import looks
from tests.shop import Shop, nothing_differs, open_shop
from tests.staff import person

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=3, B=10)
    ids = {sku: variant.pk for sku, variant in shop.variants.items()}
    put_on_shelves(location=shop.s1, lines=[("A-1", ids["A"], Decimal(3)), ("B-2", ids["B"], Decimal(10))])
    return shop


def scan(page: Page, code: str, said: str) -> None:
    page.locator("#scan").fill(code)
    page.keyboard.press("Enter")
    expect(page.locator("#scan-said")).to_contain_text(said)


def test_shelves_are_counted_on_a_phone_and_approved_on_another(open_as: Any, shop: Shop) -> None:
    phone = open_as(person("Bo Jansen", "store_associate", location=shop.s1), width=360, theme="dark", measured=True)
    manager = open_as(person("Hanneke Smit", "store_manager", location=shop.s1), width=360, measured=True)

    # given: a count of two shelves
    phone.goto("/stock/counts/")
    looks(phone)
    phone.get_by_role("link", name="Open a count").click()
    looks(phone)
    expect(phone.get_by_label("Shelves that begin with")).to_be_hidden()
    phone.get_by_label("What to count").select_option("given")
    phone.get_by_label("Chosen products: SKU or GTIN").fill("A\nB")
    phone.get_by_role("button", name="Open the count").click()
    expect(phone.get_by_text("is open: 2 products.")).to_be_visible()
    looks(phone)
    phone.get_by_role("link", name="Count now").click()

    # when: three of A are scanned, faster than the server answers, and four of B typed
    expect(phone.get_by_role("heading", name="Shelf A-1", exact=True)).to_be_visible()
    for _ in range(3):
        phone.wait_for_timeout(450)  # a scanner that reads a code twice in one pull counts once
        phone.locator("#scan").fill("A")
        phone.keyboard.press("Enter")
    expect(phone.locator("#scan-said")).to_contain_text("3 × Product A")
    expect(phone.get_by_text("1 of 2 counted")).to_be_visible()
    looks(phone)
    phone.get_by_role("link", name="Next: B-2").click()
    phone.get_by_role("textbox", name="Product B").fill("4")
    phone.get_by_role("button", name="Note the count of Product B").click()
    expect(phone.locator("#scan-said")).to_contain_text("4 × Product B")
    phone.get_by_role("link", name="To the end").click()
    expect(phone.get_by_text("This is a blind count")).to_be_visible()
    phone.get_by_role("link", name="Submit").click()
    phone.get_by_role("button", name="Submit the count").click()
    expect(phone.get_by_text("waits for approval")).to_be_visible()
    looks(phone)

    # then: the manager sees six missing, and has B counted again
    manager.goto("/")
    manager.get_by_role("link", name="Approve count").click()
    expect(manager.get_by_text("1 of 2 lines agree.")).to_be_visible()
    looks(manager)
    manager.get_by_role("link", name="Count again").click()
    looks(manager)
    manager.get_by_label("Reason").fill("Six is much")
    manager.get_by_role("button", name="Have it counted again").click()
    expect(manager.get_by_text("1 product is counted again.")).to_be_visible()
    looks(manager)

    # when: eight are found, of which one has no shelf
    phone.goto("/")
    phone.get_by_role("link", name="Count C").click()
    expect(phone.get_by_role("heading", name="Shelf B-2", exact=True)).to_be_visible()
    phone.get_by_role("textbox", name="Product B").fill("8")
    phone.get_by_role("button", name="Note the count of Product B").click()
    expect(phone.locator("#scan-said")).to_contain_text("8 × Product B")
    scan(phone, "A", "is not counted again in this round")
    phone.get_by_role("link", name="To the end").click()
    phone.get_by_role("link", name="Submit").click()
    phone.get_by_role("button", name="Submit the count").click()

    # then it differs little, and is booked
    expect(phone.get_by_text("differs little and is booked")).to_be_visible()
    looks(phone)
    assert (shop.stock("A").on_hand, shop.stock("B").on_hand) == (3, 8)
    assert nothing_differs()
    manager.reload()
    expect(manager.get_by_text("round 1: 4")).to_be_visible()


def test_each_scan_is_heard(open_as: Any, shop: Shop) -> None:
    page = open_as(person("Bo Jansen", "store_associate", location=shop.s1), width=360)
    page.add_init_script(LISTEN)
    count = opened(shop, "A")
    page.goto(f"/stock/counts/{count.number}/count/")
    page.locator("#scan").click()  # a browser sounds after a touch only
    scan(page, "A", "1 × Product A")
    assert noticed(page)[0] == [988]
    page.wait_for_timeout(450)
    scan(page, "A", "2 × Product A")
    assert noticed(page)[0] == [988, 1319]
    scan(page, "NOPE", "not known here")
    assert noticed(page)[0] == [196, 147]
    # and a shelf's own code leads there
    scan_to = page.locator("#scan")
    scan_to.fill("B-2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Shelf B-2", exact=True)).to_be_visible()


def test_counting_works_without_scripts(browser: Browser, live_server: Any, shop: Shop) -> None:
    # given a browser that runs none
    client, count = Client(), opened(shop, "A")
    client.force_login(person("Bo Jansen", "store_associate", location=shop.s1))
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, locale="en-GB", viewport={"width": 360, "height": 800}
    )
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"/stock/counts/{count.number}/count/")
    # when
    page.locator("#scan").fill("A")
    page.get_by_role("button", name="Count one").click()
    expect(page.locator("#scan-said")).to_contain_text("1 × Product A")
    page.get_by_role("textbox", name="Product A").fill("3")
    page.get_by_role("button", name="Note the count of Product A").click()
    # then
    expect(page.get_by_role("textbox", name="Product A")).to_have_value("3")
    page.get_by_role("link", name="To the end").click()
    page.get_by_role("link", name="Submit").click()
    page.get_by_role("button", name="Submit the count").click()
    expect(page.get_by_text("differs little and is booked")).to_be_visible()
    assert Count.objects.get().status == "closed"
    assert [int(line.quantity) for line in CountedLine.objects.order_by("pk")] == [1, 3]
    context.close()
