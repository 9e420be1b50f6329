import re
from urllib.parse import unquote

import pytest
from django.http import HttpResponse

from apps.portal import scanning, views
from apps.portal.contributions import Figure, Found, SearchHit
from apps.portal.registry import Registry
from tests.portal.conftest import SWAP


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def registry(monkeypatch):
    """What apps contribute, for this test only."""
    fresh = Registry()
    monkeypatch.setattr(views, "contributed", fresh)
    monkeypatch.setattr(scanning, "contributed", fresh)
    return fresh


def test_search_finds_locations_within_reach_only(as_user, chain):
    found = text_of(as_user(chain.head_office).get("/search/?q=winkel+s")) + text_of(
        as_user(chain.head_office).get("/search/?q=lei")
    )
    assert '<a class="hit" href="/locations/S002/">' in found
    assert "Nothing matches “lei”" in text_of(as_user(chain.associate).get("/search/?q=lei"))


def test_a_full_code_opens_its_object(as_user, chain):
    response = as_user(chain.head_office).get("/search/?q=s002")
    assert (response.status_code, response["Location"]) == (302, "/locations/S002/")


def test_two_exact_hits_are_a_choice(as_user, chain, registry):
    for kind in ("order", "return"):
        hit = SearchHit(title=kind, url=f"/{kind}/", exact=True)
        found = Found([hit], 1)
        registry.search(kind, kind, lambda p, text, limit, found=found: found, "network.view", icon="x", order=1)
    response = as_user(chain.head_office).get("/search/?q=T1")
    assert response.status_code == 200
    assert text_of(response).count('class="hit"') == 2


def test_results_are_grouped_with_five_each_and_a_way_to_all(as_user, chain, registry):
    def find(principal, text, limit):
        return Found([SearchHit(title=f"{text} {n}", url=f"/{n}/") for n in range(limit)], 17)

    registry.search("location", "Places", find, "network.view", icon="store", order=1, list_route="network:locations")
    registry.search("payment", "Payments", find, "payments.view", icon="credit-card", order=2)
    page = text_of(as_user(chain.associate).get("/search/?q=a+%26+b"))
    assert page.count('class="hit"') == 5
    assert 'href="/locations/?q=a+%26+b">All 17 results</a>' in page
    assert "Payments" not in page


def test_a_location_is_found_in_spite_of_accents_and_slips(as_user, chain):
    chain.gouda.name = "Winkel Café Goverwelle"
    chain.gouda.save()
    client = as_user(chain.head_office)
    for typed in ("haarlm", "HAALREM", "2011", "s001"):
        assert "/locations/S001/" in client.get("/search/", {"q": typed}, follow=True).request["PATH_INFO"] + text_of(
            client.post("/search/", {"q": typed}, headers=SWAP)
        ), typed
    for typed in ("cafe", "CAFÉ", "goverwele"):
        assert "/locations/S003/" in text_of(client.post("/search/", {"q": typed}, headers=SWAP)), typed
        assert "/locations/S003/" in text_of(client.get("/locations/", {"q": typed})), typed


def test_results_while_typing_are_options_with_a_count(as_user, chain):
    answer = as_user(chain.head_office).post("/search/", {"q": "haarlem"}, headers=SWAP)
    page = text_of(answer)
    assert "<!doctype" not in page
    assert 'data-said="1 result"' in page
    assert page.count('role="option"') == page.count('tabindex="-1"') > 0
    assert len(set(re.findall(r' id="([^"]+)"', page))) == page.count(' id="')
    nothing = text_of(as_user(chain.head_office).post("/search/", {"q": "qxzwvj"}, headers=SWAP))
    assert 'data-said="Nothing found"' in nothing
    assert "option" not in nothing


def test_what_was_found_has_an_address_to_come_back_to(as_user, chain):
    client = as_user(chain.head_office)
    answer = client.post("/search/", {"q": "DC"})
    assert (answer.status_code, answer["Location"]) == (302, "/search/?q=DC")
    assert client.post("/search/", {"q": "s002"})["Location"] == "/locations/S002/"


def test_what_asks_is_looked_up_only_when_somebody_chooses_it(as_user, chain, registry):
    asked = []

    def look_up(request, text):
        asked.append((request.user, text))
        return HttpResponse("Opened")

    card = Found([SearchHit(title="Look up this card", asks=True)], 1)
    registry.search("card", "Cards", lambda p, text, limit: card, "network.view", icon="x", order=2, look_up=look_up)
    client = as_user(chain.associate)

    # when it is typed, shown, or asked for by an address
    typing = text_of(client.post("/search/", {"q": "123456789"}, headers=SWAP))
    shown = text_of(client.get("/search/?q=123456789"))
    # then
    assert '<button class="option" role="option" type="submit" name="look_up" value="card"' in typing
    assert "Look up this card" in shown
    assert asked == []

    # when somebody presses Enter
    answer = client.post("/search/", {"q": "123456789"})
    # then it is looked up, and stands in no address
    assert (answer.status_code, answer.content) == (200, b"Opened")
    assert asked == [(chain.associate, "123456789")]


def test_a_text_that_also_finds_rows_is_looked_up_only_by_its_own_button(as_user, chain, registry):
    asked = []
    order = SearchHit(title="T123456789", url="/orders/T123456789/")
    card = Found([SearchHit(title="Look up this card", asks=True)], 1)
    registry.search("order", "Orders", lambda p, t, n: Found([order], 1), "network.view", icon="x", order=1)
    registry.search(
        "card",
        "Cards",
        lambda p, t, n: card,
        "network.view",
        icon="x",
        order=2,
        look_up=lambda r, text: asked.append(text),
    )
    client = as_user(chain.associate)
    assert client.post("/search/", {"q": "123456789"}).status_code == 200  # in place: not in an address
    assert asked == []
    client.post("/search/", {"q": "123456789", "look_up": "order"})
    assert asked == []
    client.post("/search/", {"q": "123456789", "look_up": "card"})
    assert asked == ["123456789"]


def test_a_code_that_is_known_is_not_offered_as_somebodys_card(as_user, chain, registry):
    product = SearchHit(title="Plaid", url="/products/1/", exact=True)
    card = Found([SearchHit(title="Look up this card", asks=True)], 1)
    registry.search("product", "Products", lambda p, t, n: Found([product], 1), "network.view", icon="x", order=1)
    registry.search("card", "Cards", lambda p, t, n: card, "network.view", icon="x", order=2)
    client = as_user(chain.associate)
    assert "card" not in text_of(client.post("/search/", {"q": "8712000000011"}, headers=SWAP))
    assert client.post("/search/", {"q": "8712000000011"})["Location"] == "/products/1/"


def test_nobodys_code_is_told_once_however_many_were_asked(as_user, chain, registry):
    ask = Found([SearchHit(title="Open", meta="", asks=True)], 1)
    for order, kind in enumerate(("order", "card")):
        registry.search(
            kind, kind, lambda p, text, limit: ask, "network.view", icon="x", order=order, look_up=lambda r, text: None
        )
    page = text_of(as_user(chain.associate).post("/search/", {"q": "123456789"}))
    assert page.count("Nothing here goes by") == 1


def test_search_survives_nonsense(as_user, chain):
    client = as_user(chain.head_office)
    for query in ("", "%00", "%27%22%3C", "a" * 5000, "%25_"):
        assert client.get(f"/search/?q={query}").status_code == 200
        assert client.post("/search/", {"q": unquote(query)}, headers=SWAP).status_code == 200
    assert "<script>" not in text_of(client.get("/search/?q=<script>"))


# --- today ------------------------------------------------------------------------------------------------------------


def test_today_shows_figures_that_open(as_user, chain, registry):
    registry.today(
        "late",
        lambda p: Figure(name="Late", value="3", url="/late/", how="Promised before now"),
        "orders.view",
        order=1,
    )
    registry.today("cash", lambda p: Figure(name="Cash", value="1", url="/cash/"), "payments.view", order=2)
    registry.today("none", lambda p: None, "orders.view", order=3)

    page = text_of(as_user(chain.associate).get("/"))
    assert '<p class="value num"><a href="/late/">3</a></p>' in page
    assert "How is this calculated?" in page
    assert "Cash" not in page


def test_a_quiet_day_says_so(as_user, chain, registry):
    assert "Nothing waits for you" in text_of(as_user(chain.associate).get("/"))
