"""At the counter, in a browser: a customer shows a number, pieces are tapped, the bon is looked at, the money goes back."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from apps.accounts.models import User
from apps.returns.models import Return
from tests.journeys.measuring import measured
from tests.people import make_user
from tests.returns.purchases import collected
from tests.shop import Shop, open_shop

__all__ = ["make_user"]
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=20, B=20)
    return shop


@pytest.fixture
def open_page(browser: Browser, live_server, make_user: Callable[..., User], shop: Shop) -> Iterator:
    """The browser of somebody who works in S2, at a width; fails when a page complained on the console."""
    contexts, complaints = [], []
    client = Client()
    client.force_login(make_user("store_associate", shop.s2))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value

    def opened(width: int) -> Page:
        context = browser.new_context(
            bypass_csp=True,  # axe styles what it measures
            base_url=live_server.url,
            locale="en-GB",
            reduced_motion="reduce",
            viewport={"width": width, "height": 780},
            has_touch=width < 800,
        )
        contexts.append(context)
        for name, value in ((settings.SESSION_COOKIE_NAME, session), (settings.LANGUAGE_COOKIE_NAME, "en")):
            context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [text for text in complaints if not re.search(r"status of 4(04|22)", text)] == []


def assert_fits(page: Page) -> None:
    """Nothing to scroll sideways for, and nothing that keeps somebody out."""
    broken = measured(page).response["violations"]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in broken] == []


@pytest.mark.parametrize("width", [360, 1280])
def test_one_of_three_pieces_comes_back_in_another_store(open_page, shop: Shop, width: int) -> None:
    # given
    order = collected(shop, ("A", "3", "0.01"), ("B", "1", "0"))
    page = open_page(width)
    page.goto("/returns/")
    assert_fits(page)
    page.get_by_role("link", name="Take back").click()

    # when a wrong code, then the right one
    box = page.get_by_role("textbox", name="Order number, receipt, collect code or return code")
    box.fill("T000")
    box.press("Enter")
    expect(page.get_by_text("Nothing is known by this code")).to_be_visible()
    assert_fits(page)
    box.fill(f"{order.number[:4]} {order.number[4:]}")
    box.press("Enter")
    expect(page.get_by_role("heading", name=f"Take back from {order.number}")).to_be_visible()
    assert_fits(page)

    # and more is typed than was bought, with Enter
    first = page.get_by_role("group", name="Product A")
    shelf = first.get_by_label("Back on the shelf", exact=True)
    shelf.fill("4")
    shelf.press("Enter")
    expect(page.get_by_text("At most 3 can come back.")).to_be_visible()
    assert_fits(page)

    # and one piece is tapped, with the focus staying on the button
    shelf.fill("0")
    more = first.get_by_role("button", name="One more of Product A: Back on the shelf")
    more.click()
    expect(shelf).to_have_value("1")
    expect(more).to_be_focused()
    first.get_by_label("Why").select_option("too_small")
    page.get_by_role("button", name="What goes back?").click()

    # then the bon says so before anything happens
    give = page.get_by_role("button", name=re.compile(r"Give back €10\.00"))
    expect(give).to_be_visible()
    expect(page.get_by_text("back on the shelf, share of 3 for €29.99")).to_be_visible()
    assert_fits(page)
    assert not Return.objects.exists()

    # when
    give.click()
    # then
    expect(page.get_by_role("status").filter(has_text="€10.00 by iDEAL")).to_be_visible()
    expect(page.get_by_text("Back by iDEAL")).to_be_visible()
    assert_fits(page)
    assert Return.objects.get().location == shop.s2
    assert shop.stock("A", shop.s2).on_hand == 1

    # and the order leads back to it
    page.goto(f"/orders/{order.number}/")
    expect(page.get_by_role("link", name=Return.objects.get().number)).to_be_visible()
    assert_fits(page)
