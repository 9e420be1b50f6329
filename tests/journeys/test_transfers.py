"""Goods go from one store to another on two phones: asked for, packed with a scanner, unpacked with one piece missing."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from apps.catalogue.models import Gtin
from apps.inventory.models import Transfer
from apps.inventory.services.places.noting import put_on_shelves
from apps.network.agreeing import agree_to_send
from tests.inventory.transfers import ask, levels, send
from tests.journeys.measuring import measured
from tests.journeys.test_page_kit import open_as
from tests.journeys.test_scanning import burst
from tests.shop import Shop, nothing_differs, open_shop
from tests.staff import person

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=10, B=10)
    shop.receive(shop.s2, B=1)
    agree_to_send(location=shop.s1)
    put_on_shelves(location=shop.s1, lines=[("A-12-3", shop.variants["A"].pk, Decimal(10))])
    return shop


def looks(page: Page) -> None:
    """What is on the screen now fits it and keeps nobody out."""
    found = measured(page).response["violations"]
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0, f"{page.url} is {overflow} px too wide"
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == [], page.url


def test_goods_go_from_one_store_to_another_on_two_phones(open_as: Any, shop: Shop) -> None:
    sender = open_as(person("Bo Jansen", "store_associate", location=shop.s1), width=360, theme="dark", measured=True)
    receiver = open_as(person("Ans Visser", "store_associate", location=shop.s2), width=360, measured=True)

    # given: Leiden asks Utrecht for what it has
    receiver.goto("/stock/of/A/")
    looks(receiver)
    receiver.get_by_role("link", name="Ask for it in Utrecht").click()
    looks(receiver)
    receiver.get_by_label("Goods").fill("A 2\nB\n")
    receiver.get_by_role("button", name="Ask for them").click()
    expect(receiver.get_by_text("asked for, and set aside in Utrecht")).to_be_visible()
    looks(receiver)

    # when: Utrecht packs it, scanning A twice and tapping B
    sender.goto("/")
    sender.get_by_role("link", name="Send to Leiden").click()
    looks(sender)
    burst_into(sender, "A")
    expect(sender.locator("#scan-said")).to_contain_text("Product A: 1 counted")
    sender.wait_for_timeout(450)  # a second pull of the trigger, not an echo
    burst_into(sender, "A")
    expect(sender.locator("#scan-said")).to_contain_text("Product A: 2 counted")
    sender.locator("#all-2").click()
    sender.get_by_role("button", name="Send it off").click()
    expect(sender.get_by_text("is on its way to Leiden")).to_be_visible()
    looks(sender)
    assert levels(shop)[("S2", "in_transit", "F01")] == (2, 0)

    # then: Leiden scans the slip and finds one piece of A only
    receiver.goto("/scan/")
    receiver.locator("#scan").fill(Transfer.objects.get().number)
    receiver.keyboard.press("Enter")
    expect(receiver.get_by_role("heading", name="Unpack from Utrecht")).to_be_visible()
    looks(receiver)
    receiver.locator("#more-1").click()
    receiver.locator("#all-2").click()
    expect(receiver.locator("#line-2")).to_contain_text("counted")
    receiver.get_by_role("button", name="Receive what is counted").click()
    looks(receiver)
    receiver.get_by_role("button", name="Put into stock").click()
    expect(receiver.get_by_text("Say why the number differs.").first).to_be_visible()
    looks(receiver)
    receiver.get_by_label("Why").select_option("missing")
    receiver.get_by_role("button", name="Put into stock").click()
    expect(receiver.get_by_text("the goods are in stock")).to_be_visible()
    assert levels(shop)[("S2", "saleable", "OWN")] == (1, 0)
    assert nothing_differs()


def burst_into(page: Page, code: str) -> None:
    page.locator("#scan").fill(code)
    page.keyboard.press("Enter")


def test_more_than_was_sent_is_counted_by_tapping(open_as: Any, shop: Shop) -> None:
    transfer = send(ask(shop, A=1))
    page = open_as(person("Ans Visser", "store_associate", location=shop.s2), width=360)
    page.goto(f"/stock/transfers/{transfer.number}/receive/")
    for _tap in range(3):
        page.locator("#more-1").click()
    expect(page.locator("#line-1 form")).to_have_attribute("data-saved", "3")
    expect(page.locator("#line-1 [data-shown]")).to_have_text("3")
    assert transfer.lines.get().unpacked == 3


def test_a_scanner_counts_wherever_the_focus_is(open_as: Any, shop: Shop) -> None:
    Gtin.objects.create(variant=shop.variants["A"], code="09520012345674")
    transfer = ask(shop, A=2)
    page = open_as(person("Bo Jansen", "store_associate", location=shop.s1), width=360)
    page.goto(f"/stock/transfers/{transfer.number}/send/")
    page.locator("#content").focus()
    burst(page, "9520012345674")
    expect(page.locator("#line-1 [data-shown]")).to_have_text("1")
    assert page.url.endswith("/send/")
