import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.portal.network.views import LocationList
from tests.portal.conftest import SWAP, make_store

LIST = "/locations/"


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def codes_in(response) -> list[str]:
    """The codes of the rows, in their order."""
    return re.findall(r'<th scope="row"[^>]*><a href="/locations/([^/]+)/["?]', response.content.decode())


def tabs_in(response) -> dict[str, str]:
    """The tabs with their counts, the current one marked."""
    tabs = re.findall(
        r'<a href="[^"]*"( aria-current="page")?>([^<]+) <span class="count[^"]*">(\d+)', text_of(response)
    )
    return {("*" if current else "") + label.strip(): count for current, label, count in tabs}


def test_rows_stay_within_reach(as_user, chain):
    assert codes_in(as_user(chain.head_office).get(LIST)) == ["DC-TI", "S001", "S002", "S003", "S004"]
    assert codes_in(as_user(chain.associate).get(LIST)) == ["S001"]
    assert codes_in(as_user(chain.franchise_owner).get(LIST)) == ["S003", "S004"]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("q=haar", ["S001"]),
        ("q=HAAR+s001", ["S001"]),
        ("q=haar+s002", []),
        ("q=28", ["S003"]),
        ("city=o", ["S003", "S004"]),
        ("owner=F01", ["S003", "S004"]),
        ("owner_kind=own&kind=store", ["S001", "S002"]),
        ("ships_orders=true", ["S002"]),
        ("sort=-city", ["S004", "DC-TI", "S002", "S001", "S003"]),
        ("sort=no_such_column", ["DC-TI", "S001", "S002", "S003", "S004"]),
        ("view=franchise", ["S003", "S004"]),
        ("view=franchise&kind=", ["S003", "S004"]),
        ("view=franchise&changed=1&kind=dc", ["DC-TI"]),
        ("view=no_such_view", ["DC-TI", "S001", "S002", "S003", "S004"]),
        ("unknown=1", ["DC-TI", "S001", "S002", "S003", "S004"]),
    ],
)
def test_the_address_says_which_rows(as_user, chain, query, codes):
    assert codes_in(as_user(chain.head_office).get(f"{LIST}?{query}")) == codes


@pytest.mark.parametrize(
    "query", ["q=%00", "city=%00", "owner=%00", "page=x", "page=-1", "page=99999999999999999999", "sort=%00"]
)
def test_nonsense_in_the_address_is_no_error(as_user, chain, query):
    assert as_user(chain.head_office).get(f"{LIST}?{query}").status_code == 200


def test_a_filter_in_force_is_a_chip_that_can_be_removed(as_user, chain):
    page = text_of(as_user(chain.head_office).get(f"{LIST}?kind=store&city=lei&q=s00&sort=-code"))
    assert '<span class="by">Kind</span> Store' in page
    assert '<span class="by">City</span> lei' in page
    assert 'href="/locations/?city=lei&amp;q=s00&amp;sort=-code"' in page  # without the kind, everything else kept
    assert 'href="/locations/?sort=-code"' in page  # clear all


def test_a_filter_out_of_ones_reach_is_not_a_way_in(as_user, chain):
    response = as_user(chain.franchise_owner).get(f"{LIST}?owner=OWN")
    page = text_of(response)
    assert "Moswijk" not in page
    assert '<div class="chip invalid">' in page
    assert codes_in(response) == ["S003", "S004"]


def test_an_unusable_value_keeps_its_chip_and_says_why(as_user, chain):
    page = text_of(as_user(chain.head_office).get(f"{LIST}?kind=castle"))
    assert '<div class="chip invalid"><span><span class="by">Kind</span> castle: Select a valid choice.' in page
    assert "5 locations" in page


def test_saved_views_are_tabs_with_counts(as_user, chain):
    client = as_user(chain.head_office)
    assert tabs_in(client.get(LIST)) == {"*All": "5", "Franchise": "2", "Own stores": "2", "Distribution centres": "1"}
    changed = client.get(f"{LIST}?view=franchise&city=gouda")
    assert tabs_in(changed)["*Franchise"] == "2"
    assert "(changed)" in text_of(changed)
    assert "(changed)" not in text_of(client.get(f"{LIST}?view=franchise"))


def test_a_filter_of_a_saved_view_can_be_taken_away(as_user, chain):
    client = as_user(chain.head_office)
    page = client.get(f"{LIST}?view=franchise").content.decode()
    without_owner = "/locations/?view=franchise&amp;changed=1&amp;kind=store"
    assert f'href="{without_owner}"' in page
    assert codes_in(client.get(without_owner.replace("&amp;", "&"))) == ["S001", "S002", "S003", "S004"]


def test_no_match_says_which_filter_to_drop(as_user, chain):
    page = text_of(as_user(chain.head_office).get(f"{LIST}?kind=dc&city=gouda"))
    assert "No locations match this" in page
    assert "Without “City gouda” there are 1." in page
    assert "Without “Kind Distribution centre” there are 1." in page


def test_nothing_yet_is_said_in_other_words(as_user, chain):
    chain.associate.assignments.all().delete()
    chain.associate.assignments.create(role="franchisee", legal_entity=chain.own)
    chain.own.ownerships.all().delete()
    page = text_of(as_user(chain.associate).get(LIST))
    assert "No locations yet" in page
    assert "match this" not in page


def test_pages_of_fifty_that_neither_repeat_nor_skip(as_user, chain):
    for number in range(100, 160):
        make_store(f"S{number}", chain.own, name="Same name", city="Same city")
    client = as_user(chain.head_office)
    first, second = client.get(f"{LIST}?sort=city"), client.get(f"{LIST}?sort=city&page=2")
    assert (len(codes_in(first)), len(codes_in(second))) == (50, 15)
    assert not set(codes_in(first)) & set(codes_in(second))
    assert "1 to 50 of 65" in text_of(first)
    with CaptureQueriesContext(connection) as captured:
        client.get(f"{LIST}?sort=city")
    assert any('"city" ASC, "network_location"."id" ASC LIMIT 51' in query["sql"] for query in captured)
    assert 'rel="next" href="/locations/?sort=city&amp;page=2"' in text_of(first)
    assert 'rel="prev" href="/locations/?sort=city"' in text_of(second)
    assert codes_in(client.get(f"{LIST}?sort=city&page=7")) == codes_in(second)


def test_one_address_answers_page_and_swap(as_user, chain):
    client = as_user(chain.head_office)
    page = client.get(f"{LIST}?kind=dc")
    swap = client.get(f"{LIST}?kind=dc", headers=SWAP)
    back = client.get(f"{LIST}?kind=dc", headers=SWAP | {"HX-History-Restore-Request": "true"})
    assert codes_in(page) == codes_in(swap) == codes_in(back) == ["DC-TI"]
    assert [b"<!doctype html>" in r.content for r in (page, swap, back)] == [True, False, True]
    assert all("HX-Request" in r["Vary"] for r in (page, swap, back))
    assert all("Cookie" in r["Vary"] for r in (page, swap, back))


def test_a_swap_brings_count_tabs_and_chips_along(as_user, chain):
    swap = text_of(as_user(chain.head_office).get(f"{LIST}?kind=dc", headers=SWAP))
    assert '<span id="list-status" hx-swap-oob="innerHTML">1 location' in swap
    assert 'id="list-tabs" aria-label="Saved views" hx-swap-oob="true"' in swap
    assert swap.count('id="list-form"') == 1


def test_typing_in_the_form_leaves_the_form_alone_and_pushes_a_clean_address(as_user, chain):
    response = as_user(chain.head_office).get(
        f"{LIST}?q=haar&kind=&city=&owner=", headers=SWAP | {"HX-Trigger": "list-form"}
    )
    assert response["HX-Push-Url"] == "/locations/?q=haar"
    assert b'id="list-form"' not in response.content
    assert b'id="list-chips" hx-swap-oob="true"' in response.content


def test_the_filters_come_when_they_are_opened(as_user, chain):
    client = as_user(chain.head_office)
    page = client.get(f"{LIST}?city=lei").content.decode()
    assert '<select name="kind"' not in page
    assert '<input type="hidden" name="city" value="lei">' in page  # a search keeps what is filtered
    assert 'href="/locations/?city=lei&amp;part=filters"' in page  # for those without scripts

    fragment = client.get(f"{LIST}?city=lei&part=filters", headers=SWAP).content.decode()
    assert '<select name="kind"' in fragment
    assert 'value="lei"' in fragment
    assert "<table" not in fragment

    opened = client.get(f"{LIST}?city=lei&part=filters").content.decode()
    assert '<details class="filter-menu" data-menu open>' in opened
    assert codes_in(client.get(f"{LIST}?city=lei&part=filters")) == ["S002"]


def test_every_link_of_the_list_works_without_scripts(as_user, chain):
    client = as_user(chain.head_office)
    page = client.get(f"{LIST}?city=e&view=own").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', main)}
    assert len(links) > 8
    assert "#" not in links
    for link in links:
        assert client.get(link).status_code == 200, link
    for swapped in re.findall(r'<a [^>]*hx-get="([^"]+)"', main):
        assert f'href="{swapped}"' in main


def test_the_number_of_queries_does_not_grow_with_the_rows(as_user, chain):
    client = as_user(chain.head_office)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(LIST).status_code == 200
        return len(captured)

    few = queries()
    for number in range(100, 140):
        make_store(f"S{number}", chain.own)
    assert queries() == few <= 14


def test_sorted_columns_say_so_to_everyone(as_user, chain):
    page = text_of(as_user(chain.head_office).get(f"{LIST}?sort=-name"))
    assert re.search(r'<th scope="col" class="[^"]*" aria-sort="descending"><a class="sort" id="sort-name"', page)
    assert page.count("aria-sort") == 1
    assert 'id="sort-name" href="/locations/?sort=name"' in page


def test_lists_are_read_only(as_user, chain):
    assert as_user(chain.head_office).post(reverse("network:locations")).status_code == 405
    assert LocationList.permission == "network.view"


def test_a_detail_page_tells_ownership_over_time(as_user, chain):
    page = text_of(as_user(chain.head_office).get("/locations/S003/"))
    assert ">Gouda</h1>" in page
    assert '<th scope="row" class="at-title">Bakker Retail</th>' in page
    assert '<tr aria-current="true">' in page
