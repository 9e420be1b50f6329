"""A page about one object knows the list it was opened from: the way back, and the rows before and after."""

import re
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.network.models import Location
from apps.portal.network.views import LocationList
from apps.portal.pages import coming_from
from tests.portal.conftest import SWAP, make_store
from tests.portal.test_list_page import LIST, codes_in, text_of


@pytest.fixture
def large(monkeypatch):
    """The list as it is of a table that grew, without a number for each row."""
    monkeypatch.setattr(LocationList, "large", True)
    monkeypatch.setattr(coming_from, "NUMBERED_OF_LARGE", 2)


def opened_from(code: str, address: str) -> str:
    return f"/locations/{code}/?list={quote(address, safe='')}"


def beside(response) -> tuple[str | None, str | None]:
    """The codes of the rows before and after, as the links of the page have them."""
    page = response.content.decode()
    found = [re.search(rf'rel="{rel}" href="/locations/([^/]+)/\?', page) for rel in ("prev", "next")]
    previous, following = (match[1] if match else None for match in found)
    return previous, following


def back(response) -> tuple[str, str]:
    """Address and words of the way back."""
    found = re.search(r'class="back" href="([^"]+)">(?:<svg.*?</svg>)?([^<]*)', response.content.decode(), re.S)
    return found[1].replace("&amp;", "&"), found[2].strip()


def test_every_row_of_a_list_leads_on_to_the_next_and_back_to_the_list(as_user, chain):
    client = as_user(chain.head_office)
    url = f"{LIST}?kind=store&sort=-name"
    listed = codes_in(client.get(url))
    assert len(listed) == 4
    # when somebody opens the first row and goes on
    href = re.search(r'<th scope="row"[^>]*><a href="([^"]+)"', client.get(url).content.decode())[1]
    seen, page = [], client.get(href.replace("&amp;", "&"))
    while True:
        seen.append(page.context["object"].code)
        assert f"{len(seen)} of 4" in text_of(page)
        assert back(page) == (url, "Locations")
        onwards = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        if onwards is None:
            break
        page = client.get(onwards[1].replace("&amp;", "&"))
    # then they have seen all of the list in its order
    assert seen == listed
    assert beside(page) == (listed[-2], None)


def test_words_and_views_of_the_list_hold(as_user, chain):
    client = as_user(chain.head_office)
    page = client.get(opened_from("S003", f"{LIST}?view=franchise"))
    assert beside(page) == (None, "S004")
    assert "1 of 2" in text_of(page)
    page = client.get(opened_from("S003", f"{LIST}?view=franchise&q=gouda"))
    assert beside(page) == (None, None)
    assert "1 of 1" in text_of(page)


def test_the_same_address_shows_others_what_they_may_see(as_user, chain):
    address = opened_from("S001", LIST)
    assert beside(as_user(chain.head_office).get(address)) == ("DC-TI", "S002")
    own = as_user(chain.associate).get(address)
    assert beside(own) == (None, None)
    assert "1 of 1" in text_of(own)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/nowhere/",
        "/",
        "/account/login/",
        "locations/",
        "%00",
        "/payments/",
        "/points/0190f5a0-0000-7000-8000-000000000000/",
    ],
)
def test_what_is_no_list_is_no_way_back(as_user, chain, address):
    page = as_user(chain.head_office).get(opened_from("S001", address))
    assert page.status_code == 200
    assert back(page)[0] == LIST
    assert 'class="walk"' not in text_of(page)


def test_a_list_one_may_not_open_is_no_way_back(as_user, chain):
    page = as_user(chain.associate).get(opened_from("S001", "/outbox/"))
    assert back(page)[0] == LIST


def test_a_list_of_other_things_is_a_way_back_only(as_user, chain):
    page = as_user(chain.head_office).get(opened_from("S001", "/orders/?view=short"))
    assert back(page) == ("/orders/?view=short", "Orders")
    assert 'class="walk"' not in text_of(page)


def test_without_a_list_there_is_nothing_beside(as_user, chain):
    page = as_user(chain.head_office).get("/locations/S001/")
    assert 'class="walk"' not in text_of(page)


@pytest.mark.parametrize("sort", ["", "&sort=-code", "&sort=city"])
def test_in_a_long_list_rows_are_found_by_their_key(as_user, chain, large, sort):
    client = as_user(chain.head_office)
    listed = codes_in(client.get(f"{LIST}?kind=store{sort}"))
    assert len(listed) > 2
    for place, code in enumerate(listed):
        page = client.get(opened_from(code, f"{LIST}?kind=store{sort}"))
        around = [None, *listed, None][place : place + 3 : 2]
        assert beside(page) == tuple(around)
        assert " of " not in text_of(page).split('class="walk"')[1].split("</nav>")[0]


def test_who_left_the_list_still_has_its_neighbours(as_user, chain):
    # given a store that no longer matches, as after an act on it
    Location.objects.filter(code="S001").update(postcode="9999 ZZ")
    page = as_user(chain.head_office).get(opened_from("S001", f"{LIST}?kind=store&sort=code"))
    assert beside(page) == (None, "S002")
    page = as_user(chain.head_office).get(opened_from("S001", f"{LIST}?view=dc"))
    assert beside(page) == ("DC-TI", None)
    assert " of 1" not in text_of(page)


def test_the_way_costs_the_same_in_any_list(as_user, chain, monkeypatch):
    client = as_user(chain.head_office)
    address = opened_from("S001", f"{LIST}?kind=store")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        return len(seen)

    queries()  # what is read once
    few = queries()
    for number in range(100, 160):
        make_store(f"S{number}", chain.own)
    assert queries() == few
    with CaptureQueriesContext(connection) as plain:
        client.get("/locations/S001/")
    assert few - len(plain) <= 4


@pytest.mark.urls("tests.portal.pages_for_tests")
def test_an_act_does_not_lose_the_list(as_user, chain):
    client = as_user(chain.head_office)
    page = text_of(client.get("/t/S001/?list=/locations/?view=own"))
    assert 'hx-get="/t/S001/swap/?list=/locations/?view=own"' in page
    form = "/t/S001/rename/?list=/locations/?view=own"
    assert back(client.get(form))[0] == "/locations/S001/?list=/locations/?view=own"
    answer = client.post(form, {"name": "Haarlem Noord"})
    assert answer["Location"] == "/locations/S001/?list=/locations/?view=own"


@pytest.mark.urls("tests.portal.pages_for_tests")
def test_a_question_asked_in_a_dialog_is_answered_with_its_list(as_user, chain):
    dialog = as_user(chain.head_office).get("/t/S001/swap/?list=/locations/", headers=SWAP)
    assert 'action="/t/S001/swap/?list=/locations/"' in text_of(dialog)


def test_an_edited_fact_does_not_lose_the_list(as_user, chain):
    client = as_user(chain.head_office)
    page = "/locations/S001/?list=/locations/?view=own"
    # given the form that a pencil without scripts leads to
    pencil = re.search(r'class="edit" id="edit-link-ships_orders" href="([^"]+)"', text_of(client.get(page)))[1]
    form_at = f"/locations/S001/{pencil.replace('&amp;', '&')}"
    form = text_of(client.get(form_at))
    assert back(client.get(form_at))[0] == page
    assert f'href="{page}" data-cancel' in form
    # when it is saved, and undone again
    action = re.search(r'class="in-place" method="post" action="([^"]+)"', form)[1].replace("&amp;", "&")
    saved = client.post(action, {"was": "False", "ships_orders": "on"})
    undo = re.search(r'action="([^"]+part=edit[^"]+)"', text_of(client.get(page)))[1].replace("&amp;", "&")
    undone = client.post(undo, {"was": "True"})
    # then the page is in its list all the time
    assert (saved["Location"], undone["Location"]) == (page, page)
    assert not Location.objects.get(code="S001").ships_orders


def test_the_audit_trail_leads_back_with_the_list(as_user, chain):
    page = "/locations/S001/?list=/locations/?view=own"
    client = as_user(chain.head_office)
    assert 'href="?part=audit&amp;list=/locations/?view=own"' in text_of(client.get(page))
    assert back(client.get(f"{page}&part=audit"))[0] == page
