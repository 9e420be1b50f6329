"""The palette and the shortcuts of single keys in a browser, beside a scanner that types as well."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.measuring import measured
from tests.journeys.test_page_kit import open_as
from tests.portal.conftest import chain

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def press(page: Page, *keys: str) -> None:
    """As a person does, with a pause after each."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(250)


def active(page: Page):
    return page.locator("#palette [aria-selected=true]")


# --- palette -------------------------------------------------------------------------------------------------------


def test_the_palette_goes_to_a_page_by_keyboard_alone(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/")
    page.locator(".rail a").first.focus()
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Go to, do or find")
    expect(box).to_be_focused()
    expect(active(page)).to_have_text(re.compile("Today"))

    # when something is typed, what does not begin so goes, and the first is chosen
    page.keyboard.type("loc")
    expect(active(page)).to_have_text(re.compile("Locations"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/locations/$"))


def test_escape_closes_the_palette_and_gives_the_focus_back(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/locations/")
    page.locator("#sort-city").focus()
    page.keyboard.press("Meta+k")
    expect(page.locator("#palette")).to_be_visible()
    for _ in range(6):
        page.keyboard.press("Tab")  # the focus stays within
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('#palette')")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("#sort-city")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_hidden()


def test_escape_closes_the_palette_at_once_whatever_was_typed(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/locations/")
    page.keyboard.press("Control+k")
    page.keyboard.type("loc")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_the_palette_counts_all_there_is_to_choose_from(open_as, chain):
    page = open_as(chain.head_office)
    # given a place that was seen just now, and is found too
    page.goto("/locations/S002/")
    page.goto("/locations/")
    page.keyboard.press("Control+k")
    said = page.locator("#palette [role=status]")
    page.keyboard.type("leid")
    expect(page.locator("#palette [role=option]:visible")).to_have_count(2)
    expect(said).to_have_text("2 results")
    # when there is one, or none
    page.keyboard.press("Control+a")
    page.keyboard.type("dark appearance")
    expect(said).to_have_text("1 result")
    with page.expect_response("**/search/"):
        page.keyboard.type("xxxx")
    expect(said).to_have_text("Nothing found")


def test_the_palette_finds_what_the_search_box_finds(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/locations/")
    page.keyboard.press("Control+k")
    page.keyboard.type("leidn", delay=20)
    expect(active(page)).to_have_text(re.compile("Leiden"))
    expect(page.locator("#palette [role=status]")).to_have_text("1 result")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/locations/S002/$"))
    page.keyboard.press("Control+k")
    page.keyboard.type("s001")
    page.keyboard.press("Enter")  # a scanner waits for nothing
    expect(page).to_have_url(re.compile(r"/locations/S001/$"))
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=group]", has_text="Seen just now")).to_contain_text("Leiden")


def test_the_palette_changes_the_appearance_and_comes_back_to_the_page(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/locations/?kind=store")
    page.keyboard.press("Control+k")
    page.keyboard.type("dark app")
    expect(active(page)).to_have_text(re.compile("Dark appearance"))
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page).to_have_url(re.compile(r"/locations/\?kind=store$"))


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1280, "dark")])
def test_palette_and_sheet_have_no_barriers_and_fit(open_as, chain, width, theme):
    page = open_as(chain.head_office, width=width, theme=theme, measured=True)
    page.goto("/locations/")
    page.keyboard.press("Control+k")
    expect(active(page)).to_have_count(1)
    assert measured(page).response["violations"] == []
    box = page.locator("#palette").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    press(page, "?")
    expect(page.locator("#dialog h2")).to_have_text("Keyboard shortcuts")
    assert measured(page).response["violations"] == []


# --- single keys ---------------------------------------------------------------------------------------------------


def test_g_and_a_letter_lead_to_a_page_and_j_and_k_through_its_rows(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/")
    press(page, "g", "l")
    expect(page).to_have_url(re.compile(r"/locations/$"))
    links = page.locator("#list-rows tbody tr a")
    press(page, "j")
    expect(links.nth(0)).to_be_focused()
    press(page, "j", "j")
    expect(links.nth(2)).to_be_focused()
    press(page, "k")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/locations/S001/\?list=/locations/$"))


def test_shortcuts_sleep_while_somebody_types_or_answers(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/locations/")
    page.locator("#search").focus()
    press(page, "g", "o", "?")
    expect(page.locator("#search")).to_have_value("go?")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    press(page, "?")
    expect(page.locator("#dialog")).to_be_visible()
    press(page, "g", "t")
    expect(page).to_have_url(re.compile(r"/locations/$"))
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator("#dialog")).to_be_hidden()


def test_a_scanner_presses_no_shortcut(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/")
    page.keyboard.type("gl?xj", delay=10)
    page.wait_for_timeout(700)
    expect(page).to_have_url(re.compile(r"/$"))
    expect(page.locator("#dialog")).to_be_hidden()
    # and its code arrives whole
    page.keyboard.type("s002", delay=10)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/locations/S002/$"))


def test_shortcuts_can_be_switched_off_for_good(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/locations/")
    press(page, "?")
    page.get_by_label("Shortcuts of single keys").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile(r"/locations/$"))
    page.wait_for_load_state()
    press(page, "/", "?", "j", "g", "t")
    expect(page).to_have_url(re.compile(r"/locations/$"))
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#search")).not_to_be_focused()
    # what is no single key still works
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    expect(page.locator("#palette .option .key")).to_have_count(0)
    page.keyboard.press("Escape")
    chain.head_office.refresh_from_db()
    assert chain.head_office.single_keys is False


def test_j_and_k_go_through_a_list_one_page_at_a_time(open_as, chain):
    page = open_as(chain.head_office, measured=True)
    page.goto("/locations/?sort=-code&kind=store")
    press(page, "j", "Enter")
    expect(page.locator("h1")).to_have_text(re.compile("Zandvoort"))
    expect(page.locator(".walk")).to_contain_text("1 of 4")
    press(page, "j")
    expect(page.locator("h1")).to_have_text(re.compile("Gouda"))
    assert measured(page).response["violations"] == []
    press(page, "k", "k")  # there is nothing before the first
    expect(page.locator("h1")).to_have_text(re.compile("Zandvoort"))
    page.locator(".back").click()
    expect(page).to_have_url(re.compile(r"/locations/\?kind=store&sort=-code$"))
