"""The privacy officer answers an access request and an erasure, from the clock to the answer."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.accounts.models import Assignment, PersonalExport, User
from apps.core.jobs.running import run_job
from apps.core.models import Job
from apps.customers.models import Customer, PrivacyRequest
from apps.customers.rights.handling import receive
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from tests.journeys.measuring import measured
from tests.journeys.test_page_kit import open_as

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

LOTTE = Person(
    source="webshop",
    account_id="web-9",
    first_name="Lotte",
    last_name="Hoekstra",
    email="lotte@example.org",
    email_is_verified=True,
    country="NL",
)


@pytest.fixture
def officer(transactional_db):
    user = User.objects.create_user("officer@example.org", "wachtwoord", name="Noor Brandsma")
    Assignment.objects.create(user=user, role="privacy_officer")
    return user


@pytest.fixture
def lotte(transactional_db):
    [record_id] = recognise([LOTTE], actor="system")
    return Customer.objects.get(source_records=record_id)


def asked(customer: Customer, kind: str) -> PrivacyRequest:
    return receive(customer=customer, kind=kind, came="mail", received_on=timezone.localdate(), principal=None)


def fits(page) -> None:
    """Nothing is wider than the screen, and axe finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    violations = measured(page).response["violations"]
    assert [violation["id"] for violation in violations] == []


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (360, "dark")])
def test_the_officer_handles_access_and_erasure(open_as, officer, lotte, width, theme):
    access, erasure = asked(lotte, "access"), asked(lotte, "erasure")
    page = open_as(officer, width=width, theme=theme, measured=True)

    # the list with its clocks names nobody
    page.goto("/privacy/")
    expect(page.get_by_role("heading", name="Privacy requests")).to_be_visible()
    expect(page.get_by_text("Lotte")).to_have_count(0)
    fits(page)
    page.get_by_role("link", name=access.number).click()

    # first it must be known who asks
    expect(page.get_by_text("Make sure that it is them", exact=False).locator("visible=true").first).to_be_visible()
    fits(page)
    page.get_by_role("link", name="Say how you checked").click()
    page.get_by_label("Answered from the address we know").check()
    fits(page)
    page.get_by_role("button", name="Save").click()

    # then the file, which is written down
    page.get_by_role("link", name="Make the file").click()
    fits(page)
    page.get_by_label("I read its free texts before I send it").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert re.fullmatch(rf".*{access.number}\.pdf", download.value.suggested_filename)
    assert PersonalExport.objects.get().filters == access.number
    page.goto(access.get_absolute_url())
    page.get_by_role("link", name="Close as done").last.click()
    page.get_by_label("What the person was told").fill("Sent to the address we know.")
    page.get_by_role("button", name="Close as done").click()
    expect(page.get_by_text("Sent to the address we know.")).to_be_visible()

    # and the erasure: what goes and what stays comes first
    page.goto(f"/privacy/{erasure.number}/identity/")
    page.get_by_label("Signed in to their account").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Show what would go").click()
    expect(page.get_by_role("heading", name="What goes")).to_be_visible()
    fits(page)
    page.get_by_label("I have read what goes.", exact=False).check()
    page.get_by_role("button", name="Erase").click()
    expect(page).to_have_url(re.compile("/jobs/"))
    run_job(Job.objects.get().key)
    page.goto(erasure.get_absolute_url())
    expect(page.get_by_role("heading", name="What to do next")).to_be_visible()
    expect(page.get_by_text("Lotte")).to_have_count(0)
    lotte.refresh_from_db()
    assert (lotte.name, lotte.email) == ("", "")
