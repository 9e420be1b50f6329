import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.roles import Role
from apps.core.reach import reach_of
from apps.network.models import Location
from apps.portal.registry import Section, contributed
from apps.portal.shell import THEME_COOKIE
from tests.portal.conftest import make_person


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def rail_of(response) -> list[str]:
    """The addresses in the rail, in their order."""
    rail = re.search(r'<nav class="rail".*?</nav>', response.content.decode(), re.S)
    assert rail
    return re.findall(r'<li><a href="([^"]+)"', rail[0])


def test_the_rail_shows_only_what_the_person_may_use(as_user, chain):
    assert "/scan/" in rail_of(as_user(chain.associate).get("/"))
    assert "/scan/" not in rail_of(as_user(chain.finance).get("/"))
    assert "/locations/" in rail_of(as_user(chain.finance).get("/"))


def test_the_rail_marks_the_list_a_page_lies_below(as_user, chain):
    page = text_of(as_user(chain.head_office).get("/locations/S001/"))
    assert 'href="/locations/" aria-current="page"' in page
    assert page.count('aria-current="page"') == 1
    assert 'aria-current="page"' not in text_of(as_user(chain.head_office).get("/search/"))


def test_waiting_work_is_counted_for_the_person(as_user, chain, monkeypatch):
    monkeypatch.setattr(contributed, "_navigation", dict(contributed._navigation))

    def own_stores(user):
        rows = Location.objects.filter(reach_of(user).q("pk"))
        return [rows, rows.filter(name="Zandvoort")]

    contributed.navigation(Section.SALES, "Mine", "portal:search", "search", "today.view", own_stores, order=1)

    def waiting(user):
        return re.findall(
            r'<span class="count now">(\d+)<span class="unseen"> waiting', text_of(as_user(user).get("/"))
        )

    # those in a store ask by one statement, and by turns
    in_zandvoort = make_person("Zoë Smit", Role.STORE_ASSOCIATE, location=chain.zandvoort)
    for _ in range(2):
        assert waiting(chain.associate) == ["1"]  # Haarlem
        assert waiting(in_zandvoort) == ["2"]  # Zandvoort, as a second kind too
        assert waiting(chain.franchise_owner) == ["3"]  # Gouda as well


def test_all_rows_that_wait_are_counted_in_one_statement(as_user, chain, monkeypatch):
    monkeypatch.setattr(contributed, "_navigation", {})
    for route, names in {"portal:search": ["Haarlem"], "portal:scan": ["Gouda", "Zandvoort"]}.items():
        rows = Location.objects.filter(name__in=names)
        contributed.navigation(Section.SALES, route, route, "search", "scan.use", lambda _user, r=rows: r, order=1)
    client = as_user(chain.associate)
    with CaptureQueriesContext(connection) as captured:
        page = text_of(client.get("/"))
    assert [page.count(f'<span class="count now">{number}<') for number in (1, 2)] == [1, 1]
    assert sum("Haarlem" in query["sql"] and "Gouda" in query["sql"] for query in captured) == 1


def test_people_of_a_store_get_the_store_shell(as_user, chain):
    at_store, at_head_office = as_user(chain.associate).get("/"), as_user(chain.head_office).get("/")
    assert 'data-shell="store"' in text_of(at_store)
    assert "<b>Haarlem</b><small>Bo Jansen</small>" in text_of(at_store)
    assert '<nav class="bottom-bar"' in text_of(at_store)
    assert 'data-shell="store"' not in text_of(at_head_office)
    assert "bottom-bar" not in text_of(at_head_office)


def test_somebody_with_several_stores_chooses_one(as_user, chain):
    client = as_user(chain.franchise_owner)
    assert "<b>Gouda</b>" in text_of(client.get("/"))
    client.post("/preferences/store/", {"store": "S004"})
    page = text_of(client.get("/"))
    assert "<b>Zandvoort</b>" in page
    assert '<option value="S004" selected>Zandvoort</option>' in page


def test_a_store_out_of_reach_cannot_be_chosen(as_user, chain):
    client = as_user(chain.franchise_owner)
    client.post("/preferences/store/", {"store": "S001"})
    assert "<b>Gouda</b>" in text_of(client.get("/"))


def test_the_theme_is_in_the_first_byte_of_the_page(as_user, chain):
    client = as_user(chain.head_office)
    assert 'data-bs-theme="auto"' in text_of(client.get("/"))
    response = client.post("/preferences/theme/", {"theme": "dark", "next": "/locations/?q=a"})
    assert response["Location"] == "/locations/?q=a"
    assert 'data-bs-theme="dark"' in text_of(client.get("/"))
    client.post("/preferences/theme/", {"theme": '"><script>'})
    assert client.cookies[THEME_COOKIE].value == "dark"


def test_the_language_is_chosen_before_and_after_signing_in(client, chain):
    client.post("/preferences/language/", {"language": "nl"})
    assert '<html lang="nl"' in text_of(client.get("/account/login/"))
    client.post("/preferences/language/", {"language": "en"})
    client.force_login(chain.head_office)
    assert '<html lang="en"' in text_of(client.get("/"))
    client.post("/preferences/language/", {"language": "xx"})
    assert '<html lang="en"' in text_of(client.get("/"))


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_preference_never_leads_to_another_site(client, db, where):
    assert client.post("/preferences/theme/", {"theme": "dark", "next": where})["Location"] == "/"


def test_preferences_are_changed_by_post_only(client, db):
    assert client.get("/preferences/theme/").status_code == 405
    assert client.get("/preferences/language/").status_code == 405


def test_messages_become_flashes(as_user, chain):
    client = as_user(chain.franchise_owner)
    page = text_of(client.post("/preferences/store/", {"store": "S004"}, follow=True))
    assert '<div class="flash" role="status"><span>You now work in Zandvoort.</span>' in page


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/locations/S999/", 404, "There is nothing here"),
        ("/orders/pick/", 403, "other roles than yours: Store manager, Store associate, Franchisee."),
    ],
)
def test_error_pages_keep_the_shell_and_name_a_report(as_user, chain, path, status, words):
    response = as_user(chain.head_office).get(path)
    page = text_of(response)
    assert response.status_code == status
    assert words in page
    assert re.search(r'Report <span class="code">[0-9a-f-]{36}</span>', page)
    assert '<nav class="rail"' in page


def test_a_crash_answers_a_page_of_its_own_with_the_report(chain, as_user, monkeypatch):
    monkeypatch.setattr(contributed, "figures_for", lambda principal: 1 / 0)
    client = as_user(chain.head_office)
    client.raise_request_exception = False
    response = client.get("/")
    page = text_of(response)
    assert response.status_code == 500
    assert "Something went wrong on our side" in page
    assert re.search(r'Report <span class="code">[0-9a-f-]{36}</span>', page)
