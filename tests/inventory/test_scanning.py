"""A product under the scanner."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import AccessGrant
from apps.catalogue.models import Gtin, Product, Variant
from apps.core.codes.gtins import with_check_digit
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.inventory.models import StockLevel
from apps.inventory.services.places.noting import put_on_shelves
from apps.inventory.services.promising import reserve
from apps.inventory.services.types import Want
from apps.loyalty.services.cards import draw_cards
from tests.shop import Shop
from tests.staff import browser, person


@pytest.fixture
def as_role(shop: Shop) -> Callable[..., Client]:
    """Sign in as somebody with a role; those of the shop floor work in S1."""

    def sign_in(role: str) -> Client:
        return browser(person(role, role, location=None if role == "head_office" else shop.s1))

    return sign_in


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def hold(shop: Shop, sku: str, quantity: int) -> None:
    with transaction.atomic():
        want = Want(1, shop.variants[sku].pk, Decimal(quantity), shop.s1.pk)
        reserve(channel_id=shop.web.pk, reference="WEB-1", wants=[want])


@pytest.fixture
def shelved(shop: Shop) -> Shop:
    Gtin.objects.create(variant=shop.variants["A"], code="09520012345674")
    put_on_shelves(location=shop.s1, lines=[("A-12-3", shop.variants["A"].pk, Decimal(10))])
    shop.receive(shop.s2, A=3)
    put_on_shelves(location=shop.s2, lines=[("B-02-1", shop.variants["A"].pk, Decimal(3))])
    shop.receive(shop.dc, A=30)
    hold(shop, "A", 4)
    StockLevel.objects.filter(variant__sku="A", location=shop.s1).update(safety_collect=1, safety_delivery=1)
    return shop


@pytest.mark.parametrize(
    "code",
    ["9520012345674", "09520012345674", "A", "a", "]d20109520012345674", "https://id.gs1.org/01/09520012345674"],
)
def test_a_scanned_product_shows_stock_here_near_by_and_online(as_role: Any, shelved: Shop, code: str) -> None:
    page = text(as_role("store_associate").post("/scan/", {"code": code}, headers={"HX-Request": "true"}))
    assert "Product A" in page
    assert "€10.00" in page
    # here: ten less four promised; the safety stock is for whoever walks in
    assert '<span class="big num">6</span>' in page
    assert "10 on hand, 4 reserved" in page
    assert "A-12-3" in page
    # near by, with shelf
    assert page.index("Tiel") < page.index("Leiden")
    assert "B-02-1" in page
    assert "Scanned: Product A" in page


def test_a_misread_bar_code_is_not_taken_for_another(as_role: Any, shelved: Shop) -> None:
    page = text(as_role("store_associate").post("/scan/", {"code": "9520012345675"}, headers={"HX-Request": "true"}))
    assert "Code 9520012345675 was misread" in page
    assert "Product A" not in page


def test_a_product_that_the_store_never_had_shows_where_it_is(as_role: Any, shelved: Shop) -> None:
    StockLevel.objects.filter(location=shelved.s1).update(on_hand=0, reserved=0, safety_collect=0, safety_delivery=0)
    page = text(as_role("store_associate").post("/scan/", {"code": "A"}, headers={"HX-Request": "true"}))
    assert '<span class="big num">0</span>' in page
    assert "Leiden" in page


def scanned(client: Client, code: str, **more: str) -> str:
    return text(client.post("/scan/", {"code": code, **more}, headers={"HX-Request": "true"}))


def test_a_scanned_product_says_what_the_webshop_knows_of_it(as_role: Any, shelved: Shop) -> None:
    client = as_role("store_associate")
    assert "The webshop has no description." in scanned(client, "A")
    shelved.variants["A"].product.texts.update(description="Karaf van helder glas.")
    page = scanned(client, "A")
    assert "Karaf van helder glas." in page
    assert "sold online" in page
    Product.objects.filter(code="P-A").update(active_until="2020-01-01")
    assert "sold online" not in scanned(client, "A")


def test_lot_and_date_on_a_label_are_shown_and_a_past_date_is_a_warning(as_role: Any, shelved: Shop) -> None:
    client = as_role("store_associate")
    page = scanned(client, "(01)09520012345674(17)200131(10)L-7(3103)001250")
    assert "L-7" in page
    assert "Past its date: do not sell it" in page
    assert "1.25 kg" in page
    assert "Past its date" not in scanned(client, "(01)09520012345674(17)491231")
    assert "the rest of the code is damaged" in scanned(client, "010952001234567417251340")


@pytest.fixture
def cheese(shelved: Shop) -> Shop:
    """Product B is sold by the kilogram; the scales print price under prefix 22 and weight under 29."""
    Variant.objects.filter(sku="B").update(unit=Variant.Unit.KILOGRAM)
    for article in ("221234500000", "291234500000"):
        Gtin.objects.create(variant=shelved.variants["B"], code="0" + with_check_digit(article))
    return shelved


def test_a_scale_label_shows_the_article_with_price_and_weight(as_role: Any, cheese: Shop) -> None:
    client = as_role("store_associate")
    by_price = scanned(client, with_check_digit("221234500345"))
    assert "Product B" in by_price
    assert "€3.45" in by_price
    by_weight = scanned(client, with_check_digit("291234500482"))
    assert "0.482 kg" in by_weight
    assert "€4.82 at today's price" in by_weight.replace("&#x27;", "'")


def test_a_number_registered_in_full_has_no_price_in_it(as_role: Any, cheese: Shop) -> None:
    Gtin.objects.create(variant=cheese.variants["A"], code="0" + with_check_digit("221234500345"))
    page = scanned(as_role("store_associate"), with_check_digit("221234500345"))
    assert "Product A" in page
    assert "Price on the label" not in page


def test_a_code_that_is_a_card_and_a_label_is_a_choice(as_role: Any, cheese: Shop) -> None:
    code = with_check_digit("221234500345")
    person = Person(source="web", external_id="jan", first_name="Jan", last_name="Jansen", loyalty_card=code)
    with transaction.atomic():
        recognise([person], actor="test")
    client = as_role("store_associate")
    page = scanned(client, code)
    assert "This code can be 2 things" in page
    assert page.index("Loyalty card") < page.index("Product B")
    assert "Jan" not in page
    assert not AccessGrant.objects.exists()  # nothing was opened yet
    assert "€3.45" in scanned(client, code, kind="product")
    answer = client.post("/scan/", {"code": code, "kind": "card"})
    assert answer.headers["Location"].startswith("/customers/")
    assert AccessGrant.objects.count() == 1


def test_a_card_of_ours_that_nobody_holds_says_so(as_role: Any, shelved: Shop) -> None:
    [(_pk, number)] = draw_cards(1)
    assert "Nobody holds this card" in scanned(as_role("store_associate"), number)


def test_a_scan_asks_few_questions(as_role: Any, shelved: Shop) -> None:
    client = as_role("store_associate")
    scanned(client, "A")
    with CaptureQueriesContext(connection) as counted:
        scanned(client, "9520012345674")
    assert len(counted) <= 30
