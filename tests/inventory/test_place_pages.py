"""The pages of places: which there are, what lies on them, carrying goods from one to another."""

import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.inventory.models import Place, PlaceLevel, StockDocument
from apps.inventory.services.places.noting import put_on_shelves
from tests.inventory.counting import sell
from tests.orders.counter import text_of
from tests.shop import Shop, open_shop
from tests.staff import browser, person

MOVE, PUT_AWAY = "/stock/of/A/move/", "/stock/put-away/"


@pytest.fixture
def shop(db):
    shop = open_shop()
    for code, kind in {"A-1": "shelf", "M-1": "stockroom", "Q-1": "quarantine"}.items():
        Place.objects.create(location=shop.s1, code=code, kind=kind)
    Place.objects.create(location=shop.s2, code="Z-9")
    shop.receive(shop.s1, A=10, B=5)
    put_on_shelves(location=shop.s1, lines=[("A-1", shop.variants["A"].pk, Decimal(4))])
    return shop


@pytest.fixture
def associate(shop):
    return browser(person("Bo Jansen", "store_associate", location=shop.s1))


def lies(shop: Shop, sku: str = "A") -> dict[str, int]:
    held = PlaceLevel.objects.filter(location=shop.s1, variant=shop.variants[sku], quantity__gt=0)
    return {code: int(n) for code, n in held.values_list("place__code", "quantity")}


def move(client, **given):
    usual = {"token": str(uuid.uuid4()), "source": "saleable|", "target": "A-1", "quantity": "6"}
    return client.post(MOVE, usual | given)


def test_what_is_to_be_put_away_is_proposed_and_moved_with_one_button(shop, associate):
    page = text_of(associate.get(MOVE))
    assert '<option value="saleable|" selected>no place, 6 there</option>' in page
    assert 'name="target" value="A-1"' in page
    assert 'name="quantity" value="6"' in page
    # when
    token = str(uuid.uuid4())
    assert move(associate, token=token).status_code == 302
    assert move(associate, token=token).status_code in {302, 422}
    # then
    assert lies(shop) == {"A-1": 10}
    assert StockDocument.objects.get(reference=token).reason == "put_away"


def test_a_scanned_product_leads_to_it(shop, associate):
    page = text_of(associate.post("/scan/", {"code": "A"}, headers={"HX-Request": "true"}))
    assert f'href="{MOVE}?quantity=1"' in page


def test_what_does_not_lie_there_is_refused_beside_the_field(shop, associate):
    answer = move(associate, source="saleable|A-1", target="M-1", quantity="5")
    assert answer.status_code == 409
    assert "Product A: only 4 on A-1." in text_of(answer)
    answer = move(associate, target="Z-9")
    assert answer.status_code == 400
    assert "There is no place Z-9 here." in text_of(answer)
    assert lies(shop) == {"A-1": 4}


def test_nobody_moves_goods_in_another_store(shop, associate):
    assert associate.get(f"{MOVE}?location=S2").status_code == 404
    assert associate.post(f"{PUT_AWAY}?location=S2", {"token": str(uuid.uuid4())}).status_code == 404


def test_the_list_to_put_away_proposes_where_it_lies_already(shop, associate):
    a, b = shop.variants["A"].pk, shop.variants["B"].pk
    page = text_of(associate.get(PUT_AWAY))
    assert f'name="target-{a}-" value="A-1"' in page
    assert f'name="quantity-{b}-" value="5"' in page
    # when one row has a place, and another has none
    token = str(uuid.uuid4())
    given = {
        "token": token,
        f"quantity-{a}-": "6",
        f"target-{a}-": "a-1",
        f"quantity-{b}-": "5",
        f"target-{b}-": "",
    }
    assert associate.post(PUT_AWAY, given).status_code == 302
    assert associate.post(PUT_AWAY, given).status_code == 302
    # then
    assert (lies(shop), lies(shop, "B")) == ({"A-1": 10}, {})
    assert "Product A" not in text_of(associate.get(PUT_AWAY))


def test_a_place_that_is_not_there_is_refused_beside_its_row(shop, associate):
    b = shop.variants["B"].pk
    given = {"token": str(uuid.uuid4()), f"quantity-{b}-": "5", f"target-{b}-": "X-1"}
    answer = associate.post(PUT_AWAY, given)
    assert answer.status_code == 400
    page = text_of(answer)
    assert "There is no place X-1 here." in page
    assert page.index("Product B") < page.index("There is no place X-1 here.")


def test_what_is_for_sale_again_in_quarantine_is_to_be_put_away(shop, associate):
    move(associate, source="saleable|", target="Q-1", quantity="6")
    page = text_of(associate.get(PUT_AWAY))
    a = shop.variants["A"].pk
    assert f'name="target-{a}-Q-1" value="A-1"' in page


def test_the_variant_shows_where_it_lies_in_my_store(shop, associate):
    page = text_of(associate.get("/stock/of/A/"))
    assert "Where it lies in Utrecht" in page
    assert "on no place yet" in page
    # and what the till sold came off the shelf
    sell(shop, "A", 3)
    assert lies(shop) == {"A-1": 1}
    assert "Taken from a place, by the rule" in text_of(associate.get("/stock/of/A/"))


def test_places_are_kept_many_at_a_time(shop, associate):
    given = {"location": "S1", "kind": "bin", "codes": "b-1\nB-2 a-1", "name": ""}
    assert associate.post("/stock/places/add/", given).status_code == 302
    assert associate.post("/stock/places/add/", given).status_code == 302
    found = dict(Place.objects.filter(location=shop.s1).values_list("code", "kind"))
    assert found == {"A-1": "bin", "B-1": "bin", "B-2": "bin", "M-1": "stockroom", "Q-1": "quarantine"}
    assert associate.post("/stock/places/add/", given | {"codes": "much-too-long-a-code"}).status_code == 400
    assert associate.post("/stock/places/add/", given | {"location": "S2"}).status_code == 422
    page = text_of(associate.get("/stock/places/"))
    assert "B-2" in page
    assert "Z-9" not in page


@pytest.mark.parametrize("path", ["/stock/places/", "/stock/lying/", PUT_AWAY])
def test_the_number_of_queries_does_not_grow(shop, associate, path):
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert associate.get(path).status_code == 200
        return len(counted)

    queries()
    few = queries()
    shop.receive(shop.s1, B=5, C=5)
    put_on_shelves(
        location=shop.s1, lines=[(f"N-{n}", shop.variants[sku].pk, Decimal(1)) for n in range(4) for sku in "ABC"]
    )
    assert queries() == few
