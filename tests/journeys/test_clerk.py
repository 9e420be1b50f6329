"""A clerk decides about ten pairs without touching the mouse."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from apps.accounts.models import Assignment, User
from apps.customers.models import Doubt, Edge
from apps.customers.services.joining import ask
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from tests.journeys.measuring import measured
from tests.journeys.test_page_kit import open_as

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def agent(transactional_db):
    user = User.objects.create_user("agent@example.org", "wachtwoord", name="Agent")
    Assignment.objects.create(user=user, role="service_agent")
    return user


@pytest.fixture
def twelve_pairs(transactional_db):
    for number in range(12):
        people = [
            Person(
                source=source,
                external_id=f"{source}{number}",
                first_name=name,
                last_name=f"Zwart{number}",
                city="Utrecht",
            )
            for source, name in (("webshop", "Jan"), ("till", "J."))
        ]
        explanation = [
            {"field": "given_name", "level": "initial", "bits": 2.1},
            {"field": "surname", "level": "exact", "bits": 9.4},
        ]
        one, other = recognise(people, actor="system")
        ask(
            one,
            other,
            basis="scored",
            cause="likely",
            probability=0.9 - number / 100,
            weight=3.0,
            explanation=explanation,
        )


def test_a_clerk_resolves_ten_pairs_by_keyboard(open_as, agent, twelve_pairs):
    colleague = User.objects.create_user("colleague@example.org", name="Colleague")
    Assignment.objects.create(user=colleague, role="service_agent")
    page = open_as(agent)
    page.goto("/customers/doubts/")
    begin = page.get_by_role("link", name="Begin")
    begin.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pair-table")).to_contain_text("Zwart0")
    expect(page.locator(".pair-table")).to_contain_text("The initial fits")

    # seven are one person; the next one stands there at once
    for number in range(7):
        expect(page.locator(".pair-table")).to_contain_text(f"Zwart{number}")
        page.keyboard.press("j")
    # the eighth are father and son, which is said with why
    expect(page.locator(".pair-table")).to_contain_text("Zwart7")
    page.keyboard.press("n")
    expect(page.get_by_text("Why not?")).to_be_visible()
    page.keyboard.press("1")
    # the ninth is never one either, by mistake: taken back, and decided anew
    expect(page.locator(".pair-table")).to_contain_text("Zwart8")
    page.keyboard.press("n")
    expect(page.get_by_text("Why not?")).to_be_visible()
    page.keyboard.press("4")
    expect(page.locator(".pair-table")).to_contain_text("Zwart9")
    page.keyboard.press("u")
    expect(page.locator(".pair-table")).to_contain_text("Zwart8")
    page.keyboard.press("j")
    # the tenth is one person too
    expect(page.locator(".pair-table")).to_contain_text("Zwart9")
    page.keyboard.press("j")
    # one more waits until tomorrow, and the last is for a colleague
    expect(page.locator(".pair-table")).to_contain_text("Zwart10")
    page.keyboard.press("s")
    expect(page.locator(".pair-table")).to_contain_text("Zwart11")
    page.keyboard.press("a")
    expect(page.get_by_label("To", exact=True)).to_be_focused()
    expect(page.get_by_label("To", exact=True)).to_have_value(str(colleague.pk))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()

    outcomes = list(Doubt.objects.order_by("pk").values_list("outcome", flat=True))
    assert outcomes == ["joined"] * 7 + ["apart", "joined", "joined", "", ""]
    assert Edge.objects.filter(kind="same", basis="by_hand").count() == 9
    put_off, assigned = Doubt.objects.order_by("pk")[10:]
    assert put_off.put_off_until is not None
    assert assigned.assigned_to == colleague


def test_two_quick_presses_decide_about_one_pair(open_as, agent, twelve_pairs):
    page = open_as(agent)
    page.goto("/customers/doubts/next/")
    expect(page.locator(".pair-table")).to_contain_text("Zwart0")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.wait_for_timeout(600)
    assert Doubt.objects.exclude(outcome="").count() == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_a_pair_is_readable_on_every_screen(open_as, agent, twelve_pairs, width):
    page = open_as(agent, width=width, measured=True)
    page.goto("/customers/doubts/next/")
    expect(page.locator(".pair-table")).to_contain_text("Zwart0")
    results = measured(page)
    assert [violation["id"] for violation in results.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_a_pair_is_decided_too(browser, live_server, agent, twelve_pairs, client):
    client.force_login(agent)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="en-GB")
    context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                "url": live_server.url,
            }
        ]
    )
    page = context.new_page()
    page.goto("/customers/doubts/next/")
    page.get_by_role("button", name=re.compile("One person")).click()
    expect(page.locator(".pair-table")).to_contain_text("Zwart1")
    assert Doubt.objects.filter(outcome="joined").count() == 1
    context.close()
