import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.catalogue.models import Category, PriceList, Product, ProductText, Variant
from apps.catalogue.services.maintaining import NewPrice, NewProduct, NewVariant, add_products, set_prices
from tests.shop import Shop
from tests.staff import browser, person


@pytest.fixture
def office(shop: Shop) -> Client:
    return browser(person("Mirjam Vos", "head_office"))


@pytest.fixture
def carafe(shop: Shop) -> dict[str, Variant]:
    Category.objects.create(code="glass", name="Glaswerk", parent=Category.objects.create(code="table", name="Tafelen"))
    made = add_products(
        products=[
            NewProduct(
                code="KR",
                category="glass",
                texts={"nl": ("Karaf Lisse", "Helder glas"), "en": ("Carafe Lisse", "Clear glass")},
                variants=[
                    NewVariant("KR-1", ["9520012345674"], {"inhoud": "1,2 l"}),
                    NewVariant("KR-2", options={"inhoud": "2 l"}),
                ],
            )
        ]
    )
    now = timezone.now()
    set_prices(
        price_list=PriceList.objects.get(code="nl"),
        prices=[
            NewPrice(made["KR-1"], Decimal("24.95"), now - dt.timedelta(days=40)),
            NewPrice(made["KR-1"], Decimal("19.95"), now - dt.timedelta(days=2)),
            NewPrice(made["KR-2"], Decimal("29.95"), now - dt.timedelta(days=40)),
        ],
    )
    return made


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def test_the_list_shows_names_and_the_price_of_the_cheapest_variant(office: Client, carafe: Any) -> None:
    page = text(office.get("/products/"))
    assert "Carafe Lisse" in page
    assert "from €19.95" in page


@pytest.mark.parametrize("query", ["karaf", "Lisse carafe", "KR", "KR-2", "9520012345674", "09520012345674"])
def test_products_are_found_by_name_code_sku_and_bar_code(office: Client, carafe: Any, query: str) -> None:
    page = text(office.get("/products/", {"q": query}))
    assert "Carafe Lisse" in page
    assert "Product A" not in page


def test_a_category_holds_what_is_below_it(office: Client, carafe: Any) -> None:
    for category in ("glass", "table"):
        page = text(office.get("/products/", {"category": category, "changed": "1", "state": "now"}))
        assert "Carafe Lisse" in page
        assert "Product A" not in page


def test_a_product_no_longer_sold_stands_apart(office: Client, carafe: Any) -> None:
    Product.objects.filter(code="KR").update(active_until="2026-01-01")
    assert "Carafe Lisse" not in text(office.get("/products/"))
    assert "Carafe Lisse" in text(office.get("/products/?view=ended"))


def test_a_product_shows_its_variants_codes_prices_and_their_history(office: Client, carafe: Any) -> None:
    page = text(office.get("/products/KR/"))
    assert "1,2 l" in page
    assert "9520012345674" in page
    assert "lowest of 30 days before: €24.95" in page
    assert page.index("€19.95") < page.index("€29.95")
    assert "Clear glass" in page
    assert "/stock/of-product/KR/" in page  # the panel of the floor above


def test_the_number_of_queries_does_not_grow(office: Client, shop: Shop) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert office.get("/products/").status_code == 200
        return len(counted)

    queries()
    few = queries()
    add_products(
        products=[
            NewProduct(code=f"N{i}", texts={"nl": (f"N {i}", ""), "en": (f"N {i}", "")}, variants=[NewVariant(f"N{i}")])
            for i in range(40)
        ]
    )
    assert queries() == few


def _work_on_all_rows(plan: dict[str, Any]) -> set[str]:
    """The steps of a plan that read every row before the first comes out; what is worked out for one row apart."""
    steps = {plan["Node Type"]} & {"Sort", "Incremental Sort", "Aggregate", "Gather Merge"}
    below = [each for each in plan.get("Plans", []) if each["Parent Relationship"] != "SubPlan"]
    return steps.union(*map(_work_on_all_rows, below))


def test_a_page_of_many_products_reads_only_its_own(office: Client, shop: Shop) -> None:
    # given
    glass = Category.objects.create(code="glass", name="Glaswerk")
    Product.objects.bulk_create(Product(code=f"M{i:04}", category=glass if i % 3 else None) for i in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE catalogue_product, catalogue_category, catalogue_variant")
    for address in ("/products/", "/products/?page=3", "/products/?view=all"):
        # when
        with CaptureQueriesContext(connection) as counted:
            office.get(address)
        (rows,) = (query["sql"] for query in counted.captured_queries if '"variant_count"' in query["sql"])
        # then
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT json) {rows}")
            ((found,),) = cursor.fetchall()
        plan = json.loads(found)[0]["Plan"] if isinstance(found, str) else found[0]["Plan"]
        assert not _work_on_all_rows(plan), address


def test_products_without_a_category_come_last(office: Client, carafe: Any) -> None:
    Product.objects.create(code="AA")
    page = text(office.get("/products/"))
    assert page.index("Carafe Lisse") < page.index("/products/AA/")


def test_the_search_box_opens_a_full_code_at_once(office: Client, carafe: Any) -> None:
    for code in ("9520012345674", "KR-2"):
        answer = office.get("/search/", {"q": code})
        assert (answer.status_code, answer["Location"]) == (302, "/products/KR/")
    assert "Carafe Lisse" in text(office.get("/search/", {"q": "lisse"}))


def test_another_language_is_another_name(office: Client, carafe: Any) -> None:
    ProductText.objects.filter(product__code="KR", locale="en").delete()
    assert "Karaf Lisse" in text(office.get("/products/"))
