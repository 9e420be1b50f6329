"""An import in the browser: load, choose columns, see what would change, book it."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

import threading

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from apps.catalogue.models import Product
from tests.journeys.measuring import measured
from tests.journeys.test_page_kit import open_as
from tests.portal.importing.conftest import run_jobs
from tests.shop import open_shop
from tests.staff import person

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def complaints_of_axe(page: Page) -> list[object]:
    return [(v["id"], [n["target"] for n in v["nodes"]]) for v in measured(page).response["violations"]]


def work() -> None:
    """What waits for a worker is done by one, in a thread of its own."""

    def run() -> None:
        try:
            run_jobs()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_file_of_products_is_loaded_checked_and_booked(open_as, transactional_db, settings, tmp_path, width):
    # given
    settings.MEDIA_ROOT = tmp_path
    open_shop()
    page = open_as(person("Mirjam Vos", "head_office"), width=width, measured=True)
    page.goto("/products/")
    page.get_by_role("link", name="Import", exact=True).click()
    assert complaints_of_axe(page) == []

    # when
    page.get_by_label("File").set_input_files(
        {"name": "spring.csv", "mimeType": "text/csv", "buffer": b"sku;wat;prijs\nA;Appel;\nNEW;Nieuw;\nB;;x\n"}
    )
    page.get_by_role("button", name="Load file").click()

    # then: what it could not guess is chosen
    expect(page.get_by_role("heading", name="Which column is which")).to_be_visible()
    page.get_by_label("Name", exact=True).select_option("wat")
    assert complaints_of_axe(page) == []

    # when
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("Starts as soon as a worker is free.")).to_be_visible()
    work()

    # then
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    expect(page.get_by_text("Write a number such as 12,50.")).to_be_visible()
    assert complaints_of_axe(page) == []

    # when
    page.get_by_role("link", name="Book the right ones").click()
    page.get_by_role("dialog").get_by_role("button", name="Book the right ones").click()
    expect(page.get_by_text("Starts as soon as a worker is free.")).to_be_visible()
    work()

    # then
    expect(page.get_by_role("heading", name="What was booked")).to_be_visible()
    assert Product.objects.get(code="NEW").texts.get(locale="nl").name == "Nieuw"
    assert complaints_of_axe(page) == []
