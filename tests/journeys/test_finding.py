"""The search box in a browser: results while typing, by keyboard, by mouse, by scanner, and without a script."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.measuring import measured
from tests.journeys.test_page_kit import open_as
from tests.portal.conftest import chain

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_results_come_while_typing_and_the_arrows_choose(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/locations/")
    box = page.get_by_role("combobox", name="Search or scan")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("/")
    page.keyboard.type("haarlm", delay=20)

    # then the list opens, and says how much there is
    options = page.locator("#search-hits [role=option]")
    expect(options).to_have_count(1)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".find [role=status]")).to_have_text("1 result")

    # when the arrows go through it, the focus stays in the box
    page.keyboard.press("ArrowDown")
    expect(box).to_be_focused()
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") is None  # round again, by the box itself

    # when Escape is pressed the list goes and the text stays
    page.keyboard.press("Escape")
    expect(page.locator("#search-hits")).to_be_hidden()
    expect(box).to_have_value("haarlm")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#search-hits")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/locations/S001/$"))


def test_enter_without_a_choice_shows_all_results_and_back_comes_back_to_them(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/locations/")
    page.locator("#search").fill("DC")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=DC$"))
    page.get_by_role("link", name=re.compile("DC Tiel")).click()
    expect(page).to_have_url(re.compile(r"/locations/DC-TI/$"))
    page.go_back()
    expect(page.get_by_role("heading", name="Locations")).to_be_visible()


def test_a_click_follows_an_option_and_leaving_closes_the_list(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/locations/")
    page.locator("#search").press_sequentially("leid", delay=20)
    expect(page.locator("#search-hits")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#search-hits")).to_be_hidden()
    page.locator("#search").click()
    page.locator("#search-hits [role=option]").first.click()
    expect(page).to_have_url(re.compile(r"/locations/S002/$"))


def test_nothing_found_is_said(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/locations/")
    page.locator("#search").press_sequentially("qxzwvj", delay=20)
    expect(page.locator(".find [role=status]")).to_have_text("Nothing found")
    expect(page.get_by_role("combobox", name="Search or scan")).to_have_attribute("aria-expanded", "false")
    page.locator("#search").fill("")
    expect(page.locator(".find .said")).to_be_hidden()


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1280, "light")])
def test_the_open_list_has_no_barriers_and_fits(open_as, chain, width, theme):
    page = open_as(chain.head_office, width=width, theme=theme, measured=True)
    page.goto("/locations/")
    page.locator("#search").press_sequentially("haarlem", delay=20)
    expect(page.locator("#search-hits [role=option]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    assert measured(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    pop = page.locator(".find .pop").bounding_box()
    assert pop["x"] >= 0
    assert pop["x"] + pop["width"] <= width


def test_search_works_without_a_script(browser, open_as, chain, live_server):
    cookies = open_as(chain.head_office).context.cookies()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto("/locations/")
    page.locator("#search").fill("leiden")
    page.keyboard.press("Enter")
    expect(page.locator(".hit")).to_have_count(1)
    page.locator(".hit").click()
    expect(page).to_have_url(re.compile(r"/locations/S002/$"))
    context.close()
