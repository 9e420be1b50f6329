import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.network.models import Location
from apps.portal.models import Visit
from tests.portal.conftest import SWAP, make_store


def palette(client, path: str = "/") -> str:
    headers = SWAP | {"HX-Current-URL": f"http://testserver{path}"}
    return " ".join(client.get("/palette/", headers=headers).content.decode().split())


def titles(page: str, group: str) -> list[str]:
    _before, _found, rest = page.partition(f'aria-labelledby="palette-{group}"')
    return re.findall(r'class="what">([^<]+)<', rest.partition("</div> </div>")[0].partition('role="group"')[0])


def test_the_palette_has_the_pages_of_the_rail_and_no_others(as_user, chain):
    for user in (chain.head_office, chain.associate, chain.finance):
        client = as_user(user)
        rail = re.search(r'<nav class="rail".*?</nav>', client.get("/search/").content.decode(), re.DOTALL)[0]
        in_rail = re.findall(r'<li><a href="([^"]+)"', rail)
        offered = re.findall(r'role="option" href="([^"]+)"', palette(client))
        assert [url for url in offered if url in in_rail] == in_rail
        assert {url for url in offered if url not in in_rail} == {
            "/preferences/keyboard/",
            "/account/password/change/",
            "/account/2fa/",
        }


def test_what_one_looked_at_comes_back_newest_first(as_user, chain):
    client = as_user(chain.head_office)
    for code in ("S001", "S002", "S003", "S001"):
        client.get(f"/locations/{code}/")
    assert titles(palette(client, "/orders/"), "recent") == ["Haarlem", "Gouda", "Leiden"]
    assert titles(palette(client, "/locations/S001/"), "recent") == ["Gouda", "Leiden"]
    assert titles(palette(as_user(chain.finance)), "recent") == []


def test_what_is_out_of_reach_by_now_is_not_named(as_user, chain):
    client = as_user(chain.associate)
    client.get("/locations/S001/")
    assert titles(palette(client), "recent") == ["Haarlem"]
    chain.associate.assignments.update(location=chain.leiden)
    assert titles(palette(client), "recent") == []
    assert "Haarlem" not in palette(client)


def test_no_more_than_fifteen_visits_are_kept_and_no_names(as_user, chain):
    client = as_user(chain.head_office)
    for number in range(100, 120):
        make_store(f"S{number}", chain.own)
        client.get(f"/locations/S{number}/")
    assert Visit.objects.filter(user=chain.head_office).count() == Visit.KEPT
    assert Visit.newest(chain.head_office)[0] == "/locations/S119/"
    assert not Visit.objects.filter(address__contains="Winkel").exists()


def test_a_page_that_was_not_shown_is_no_visit(as_user, chain):
    client = as_user(chain.associate)
    assert client.get("/locations/S002/").status_code == 404
    assert not Visit.objects.exists()


def test_visits_cost_one_query_for_each_kind(as_user, chain):
    client = as_user(chain.head_office)

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            palette(client)
        return len(counted)

    client.get("/locations/S001/")
    queries()
    one = queries()
    for code in Location.objects.values_list("code", flat=True):
        client.get(f"/locations/{code}/")
    assert queries() == one


def test_switches_lead_to_another_store_language_and_appearance(as_user, chain):
    page = palette(as_user(chain.franchise_owner))
    assert titles(page, "switches")[0] == "Work in Zandvoort"
    assert 'form="palette-store" name="store" value="S004"' in page
    assert 'form="palette-language" name="language" value="nl"' in page
    assert 'form="palette-language" name="language" value="en"' not in page
    assert "palette-store" not in palette(as_user(chain.head_office))


def test_an_address_that_is_no_page_offers_no_acts(as_user, chain):
    client = as_user(chain.head_office)
    for path in ("/nowhere/", "/locations/XXXX/", "/palette/", "//evil/", ""):
        assert "palette-acts" not in palette(client, path)


def test_without_a_script_there_is_the_search_page(as_user, chain):
    assert as_user(chain.head_office).get("/palette/")["Location"] == "/search/"


def test_single_keys_can_be_switched_off_and_on(as_user, chain):
    client = as_user(chain.head_office)
    assert "data-single-keys" in client.get("/search/").content.decode()
    answer = client.post("/preferences/keyboard/", {"next": "/orders/"})
    assert answer["Location"] == "/orders/"
    page = client.get("/search/").content.decode()
    assert "data-single-keys" not in page
    assert "data-single-keys" in as_user(chain.finance).get("/search/").content.decode()
    client.post("/preferences/keyboard/", {"single_keys": "on"})
    assert "data-single-keys" in client.get("/search/").content.decode()


def test_the_sheet_names_the_keys_of_the_pages_one_may_use(as_user, chain):
    sheet = as_user(chain.finance).get("/preferences/keyboard/", headers=SWAP).content.decode()
    assert '<kbd class="key">g</kbd> <kbd class="key">o</kbd></dt><dd>Orders' in sheet
    assert "Pick list" not in sheet
    assert "<!doctype" not in sheet
