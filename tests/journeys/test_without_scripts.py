"""A browser that runs no scripts: signing in, lists, filters, files, forms."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from tests.portal.conftest import chain

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": live_server.url}])
    yield context.new_page()
    context.close()


def test_a_day_at_the_desk_needs_no_script(page: Page, chain: Any) -> None:
    # given
    chain.head_office.set_password("correct horse battery")
    chain.head_office.save()
    # when somebody signs in
    page.goto("/locations/")
    page.locator("input[name=login]").fill(chain.head_office.email)
    page.locator("input[name=password]").fill("correct horse battery")
    page.locator("main button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/locations/$"))
    rows = page.locator("#list-rows tbody tr")
    expect(rows).to_have_count(5)
    # then filters narrow the list and chips widen it again
    page.goto("/locations/?part=filters")
    page.get_by_label("Kind", exact=True).select_option("store")
    page.locator("main form button[type=submit]").last.click()
    expect(page).to_have_url(re.compile("kind=store"))
    expect(page.locator(".chip")).to_contain_text("Store")
    fewer = rows.count()
    assert 0 < fewer < 5
    page.get_by_role("link", name="Remove filter Kind").click()
    expect(rows).to_have_count(5)
    # and columns sort
    page.locator("thead a").first.click()
    expect(page).to_have_url(re.compile("sort="))
    # and a file comes
    page.goto("/locations/?kind=store")
    page.locator("summary").filter(has_text="Export").click()
    with page.expect_download() as coming:
        page.get_by_role("link", name="CSV for Excel").or_(page.get_by_role("button", name="CSV for Excel")).click()
    assert Path(coming.value.path()).read_text("utf-8-sig").count("\n") == fewer + 1
    # and a fact is changed, with an error that stays beside it and an undo
    page.goto("/locations/S001/")
    page.get_by_label("Change Ships orders").click()
    page.get_by_label("Ships orders", exact=True).check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".flash")).to_contain_text("Ships orders is now: yes.")
    page.locator(".flash").get_by_role("button", name="Undo").click()
    expect(page.locator(".flash")).to_contain_text("Ships orders is now: no.")
    # and what is printed is chosen by a plain form
    page.goto("/stock/labels/")
    page.get_by_label("Location", exact=True).select_option("S001")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("location=S001"))
    expect(page.locator("[data-print]")).to_be_hidden()
