"""Pages of a large list: each row once, forwards and backwards, whatever happens in between."""

import re

import pytest
from django.db import connection
from django.db.models.functions import Length
from django.test.utils import CaptureQueriesContext

from apps.network.models import Location
from apps.portal.network.views import LocationList
from apps.portal.pages import counting
from apps.portal.pages.slicing import Order, slice_of
from tests.portal.conftest import make_store
from tests.portal.test_list_page import LIST, codes_in, text_of


@pytest.fixture
def large(monkeypatch):
    monkeypatch.setattr(LocationList, "large", True)
    monkeypatch.setattr(LocationList, "paginate_by", 4)


def link(response, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', response.content.decode())
    return found[1].replace("&amp;", "&") if found else None


@pytest.mark.parametrize("sort", ["", "sort=city", "sort=-city", "sort=-code", "sort=city&sort=-name"])
def test_forwards_and_backwards_meet_every_row_once(as_user, chain, large, sort):
    # given rows of which many are equal in what they are sorted by
    for number in range(100, 113):
        make_store(f"S{number}", chain.own, name="Same", city="AB"[number % 2])
    client = as_user(chain.head_office)
    # when
    pages, page = [], client.get(f"{LIST}?{sort}")
    while True:
        pages.append(page)
        url = link(page, "next")
        if url is None:
            break
        page = client.get(url)
    # then
    seen = [code for page in pages for code in codes_in(page)]
    assert len(seen) == len(set(seen)) == Location.objects.count() == 18
    for before in reversed(pages[:-1]):
        page = client.get(link(page, "prev"))
        assert codes_in(page) == codes_in(before)
    assert link(page, "prev") is None
    assert "1 to 4 of 18" in text_of(page)


def test_a_row_that_comes_in_between_moves_none(as_user, chain, large):
    client = as_user(chain.head_office)
    first = client.get(f"{LIST}?sort=code")
    make_store("A000", chain.own)
    second = client.get(link(first, "next"))
    assert (codes_in(first), codes_in(second)) == (["DC-TI", "S001", "S002", "S003"], ["S004"])


def test_the_next_page_is_found_by_its_key(as_user, chain, large):
    for number in range(100, 110):
        make_store(f"S{number}", chain.own)
    client = as_user(chain.head_office)
    url = link(client.get(f"{LIST}?sort=code"), "next")
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    [rows] = [q["sql"] for q in captured if "LIMIT 5" in q["sql"] and "network_location" in q["sql"]]
    assert '"code" >= ' in rows
    assert "OFFSET" not in rows


@pytest.mark.parametrize("cursor", ["x", "%00", "e30", "WyJhIl0", "WyJhIiwiYiJd", "WyJhIiwiYiIsImMiXQ", "é"])
def test_a_cursor_somebody_made_up_is_the_first_page(as_user, chain, large, cursor):
    for side in ("after", "before"):
        page = as_user(chain.head_office).get(f"{LIST}?sort=code&page=7&{side}={cursor}")
        assert codes_in(page)[0] == "DC-TI"


def test_an_order_with_gaps_is_paged_by_number(chain):
    assert Order.of(Location.objects.order_by("-code", "-pk")) is not None
    assert Order.of(Location.objects.order_by("active_until", "pk")) is None  # may be empty
    assert Order.of(Location.objects.annotate(worked_out=Length("name")).order_by("worked_out")) is None


def test_beyond_the_end_lies_the_last_page_even_where_the_total_was_guessed(chain):
    rows = Location.objects.order_by("active_until", "pk")
    piece = slice_of(rows, size=2, place={"page": "40"}, large=True, total=90)
    assert (piece.first, len(piece.records), piece.next) == (5, 1, None)
    none = slice_of(rows.none(), size=2, place={"page": "40"}, large=True, total=90)
    assert (none.first, none.records, none.previous) == (1, [], None)


def test_a_large_table_is_counted_up_to_a_point(as_user, chain, large, monkeypatch):
    monkeypatch.setattr(counting, "EXACTLY", 3)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE network_location")
    page = text_of(as_user(chain.head_office).get(LIST))
    assert "about 5 locations" in page
    assert '<span class="count">3+</span>' in page
    assert '<span class="count">1</span>' in page  # the one distribution centre


def test_an_estimate_has_three_digits_that_mean_something():
    assert [counting._rounded(n) for n in (999, 1234, 1_234_567)] == [999, 1230, 1_230_000]
