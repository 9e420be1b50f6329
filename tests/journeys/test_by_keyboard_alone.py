"""From signing in to undoing an act without a mouse, by the keys that everybody knows: Tab, Enter, Space, arrows."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_page_kit import open_as
from tests.portal.conftest import chain

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def tab_to(page: Page, wanted: str, *, most: int = 60, back: bool = False) -> None:
    """Press Tab until the focus is on what the selector names; each stop on the way can be seen."""
    for _press in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            assert page.evaluate("document.activeElement.checkVisibility()"), wanted
            return
    raise AssertionError(f"Tab never came to {wanted}")


def test_a_list_is_found_filtered_opened_changed_and_changed_back(open_as: Any, chain: Any) -> None:
    chain.head_office.set_password("correct horse battery")
    chain.head_office.save()
    page = open_as(None)
    # when somebody signs in
    page.goto("/locations/")
    expect(page).to_have_url(re.compile("/account/login/"))
    tab_to(page, "input[name=login]")
    page.keyboard.type(chain.head_office.email)
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/locations/$"))
    # and skips the rail
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    # and sets a filter
    tab_to(page, "details.filter-menu > summary, details[data-menu] > summary")
    page.keyboard.press("Enter")
    expect(page.locator("select[name=kind]")).to_be_visible()  # it is fetched when the menu is opened
    tab_to(page, "select[name=kind]")
    page.keyboard.type("St")
    expect(page.locator("#list-rows tbody tr")).not_to_have_count(5)
    expect(page.locator("#list-status")).to_contain_text("location")  # said to who cannot see it
    page.keyboard.press("Escape")
    # and takes it away by its chip: the focus stays in the list, not at the start of the page
    tab_to(page, ".chip a")
    page.keyboard.press("Enter")
    expect(page.locator("#list-rows tbody tr")).to_have_count(5)
    expect(page.locator("#list-rows")).to_be_focused()
    # and opens the second row
    tab_to(page, "#list-rows tbody tr:nth-child(2) a")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_be_visible()
    assert re.search(r"/locations/\w+/", page.url)
    # and changes a fact where it stands
    fact = page.locator("dd", has=page.locator("a[href*='part=edit'], [hx-get*='part=edit']")).first
    before = fact.inner_text()
    tab_to(page, "a[href*='part=edit'], [hx-get*='part=edit']")
    page.keyboard.press("Enter")
    expect(page.locator(".in-place :focus")).to_have_count(1)  # what came in has the focus
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".flash")).to_contain_text("is now")
    expect(fact).not_to_have_text(before)
    expect(fact.locator("a:focus")).to_have_count(1)
    # and takes it back
    tab_to(page, ".flash .act")
    page.keyboard.press("Enter")
    expect(page.locator("dd").filter(has_text=before.split("\n")[0]).first).to_be_visible()
