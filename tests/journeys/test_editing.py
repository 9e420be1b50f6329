"""A fact is changed where it stands in a browser: what was wrong, and what somebody else did, is said where it was typed."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.catalogue.models import PriceList
from apps.catalogue.services.maintaining import NewPrice, set_prices
from tests.catalogue.test_pages import carafe
from tests.journeys.test_page_kit import open_as
from tests.shop import Shop, open_shop
from tests.staff import person

__all__ = ["carafe", "open_as"]
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return open_shop()


def test_what_is_wrong_and_what_another_did_is_said_where_it_was_typed(open_as, carafe):
    page = open_as(person("Mirjam Vos", "head_office"))
    page.goto("/products/KR/")
    page.get_by_label("Change Price of 1,2 l").click()
    field = page.locator("#edit-price-KR-1")
    # what is not an amount comes back with the words to mend it
    field.fill("12x")
    page.locator("#edit-reason").fill("Promotion")
    field.press("Enter")
    expect(page.locator(".in-place .error")).to_have_count(1)
    expect(field).to_have_value("12x")
    expect(field).to_be_focused()
    # and what somebody else saved meanwhile is shown beside one's own
    nl = PriceList.objects.get(code="nl")
    set_prices(price_list=nl, prices=[NewPrice(carafe["KR-1"], 99, timezone.now())])
    field.fill("12.50")
    field.press("Enter")
    expect(page.locator(".in-place [role=alert]")).to_contain_text("€99.00. You wrote: €12.50")
    expect(page.locator("#flashes .flash")).to_have_count(0)
    # then one's own is saved all the same
    page.get_by_role("button", name="Save mine").click()
    expect(page.locator(".flash")).to_contain_text("is now: €12.50")
    expect(page.locator(".fact", has=page.get_by_label("Change Price of 1,2 l"))).to_contain_text("€12.50")


def test_a_page_is_called_by_its_new_name_at_once(open_as, carafe):
    page = open_as(person("Mirjam Vos", "head_office"))
    page.goto("/products/KR/")
    page.get_by_label("Change Name in English").click()
    page.get_by_label("Name in English", exact=True).fill("Carafe Vecht")
    page.keyboard.press("Enter")
    expect(page.locator(".flash")).to_contain_text("is now: Carafe Vecht")
    expect(page.get_by_role("heading", level=1)).to_have_text("Carafe Vecht")
    expect(page).to_have_title("Carafe Vecht · Toonbank")


def test_the_pencil_stays_with_the_last_word(open_as, carafe):
    page = open_as(person("Mirjam Vos", "head_office"))
    page.goto("/products/KR/")
    # when the name is of any length, the pencil stands beside the end of it and never alone on a line
    alone = page.locator(".facts dd:has(.edit)").first.evaluate(
        """(fact) => {
            const text = fact.firstChild, pencil = fact.querySelector(".edit"), end = document.createRange();
            return [...Array(60).keys()].map((more) => "Carafe Lisse ".repeat(2) + "x".repeat(more)).filter((name) => {
                text.data = name.replaceAll(/x{6}/g, "vecht ").trim();
                end.setStart(text, text.length - 1);
                end.setEnd(text, text.length);
                return end.getBoundingClientRect().bottom < pencil.getBoundingClientRect().top + 4;
            });
        }"""
    )
    assert alone == []
