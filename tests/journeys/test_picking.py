"""Picking at the speed of a thumb: no tap is lost, and what the page shows is what is saved."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.orders.models import Order
from tests.shop import open_shop

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PASSWORD = "een lang wachtwoord"


def test_taps_while_the_one_before_is_being_saved_count(browser: Browser, live_server: Any) -> None:
    # given: an order of six pieces, and a thumb on a phone
    shop = open_shop()
    shop.receive(shop.s1, A=10, B=10)
    number = shop.post("orders/", shop.order_body(("A", 6), ("B", 1))).json()["number"]
    user = User.objects.create_user("bo@example.org", PASSWORD, name="Bo Jansen", language="en")
    user.assignments.create(role=Role.STORE_ASSOCIATE, location=shop.s1)
    context = browser.new_context(base_url=live_server.url, viewport={"width": 360, "height": 800}, locale="en-GB")
    page = context.new_page()
    page.goto("/account/login/")
    page.locator("input[name=login]").fill("bo@example.org")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.goto(f"/orders/{number}/pick/")

    # when: it taps five times at once
    place = page.locator("#more-1").bounding_box()
    assert place is not None
    for _tap in range(5):
        page.mouse.click(place["x"] + 10, place["y"] + 10)

    # then: all five show, and once saved they are in the database
    line = page.locator("#line-1")
    expect(line.locator("[data-shown]")).to_have_text("5")
    expect(page.locator("#line-1 form")).to_have_attribute("data-saved", "5")
    assert Order.objects.get(number=number).lines.get(line=1).quantity_picked == 5

    # and a tap that could not be saved is taken back, and said
    context.set_offline(True)
    page.locator("#more-1").click()
    expect(page.get_by_text("No connection.")).to_be_visible()
    expect(line.locator("[data-shown]")).to_have_text("5")
    context.set_offline(False)

    # and making it ready straight after the last tap waits for that tap
    page.locator("#everything").click()
    page.locator("#less-1").click()
    page.locator("#more-1").click()
    page.get_by_role("button", name="Make ready").click()
    expect(page).to_have_url(f"{live_server.url}/orders/pick/")
    assert {line.status for line in Order.objects.get(number=number).lines.all()} == {"ready"}
    context.close()
