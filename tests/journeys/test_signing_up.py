"""Signing up in a store: the associate's screen, the customer's own phone as a second browser, and the mail that follows."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

import datetime as dt
import io
import re
from typing import Any

import pytest
import zxingcpp
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from apps.accounts.models import User
from apps.customers.models import SourceRecord
from apps.customers.services.confirming import ask_confirmation, confirm_link, stop_link
from apps.customers.services.consenting import may_use
from apps.customers.services.wording import publish_text
from apps.loyalty.enrolment.wishes import PURPOSES
from apps.loyalty.models import LoyaltyAccount
from apps.messages.models import Message
from tests.journeys.measuring import measured
from tests.journeys.test_page_kit import open_as
from tests.shop import Shop, open_shop
from tests.staff import person
from tests.tills.tickets import send, ticket

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(settings: Any, live_server: Any) -> Shop:
    """A shop whose links in mails and QR codes lead to the server of this test."""
    settings.BASE_URL = live_server.url
    for purpose in PURPOSES:
        publish_text(purpose=purpose, version="1", locale="en", text=f"I want this: {purpose.value}.")
        publish_text(purpose=purpose, version="1", locale="nl", text=f"Ik wil dit: {purpose.value}.")
    shop = open_shop()
    shop.receive(shop.s1, A=10)
    return shop


@pytest.fixture
def associate(shop: Shop) -> User:
    return person("Bo Jansen", "store_associate", location=shop.s1)


def code_on(page: Page) -> str:
    """What a phone's camera reads off the screen."""
    [found] = zxingcpp.read_barcodes(
        Image.open(io.BytesIO(page.locator(".qr-code").screenshot())), formats=zxingcpp.BarcodeFormat.QRCode
    )
    return found.text


def link_in(message: Message) -> str:
    found = re.search(r"http\S+", message.body)
    assert found is not None, message.body
    return found[0]


def complaints_about(page: Page) -> list[str]:
    """What axe finds, and whether anything sticks out, on a phone and on a desk."""
    found = []
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        result = measured(page, stylesheets=width == 360)
        if result.violations_count:
            found.append(f"{page.url} at {width} px\n{result.generate_report()}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{page.url} is wider than {width} px")
    page.set_viewport_size({"width": 360, "height": 800})
    return found


def test_a_card_on_the_customers_own_phone_and_the_associate_sees_them_appear(
    open_as: Any, shop: Shop, associate: User
) -> None:
    desk, phone = open_as(associate), open_as(None, width=360, measured=True)
    # given the code that the associate shows
    desk.goto("/points/new-card/")
    # when the customer scans it
    phone.goto(code_on(desk))
    # then the associate sees that somebody is typing
    expect(desk.locator("#invitation")).to_contain_text("The customer is typing", timeout=8000)
    assert complaints_about(phone) == []
    # when they type what they like to be called, and tick a box
    phone.get_by_label("First name").fill("Femke")
    phone.get_by_label("E-mail address").fill("femke@example.org")
    phone.get_by_label("I want this: newsletter.").check()
    phone.get_by_role("button", name="Get my card").click()
    # then they have their card, and the associate sees who it is
    expect(phone.get_by_role("heading", level=1)).to_have_text("Femke, this is your card")
    assert complaints_about(phone) == []
    expect(desk.locator("#invitation")).to_contain_text("Femke has a card", timeout=8000)
    desk.get_by_role("link", name="Open customer").click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Femke")
    customer = desk.url
    # when the card is scanned off the phone
    desk.goto("/scan/")
    desk.keyboard.type(code_on(phone))
    desk.keyboard.press("Enter")
    # then it opens the customer
    expect(desk).to_have_url(re.compile(re.escape(customer)))

    # given the mail that asks whether the address is theirs
    record = LoyaltyAccount.objects.get().source_record
    confirming = link_in(Message.objects.get())
    mailbox = open_as(None, width=360, measured=True)
    mailbox.goto(confirming)
    assert complaints_about(mailbox) == []
    assert not may_use([record.pk], "newsletter")
    # when they press
    mailbox.get_by_role("button", name="Yes, that was me, and I want this").click()
    # then the card opens, and the newsletter is on
    expect(mailbox.get_by_role("heading", level=1)).to_have_text("Femke, this is your card")
    assert may_use([record.pk], "newsletter")
    assert complaints_about(mailbox) == []
    # when they press the link to stop that stands in each mail
    mailbox.goto(stop_link(record, "newsletter"))
    assert complaints_about(mailbox) == []
    mailbox.get_by_role("button", name="Stop this").click()
    # then it is off
    expect(mailbox.get_by_role("heading", level=1)).to_have_text("Stopped: Newsletter")
    assert not may_use([record.pk], "newsletter")
    assert complaints_about(mailbox) == []


def test_the_other_pages_for_customers_can_be_used_by_anybody(open_as: Any, shop: Shop) -> None:
    # given a receipt that was mailed, and a box that was ticked in the webshop
    now = timezone.now()
    told = {"occurred_at": now.isoformat(), "business_date": now.astimezone(dt.UTC).date().isoformat()}
    send(shop, ticket(customer={"email": "jan@example.org", "receipt": True}, **told))
    asked = ask_confirmation(
        source_record_id=SourceRecord.objects.get().pk,
        address="jan@example.org",
        purposes=["newsletter"],
        text_version="1",
        proof="webshop",
        locale="en",
    )
    receipt = link_in(Message.objects.get(template="receipt"))
    phone = open_as(None, width=360, measured=True)
    found = []
    # when
    for link in ("/join/", receipt, confirm_link(asked)):
        phone.goto(link)
        found += complaints_about(phone)
    phone.get_by_role("button", name="Yes, confirm").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you, it is confirmed")
    found += complaints_about(phone)
    phone.goto(receipt)
    phone.get_by_role("button", name="Yes, keep my receipts together").click()
    expect(phone.get_by_role("status")).to_contain_text("your receipts stay together")
    found += complaints_about(phone)
    # then
    assert found == []
