"""What the page kit does in a browser: swaps, history, keyboard, scanner, dialogs, sessions that end."""
# ruff: noqa: F401, F811  pytest finds fixtures by name: imported ones look unused, and hidden by the arguments

import contextlib
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from apps.accounts.models import User
from tests.journeys.measuring import come_to_rest, measured
from tests.portal.conftest import chain, make_store

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_as(browser: Browser, live_server) -> Iterator:
    """Opens a browser in which somebody has signed in; fails when a page complained on the console."""
    contexts, complaints = [], []

    def open_page(
        user: User | None, *, width: int = 1280, theme: str = "light", language: str = "en", measured: bool = False
    ) -> Page:
        context = browser.new_context(
            bypass_csp=measured,  # axe styles what it measures
            base_url=live_server.url,
            locale="en-GB",
            color_scheme=theme,
            reduced_motion="reduce",
            viewport={"width": width, "height": 800},
            has_touch=width < 800,
        )
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
        context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    # `sendAbort`: what was asked for when the page was left, or asked for anew by the next letter
    expected = re.compile(
        r"status of 4(0[349]|22)|ERR_INTERNET_DISCONNECTED|Response Status Error Code 40"
        r"|htmx:(sendError|sendAbort|afterRequest)"
    )
    assert [text for text in complaints if not expected.search(text)] == []


def test_filtering_swaps_the_rows_and_back_undoes_it(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/locations/")
    rows = page.locator("#list-rows tbody tr")
    expect(rows).to_have_count(5)

    # when somebody types, the form stays under their fingers
    page.locator("#list-q").press_sequentially("haar", delay=20)
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/locations/\?q=haar$"))
    expect(page.locator("#list-q")).to_be_focused()
    expect(page.locator("#list-status")).to_have_text("1 location")

    # and chooses a filter in the menu
    page.locator("#list-q").fill("")
    expect(rows).to_have_count(5)
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Kind", exact=True).select_option("store")
    expect(rows).to_have_count(4)
    expect(page.locator(".chip")).to_have_text(re.compile("Kind Store"))
    expect(page.get_by_label("Kind", exact=True)).to_be_visible()  # the menu stays open for the next one
    page.keyboard.press("Escape")
    expect(page.get_by_label("Kind", exact=True)).to_be_hidden()

    # and takes it away by its chip, the form knows
    page.get_by_label("Remove filter Kind").click()
    expect(rows).to_have_count(5)
    expect(page.locator(".chip")).to_have_count(0)
    page.get_by_text("Filter", exact=True).click()
    expect(page.get_by_label("Kind", exact=True)).to_have_value("")

    # then back is the state before, as a whole page
    page.go_back()
    expect(rows).to_have_count(4)
    expect(page.locator(".chip")).to_have_count(1)
    expect(page.locator(".rail")).to_be_visible()
    page.reload()
    expect(rows).to_have_count(4)


def test_sorting_and_paging_keep_the_focus(open_as, chain):
    for number in range(100, 160):
        make_store(f"S{number}", chain.own)
    page = open_as(chain.head_office)
    page.goto("/locations/")
    page.locator("#sort-city").focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=ascending] #sort-city")).to_be_focused()
    page.locator("#page-next").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".table-foot")).to_contain_text("51 to 65 of 65")
    expect(page.locator("#list-rows")).to_be_focused()  # there is no next page to keep the focus on


def test_a_session_that_ends_during_a_swap_leads_to_sign_in_and_back(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/locations/?kind=store")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("#sort-city").click()
    expect(page).to_have_url(re.compile(r"/account/login/\?next=/locations/%3Fkind%3Dstore$"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.urls("tests.portal.pages_for_tests")
def test_a_form_outlives_the_session(open_as, chain):
    chain.head_office.set_password("een lang wachtwoord")
    chain.head_office.save()
    page = open_as(chain.head_office)
    page.goto("/t/S001/rename/")
    page.get_by_label("Name").fill("A long story")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Save").click()
    page.locator("input[name=login]").fill(chain.head_office.email)
    page.locator("input[name=password]").fill("een lang wachtwoord")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Name")).to_have_value("A long story")
    expect(page.get_by_role("alert")).to_contain_text("What you filled in is back")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="A long story")).to_be_visible()


def test_an_error_in_a_swap_is_never_silent(open_as, chain):
    page = open_as(chain.associate)
    page.goto("/locations/")
    chain.associate.assignments.all().delete()
    page.locator("#sort-city").click()
    expect(page.get_by_role("alert")).to_contain_text("You may not open this. None of your roles may do this.")
    page.get_by_role("button", name="Close message").click()
    expect(page.get_by_role("alert")).to_have_count(0)

    page.context.set_offline(True)
    page.locator("#sort-name").click()
    expect(page.get_by_role("alert")).to_contain_text("No connection")


def test_slash_leads_to_the_search_box_except_while_typing(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/locations/")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("s002/")
    expect(page.locator("#search")).to_have_value("s002/")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/locations/S002/$"))


def test_a_scanner_works_wherever_the_focus_is(open_as, chain):
    page = open_as(chain.associate, width=360)
    page.goto("/scan/")
    page.locator(".button", has=page.locator("svg")).last.focus()
    page.keyboard.type("9520012345674")
    page.keyboard.press("Enter")
    expect(page.locator("#scan-said")).to_contain_text("Code 9520012345674 is not known here")
    expect(page.locator("#scan")).to_be_focused()
    assert page.url.endswith("/scan/")

    # the next scan replaces the last
    page.keyboard.type("S-1")
    page.keyboard.press("Enter")
    expect(page.locator("#scan-said")).to_contain_text("Code S-1 is not known here")


@pytest.mark.urls("tests.portal.pages_for_tests")
def test_an_act_asks_in_a_dialog_and_gives_the_focus_back(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/t/S001/")
    page.get_by_role("link", name="Swap").click()
    dialog = page.get_by_role("dialog", name="Swap Haarlem?")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Two names change")
    dialog.get_by_role("button", name="Leave as it is").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name="Swap")).to_be_focused()
    assert page.url.endswith("/t/S001/")


@pytest.mark.urls("tests.portal.pages_for_tests")
def test_a_form_is_sent_once(open_as, chain):
    page = open_as(chain.head_office)
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    page.goto("/t/S001/rename/")
    page.get_by_label("Name").fill("Twice")
    page.get_by_role("button", name="Save").dblclick()
    expect(page.get_by_role("heading", name="Twice")).to_be_visible()
    assert len(sent) == 1


def test_slow_typing_beside_a_field_is_no_scan(open_as, chain):
    page = open_as(chain.associate)
    page.goto("/scan/")
    page.locator("#content").focus()
    page.keyboard.type("95200", delay=120)
    page.keyboard.press("Enter")
    expect(page.locator("#scan")).to_have_value("")


def test_the_kit_works_without_scripts(browser: Browser, live_server, chain):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    client = Client()
    client.force_login(chain.franchise_owner)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
    context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": live_server.url}])
    page = context.new_page()
    page.goto("/locations/")
    page.locator("#list-q").fill("gouda")
    page.get_by_role("search", name="Search and filter this list").get_by_role("button", name="Search").click()
    expect(page.locator("#list-rows tbody tr")).to_have_count(1)
    page.goto("/scan/")
    page.locator("#scan").fill("123")
    page.get_by_role("button", name="Look up").click()
    expect(page.locator("#scan-said")).to_contain_text("Code 123 is not known here")
    context.close()


PAGES = [
    "/",
    "/locations/",
    "/locations/?kind=store&city=lei&q=s",
    "/locations/?city=nowhere",
    "/locations/S001/",
    "/search/?q=haar",
    "/search/?q=nothing",
    "/scan/",
    "/locations/S999/",
    "/account/password/change/",
    "/account/2fa/",
    "/account/logout/",
]


# Each two of language, width and theme together; `make soak` has all three, for every page.
@pytest.mark.parametrize(
    ("language", "width", "theme"),
    [("nl", 360, "light"), ("nl", 1280, "dark"), ("en", 360, "dark"), ("en", 1280, "light")],
)
def test_axe_finds_nothing_and_nothing_sticks_out(open_as, chain, width, theme, language):
    page = open_as(chain.associate, width=width, theme=theme, language=language, measured=True)
    entrance = open_as(None, width=width, theme=theme, language=language, measured=True)
    found = []
    for tab, path in [(page, path) for path in PAGES] + [(entrance, "/account/login/")]:
        tab.goto(path)
        result = measured(tab, stylesheets=path == "/")
        if result.violations_count:
            found.append(f"{path}\n{result.generate_report()}")
        if tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{path} is wider than {width} px")
    assert not found, "\n".join(found)


def test_no_page_breaks_the_content_security_policy(open_as, chain):
    page = open_as(chain.associate)  # which fails for anything on the console
    for path in PAGES:
        page.goto(path)
        come_to_rest(page)


def test_a_fact_is_changed_in_its_place_by_keyboard_and_undone(open_as, chain):
    page = open_as(chain.head_office, measured=True)
    page.goto("/locations/S001/")
    page.get_by_label("Change Ships orders").focus()
    page.keyboard.press("Enter")
    box = page.get_by_label("Ships orders", exact=True)
    expect(box).to_be_visible()
    box.focus()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()

    page.get_by_label("Change Ships orders").click()
    box.check()
    page.get_by_role("button", name="Save").click()
    flash = page.get_by_role("status").filter(has_text="Ships orders is now: yes.")
    expect(flash).to_be_visible()
    assert measured(page).violations_count == 0
    flash.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="Ships orders is now: no.")).to_be_visible()

    # then the trail tells of both
    page.get_by_text("Audit trail", exact=True).click()
    expect(page.locator(".trail > li")).to_have_count(2)


def test_leaving_what_is_not_saved_asks_first(open_as, chain):
    page = open_as(chain.head_office)
    page.goto("/locations/S001/?part=edit&fact=ships_orders")
    page.get_by_label("Ships orders", exact=True).check()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    with contextlib.suppress(Exception):  # the page stays, so the way to the next is cut off
        page.goto("/locations/", timeout=3000)
    assert asked == ["beforeunload"]
    assert "part=edit" in page.url


@pytest.mark.urls("tests.portal.pages_for_tests")
def test_rows_are_picked_and_the_act_asks_first(open_as, chain):
    page = open_as(chain.head_office, measured=True)
    page.goto("/t/many/")
    bar = page.get_by_role("form", name="Acts on the selection")
    expect(bar).to_be_hidden()
    boxes = page.locator("td.pick input")
    boxes.nth(1).check()
    expect(bar).to_contain_text("Selected 1")
    boxes.nth(3).click(modifiers=["Shift"])
    expect(bar).to_contain_text("Selected 3")
    page.get_by_label("Select all rows on this page").check()
    expect(bar).to_contain_text("Selected 5")
    assert measured(page).violations_count == 0
    bar.get_by_role("button", name="Rename").click()
    dialog = page.get_by_role("dialog", name="Rename 4?")
    expect(dialog).to_contain_text("1 left out: a distribution centre keeps its name")
    assert measured(page).violations_count == 0
    dialog.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("4 done. 1 passed over.")).to_be_visible()


def test_columns_are_chosen_without_leaving_the_list(open_as, chain):
    page = open_as(chain.head_office, measured=True)
    page.goto("/locations/")
    page.get_by_label("Columns", exact=True).click()
    page.get_by_label("Kind", exact=True).uncheck()
    expect(page.locator("#list-rows th", has_text="Kind")).to_have_count(0)
    page.get_by_label("Move Code forward").click()
    expect(page.locator("#list-rows thead th").first).to_have_text("Code")
    expect(page.get_by_label("Move Code forward")).to_be_focused()
    assert measured(page).violations_count == 0


@pytest.mark.urls("tests.portal.pages_for_tests")
@pytest.mark.parametrize("width", [360, 1280])
def test_the_reason_why_an_act_is_not_possible_opens_by_key_and_by_touch(open_as, chain, width):
    page = open_as(chain.associate, width=width, measured=True)
    page.goto("/t/S001/")
    reason, button = page.get_by_text("It <rains> in Haarlem"), page.get_by_text("Paint", exact=True)
    expect(reason).to_be_hidden()
    button.focus()
    page.keyboard.press("Enter")
    expect(reason).to_be_visible()
    box = reason.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert measured(page).response["violations"] == []
    page.keyboard.press("Escape")
    expect(reason).to_be_hidden()
    expect(button).to_be_focused()
    if width < 800:
        button.tap()
        expect(reason).to_be_visible()
