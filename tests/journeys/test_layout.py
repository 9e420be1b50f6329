"""What stands where on a page: nothing lies over what is to be read, or away from what it belongs to."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

import pytest
from playwright.sync_api import expect

from tests.journeys.test_page_kit import open_as
from tests.portal.conftest import chain

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_on_a_phone_the_buttons_of_a_list_stay_beside_its_search_box(open_as, chain):
    page = open_as(chain.head_office, width=360)
    page.goto("/locations/?kind=store")
    expect(page.locator(".chip")).to_have_count(1)
    find, export = (
        page.locator(place).bounding_box() for place in ("#list-form .find", "#list-tools summary >> nth=0")
    )
    assert export["y"] < find["y"] + find["height"]
    assert page.locator(".chip").bounding_box()["y"] >= find["y"] + find["height"]


@pytest.mark.parametrize("width", [360, 1280])
def test_what_is_done_is_not_said_over_the_last_line(open_as, chain, width):
    page = open_as(chain.head_office, width=width)
    page.set_viewport_size({"width": width, "height": 420})  # the page is longer than the screen
    page.goto("/locations/S001/")
    page.get_by_label("Change Ships orders").click()
    page.locator(".in-place [type=checkbox]").check()
    page.get_by_role("button", name="Save", exact=True).click()
    flash = page.locator("#flashes .flash")
    expect(flash).to_be_visible()
    # when somebody goes to the end of the page
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    # then its last part stands above what is said
    parts = page.locator("#content .split > *").all()
    ends = max(part.evaluate("part => part.lastElementChild.getBoundingClientRect().bottom") for part in parts)
    assert ends <= flash.bounding_box()["y"]
