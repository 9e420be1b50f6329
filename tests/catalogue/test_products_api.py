import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import ApiClient
from apps.accounts.services import issue_api_key
from apps.catalogue.models import Category, PriceList, ProductText, VatRate
from apps.catalogue.services.maintaining import NewPrice, NewProduct, NewVariant, add_products, set_prices
from apps.core.events.sequencer import stamp
from tests.shop import Shop


@pytest.fixture
def carafe(shop: Shop) -> Shop:
    """The shop with a carafe in two languages, in a category below another, and its first events in the log."""
    table = Category.objects.create(code="table", name="Tafelen")
    Category.objects.create(code="glass", name="Glaswerk", parent=table)
    VatRate.objects.create(country="NL", vat_class="reduced", rate=9)
    made = add_products(
        products=[
            NewProduct(
                code="KR",
                category="glass",
                brand="Moswijk",
                texts={"nl": ("Karaf Lisse", "Helder glas"), "en": ("Carafe Lisse", "Clear glass")},
                variants=[NewVariant("KR-1", ["9520012345674", "96385074"], {"inhoud": "1,2 l"})],
            )
        ]
    )
    set_prices(
        price_list=PriceList.objects.get(code="nl"),
        prices=[NewPrice(made["KR-1"], Decimal("24.95"), timezone.now())],
    )
    stamp()
    shop.variants |= made
    return shop


def skus(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [result["sku"] for result in answer.json()["results"]]


def test_a_product_as_the_channel_sells_it(carafe: Shop) -> None:
    answer = carafe.get("products/KR-1/")
    assert answer.status_code == 200
    assert answer.json() == {
        "sku": "KR-1",
        "product": "KR",
        "gtins": ["00000096385074", "09520012345674"],
        "name": "Karaf Lisse",
        "description": "Helder glas",
        "attributes": {"brand": "Moswijk", "inhoud": "1,2 l"},
        "media": [],
        "category": "glass",
        "category_name": "Glaswerk",
        "unit": "piece",
        "price": "24.95",
        "currency": "EUR",
        "vat_rate": "21.00",
        "lowest_price_30_days": None,
        "sellable": True,
        "not_sellable_reason": None,
        "not_sellable_detail": None,
    }


def test_what_is_not_sold_says_why(carafe: Shop) -> None:
    add_products(products=[NewProduct(code="X", texts={}, variants=[NewVariant("X-1")])])
    body = carafe.get("products/X-1/").json()
    assert (body["sellable"], body["not_sellable_reason"], body["price"]) == (False, "no_price", None)
    assert body["name"] == "X"


@pytest.mark.parametrize(
    ("wanted", "name"),
    [("", "Karaf Lisse"), ("en", "Carafe Lisse"), ("en-GB,nl;q=0.5", "Carafe Lisse"), ("fr, nl;q=0.2", "Karaf Lisse")],
)
def test_text_is_in_the_language_asked_for_else_in_the_channels(carafe: Shop, wanted: str, name: str) -> None:
    headers = {"Authorization": f"Bearer {carafe.key}"} | ({"Accept-Language": wanted} if wanted else {})
    assert Client().get("/api/v1/products/KR-1/", headers=headers).json()["name"] == name


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=karaf", ["KR-1"]),
        ("q=lisse+KARAF", ["KR-1"]),
        ("q=carafe", ["KR-1"]),
        ("q=kr-", ["KR-1"]),
        ("q=karaf+stoel", []),
        ("gtin=9520012345674", ["KR-1"]),
        ("gtin=96385074", ["KR-1"]),
        ("gtin=9520000000042", []),
        ("category=glass", ["KR-1"]),
        ("category=table", ["KR-1"]),
    ],
)
def test_search(carafe: Shop, query: str, found: list[str]) -> None:
    assert skus(carafe.get(f"products/?{query}")) == found


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ("gtin=9520012345675", "gtin"),
        ("category=nowhere", "category"),
        ("q=%00", "q"),
        ("since=yesterday", "since"),
        ("since=-1", "since"),
        ("since=99999999999999999999999", "since"),
        ("page_size=0", "page_size"),
        ("page_size=501", "page_size"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_the_fault(carafe: Shop, query: str, attr: str) -> None:
    answer = carafe.get(f"products/?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == attr


def test_an_unknown_sku_is_not_found(carafe: Shop) -> None:
    for sku in ("NONE", "%00", "A%20"):
        answer = carafe.get(f"products/{sku}/")
        assert answer.status_code == 404
        assert answer.json()["type"] == "client_error"


def test_pages_follow_each_other_to_the_end(carafe: Shop) -> None:
    seen, url = [], "products/?page_size=2"
    while url:
        page = carafe.get(url.removeprefix("http://testserver/api/v1/"))
        seen += skus(page)
        url = page.json()["next"]
    assert seen == ["A", "B", "C", "KR-1"]


def test_what_changes_after_the_token_comes_with_since(carafe: Shop) -> None:
    # given a mirror of everything
    token = carafe.get("products/").json()["sync_token"]
    assert skus(carafe.get(f"products/?since={token}")) == []
    # when a price changes
    nl = PriceList.objects.get(code="nl")
    set_prices(price_list=nl, prices=[NewPrice(carafe.variants["A"], Decimal("9.00"), timezone.now())])
    stamp()
    # then only that
    answer = carafe.get(f"products/?since={token}")
    assert skus(answer) == ["A"]
    assert skus(carafe.get(f"products/?since={answer.json()['sync_token']}")) == []


def test_a_change_that_was_not_yet_in_the_log_is_not_lost(carafe: Shop) -> None:
    # given a change that is committed but not yet stamped when the mirror is made
    nl = PriceList.objects.get(code="nl")
    set_prices(price_list=nl, prices=[NewPrice(carafe.variants["B"], Decimal("9.00"), timezone.now())])
    token = carafe.get("products/").json()["sync_token"]
    # when it is stamped
    stamp()
    # then it comes
    assert skus(carafe.get(f"products/?since={token}")) == ["B"]


def test_a_price_whose_time_has_come_counts_as_a_change(carafe: Shop, time_machine: Any) -> None:
    # given a price that was set for tomorrow before the mirror was made
    tomorrow = timezone.now() + dt.timedelta(days=1)
    nl = PriceList.objects.get(code="nl")
    set_prices(price_list=nl, prices=[NewPrice(carafe.variants["C"], Decimal("9.00"), tomorrow)])
    stamp()
    token = carafe.get("products/").json()["sync_token"]
    assert skus(carafe.get(f"products/?since={token}")) == []
    # when it is tomorrow
    time_machine.move_to(tomorrow + dt.timedelta(hours=1))
    answer = carafe.get(f"products/?since={token}")
    # then
    assert skus(answer) == ["C"]
    assert answer.json()["results"][0]["price"] == "9.00"


def test_the_token_of_every_page_is_that_of_the_first(carafe: Shop) -> None:
    # given the first page
    first = carafe.get("products/?page_size=2").json()
    # when something on it changes before the second
    nl = PriceList.objects.get(code="nl")
    set_prices(price_list=nl, prices=[NewPrice(carafe.variants["A"], Decimal("9.00"), timezone.now())])
    stamp()
    second = carafe.get(first["next"].removeprefix("http://testserver/api/v1/")).json()
    # then whoever keeps the last token still hears of it
    assert skus(carafe.get(f"products/?since={second['sync_token']}")) == ["A"]


def test_a_token_of_another_log_is_refused(carafe: Shop) -> None:
    answer = carafe.get("products/?since=1000000")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "unknown_token"


def test_what_is_known_need_not_be_sent_again(carafe: Shop) -> None:
    client, url = Client(), "/api/v1/products/?q=karaf"
    headers = {"Authorization": f"Bearer {carafe.key}"}
    etag = client.get(url, headers=headers)["ETag"]
    # the same, also where a proxy weakened the tag
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = client.get(url, headers=headers | {"If-None-Match": known})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
    # another language is another answer, and so is another name
    assert client.get(url, headers=headers | {"If-None-Match": etag, "Accept-Language": "en"}).status_code == 200
    ProductText.objects.filter(locale="nl").update(name="Karaf Lissabon")
    assert client.get(url, headers=headers | {"If-None-Match": etag}).status_code == 200


def test_the_tag_does_not_change_with_the_log(carafe: Shop) -> None:
    before = carafe.get("products/?q=karaf")
    nl = PriceList.objects.get(code="nl")
    set_prices(price_list=nl, prices=[NewPrice(carafe.variants["A"], Decimal("9.00"), timezone.now())])
    stamp()
    after = carafe.get("products/?q=karaf")
    assert before.json()["sync_token"] != after.json()["sync_token"]
    assert before["ETag"] == after["ETag"]


def test_without_the_scope_nothing_is_shown(carafe: Shop) -> None:
    client = ApiClient.objects.create(name="Till", channel=carafe.web, scopes=["sales:write"])
    key = issue_api_key(client=client)
    assert carafe.get("products/", api_key=key).status_code == 403
    assert carafe.get("products/KR-1/", api_key=key).status_code == 403
    assert carafe.get("products/", api_key="tb_wrong").status_code == 401


def test_the_number_of_queries_does_not_grow_with_the_products(
    carafe: Shop, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    carafe.get("products/?page_size=1")  # the key is read
    with django_assert_max_num_queries(10) as few:
        carafe.get("products/?page_size=2")
    add_products(
        products=[
            NewProduct(code=f"N{i}", category="glass", texts={"nl": ("N", "")}, variants=[NewVariant(f"N{i}")])
            for i in range(40)
        ]
    )
    with django_assert_num_queries(len(few)):
        assert len(skus(carafe.get("products/?page_size=44"))) == 44
