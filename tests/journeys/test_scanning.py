"""Scanning in a browser: scanners, cameras, what is heard, and what is left out of addresses."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

import io
import time
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest
import zxingcpp
from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from apps.accounts.models import User
from apps.catalogue.models import Gtin
from apps.inventory.services.places.noting import put_on_shelves
from tests.journeys.measuring import measured
from tests.journeys.test_page_kit import open_as
from tests.orders.test_pages_store import ready_order
from tests.shop import Shop, open_shop
from tests.staff import person

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

GTIN = "9520012345674"
# What the browser is asked to sound and to shake, for the tests to read.
LISTEN = """
window.heard = []; window.felt = [];
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () {
  const tone = make.call(this); window.heard.push(tone); return tone;
};
navigator.vibrate = (pattern) => { window.felt.push([pattern].flat()); return true; };
"""


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=10, B=10)
    shop.receive(shop.s2, A=3)
    Gtin.objects.create(variant=shop.variants["A"], code=f"0{GTIN}")
    put_on_shelves(location=shop.s1, lines=[("A-12-3", shop.variants["A"].pk, Decimal(10))])
    return shop


@pytest.fixture
def associate(shop: Shop) -> User:
    return person("Bo Jansen", "store_associate", location=shop.s1)


def burst(page: Page, code: str) -> None:
    """What a hardware scanner does."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def noticed(page: Page) -> Any:
    """The hertz that sounded and the milliseconds that shook since the last time, once there are any."""
    for _wait in range(50):
        heard = page.evaluate("[window.heard.splice(0).map((t) => t.frequency.value), window.felt.splice(0)]")
        if heard[0]:
            return heard
        page.wait_for_timeout(100)
    raise AssertionError("nothing was heard")


def test_a_scanner_works_on_any_page_and_leaves_no_code_in_an_address(open_as: Any, associate: User) -> None:
    page = open_as(associate)
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.goto("/stock/")
    page.locator("#content").focus()
    # when
    burst(page, GTIN)
    # then
    expect(page.locator("#scan-said")).to_contain_text("Scanned: Product A")
    assert page.url.endswith("/scan/")
    expect(page.get_by_role("heading", name="Product A")).to_be_visible()
    # when
    burst(page, "2620123")
    # then
    expect(page.locator("#scan-said")).to_contain_text("Code 2620123 is not known here")
    assert not [url for url in seen if GTIN in url or "2620123" in url]


def test_a_double_scan_counts_once_and_a_second_scan_counts_on(open_as: Any, associate: User) -> None:
    page = open_as(associate, width=360)
    page.goto("/scan/")
    # when the scanner reads the code twice in one pull
    both_at_once = """(keys) => keys.forEach((key) => document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})))"""
    page.evaluate("document.activeElement.blur()")
    page.evaluate(both_at_once, [*GTIN, "Enter", *GTIN, "Enter"])
    # then
    expect(page.locator("#scan-said")).to_contain_text("Scanned: Product A")
    page.wait_for_timeout(500)
    expect(page.locator("#scan-said")).not_to_contain_text("×")
    expect(page.locator("#scan")).to_be_focused()
    # when it is scanned again, now with the focus in the box
    burst(page, GTIN)
    # then
    expect(page.locator("#scan-said")).to_contain_text("2×")
    expect(page.locator(".again")).to_contain_text("2×")


def test_scans_that_come_faster_than_answers_all_count(open_as: Any, associate: User) -> None:
    page = open_as(associate)
    page.goto("/scan/")
    page.route("**/scan/", lambda route: (time.sleep(0.3), route.continue_()))  # a slow network
    answers: list[str] = []
    page.on("response", lambda answer: answers.append(str(answer.request.post_data)))
    # when
    for code in ("A", "(01)09520012345674", "C"):
        page.locator("#scan").press_sequentially(code)
        page.keyboard.press("Enter")
    # then each code was answered, in its turn
    expect(page.locator("#scan-said")).to_contain_text("Scanned: Product C", timeout=8000)
    posted = [parse_qs(body)["code"][0] for body in answers if "code=" in body]
    assert posted == ["A", "(01)09520012345674", "C"]
    page.unroute_all(behavior="wait")


def test_found_and_unknown_sound_and_feel_different_and_can_be_switched_off(open_as: Any, associate: User) -> None:
    page = open_as(associate, width=360)
    page.add_init_script(LISTEN)
    page.goto("/scan/")
    # when
    burst(page, GTIN)
    found = noticed(page)
    burst(page, "nothing")
    unknown = noticed(page)
    # then
    assert found[0]
    assert min(found[0]) > max(unknown[0])
    assert sum(found[1][0]) < sum(unknown[1][0])
    # when
    switch = page.get_by_role("button", name="Sound and vibration")
    expect(switch).to_have_attribute("aria-pressed", "true")
    switch.click()
    burst(page, GTIN)
    expect(page.locator("#scan-said")).to_contain_text("Product A")
    # then it is quiet, also tomorrow
    assert page.evaluate("[...window.heard, ...window.felt]") == []
    page.reload()
    expect(switch).to_have_attribute("aria-pressed", "false")
    name = f"toonbank_quiet_{associate.pk}"
    assert [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == name] == ["1"]


@pytest.mark.parametrize("counter", ["/orders/collect/", "/returns/take-back/"])
def test_collecting_and_taking_back_are_heard_and_felt_too(
    open_as: Any, shop: Shop, associate: User, counter: str
) -> None:
    # given an order that lies ready, and one that was collected
    order = ready_order(shop, ("A", 1))
    page = open_as(associate)
    page.add_init_script(LISTEN)
    page.goto(counter)
    # when nobody knows the code
    burst(page, "ZZZZ9999")
    unknown = noticed(page)
    expect(page.locator("#scan-said")).to_contain_text("ZZZZ9999")
    expect(page.locator("[data-scan]")).to_be_focused()
    # when one comes that is known, without a hand on the keyboard
    if counter == "/orders/collect/":
        burst(page, order.collect_code)
        assert noticed(page) != unknown
        expect(page.locator("#scanned")).to_contain_text(order.number)
    else:
        burst(page, order.number)
        page.wait_for_url(f"**/returns/take-back/{order.number}/")
    # then it can be switched off there
    page.goto(counter)
    page.get_by_role("button", name="Sound and vibration").click()
    burst(page, "ZZZZ8888")
    expect(page.locator("#scan-said")).to_contain_text("ZZZZ8888")
    assert page.evaluate("window.heard.length") == 0


def test_a_separator_that_a_scanner_types_is_kept(open_as: Any, associate: User) -> None:
    page = open_as(associate)
    page.goto("/scan/")
    for focused in ("#scan", "#content"):
        page.goto("/scan/")
        page.locator(focused).focus()
        page.keyboard.type("0109520012345674" + "10L-7")
        page.keyboard.press("Control+]")
        page.keyboard.type("17491231")
        page.keyboard.press("Enter")
        expect(page.locator(".facts")).to_contain_text("L-7")
        expect(page.locator(".facts")).to_contain_text("31 December 2049")


def test_without_a_detector_there_is_a_photo_and_no_camera(open_as: Any, associate: User) -> None:
    page = open_as(associate, width=360)
    page.add_init_script("delete window.BarcodeDetector;")
    page.goto("/scan/")
    expect(page.get_by_role("button", name="Scan with the camera")).to_be_hidden()
    expect(page.locator("label[for=photo]")).to_be_visible()
    # when
    picture = Image.new("L", (700, 400), 255)
    bars = zxingcpp.create_barcode(GTIN, zxingcpp.BarcodeFormat.EAN13)
    picture.paste(Image.fromarray(bars.to_image(scale=4)), (90, 60))
    held = io.BytesIO()
    picture.save(held, "JPEG")
    page.locator("#photo").set_input_files({"name": "p.jpg", "mimeType": "image/jpeg", "buffer": held.getvalue()})
    # then
    expect(page.locator("#scan-said")).to_contain_text("Scanned: Product A")


CAMERA = """
window.stopped = 0;
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["ean_13", "qr_code"]; }
  async detect() { return [{ rawValue: "%s" }]; }
};
navigator.mediaDevices.getUserMedia = async () => {
  const stream = document.createElement("canvas").captureStream();
  for (const track of stream.getTracks()) { track.stop = () => { window.stopped += 1; }; }
  return stream;
};
HTMLMediaElement.prototype.play = async () => {};
"""


def test_the_camera_reads_one_code_and_stops(open_as: Any, associate: User) -> None:
    page = open_as(associate, width=360)
    page.add_init_script(CAMERA % GTIN)
    page.goto("/scan/")
    expect(page.locator("label[for=photo]")).to_be_hidden()
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.locator("#scan-said")).to_contain_text("Scanned: Product A")
    expect(page.get_by_role("dialog", name="Scan with the camera")).to_be_hidden()
    assert page.evaluate("window.stopped") > 0


def test_scanning_works_without_scripts(browser: Browser, live_server: Any, associate: User) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    client = Client()
    client.force_login(associate)
    session = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    context.add_cookies([session | {"url": live_server.url}])
    context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": live_server.url}])
    page = context.new_page()
    page.goto("/scan/")
    for said in ("Scanned: Product A", "2×", "3×"):
        page.locator("#scan").fill(GTIN)
        page.locator("#scan").press("Enter")
        expect(page.locator("#scan-said")).to_contain_text(said)
    context.close()


ANSWERS = [GTIN, "(01)09520012345674(17)200131(10)L-7", "9520012345675", "karaf", "https://example.org/"]


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1280, "light")])
def test_axe_finds_nothing_on_any_answer(open_as: Any, associate: User, width: int, theme: str) -> None:
    page = open_as(associate, width=width, theme=theme, measured=True)
    found = []
    for code in ANSWERS:
        page.goto("/scan/")
        burst(page, code)
        expect(page.locator("#scanned > *").first).to_be_visible()
        result = measured(page)
        if result.violations_count:
            found.append(f"{code}\n{result.generate_report()}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{code} is wider than {width} px")
    small = page.evaluate(
        """[...document.querySelectorAll(".scan-box .button, .scan-box input, .scan-box label")]
           .filter((el) => el.checkVisibility()).map((el) => el.getBoundingClientRect())
           .filter((box) => box.height < 44 || box.width < 44).length"""
    )
    assert not found, "\n".join(found)
    assert width > 800 or small == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_was_scanned_twice_is_ordered_for_a_customer_on_a_phone(open_as: Any, associate: User, theme: str) -> None:
    page = open_as(associate, width=360, theme=theme, measured=True)
    page.goto("/scan/")
    burst(page, "A")
    expect(page.locator("#scan-said")).to_contain_text("Product A")
    page.wait_for_timeout(500)
    burst(page, "A")
    expect(page.locator("#scan-said")).to_contain_text("2×")
    # when
    page.get_by_role("link", name="Order for a customer").click()
    expect(page.get_by_label("Quantity")).to_have_value("2")
    page.get_by_text("Somebody new, or another address").click()
    page.get_by_label("First name").fill("Els")
    page.get_by_label("E-mail address").fill("els@example.org")
    result = measured(page)
    assert not result.violations_count, result.generate_report()
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    page.get_by_role("button", name="Place the order").click()
    # then
    expect(page.get_by_text("is placed: 2 × Product A, reserved in Utrecht.")).to_be_visible()
