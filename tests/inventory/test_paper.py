"""The paper of a store: count sheets and shelf labels."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from apps.catalogue.models import Gtin
from apps.inventory.models import PlaceLevel, StockLevel, StoreTask
from apps.inventory.services.places.noting import put_on_shelves
from tests.shop import Shop
from tests.staff import browser, person


@pytest.fixture
def associate(shop: Shop) -> Client:
    return browser(person("Bo Jansen", "store_associate", location=shop.s1))


@pytest.fixture
def head_office(shop: Shop) -> Client:
    return browser(person("Mirjam Vos", "head_office"))


def put(shop: Shop, sku: str, shelf: str) -> None:
    put_on_shelves(location=shop.s1, lines=[(shelf, shop.variants[sku].pk, Decimal(7))])


def page_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def rows_in(page: str) -> list[tuple[str, str]]:
    """The shelf and the SKU of each row of a count sheet."""
    return re.findall(r'<td class="spot">([^<]*)</td>.*?<small class="code">([^<]*)<', page)


def test_a_count_sheet_follows_the_shelves_and_tells_no_quantity(shop, associate):
    # given
    put(shop, "B", "A-01")
    put(shop, "A", "C-02")
    # when
    page = page_of(associate, "/stock/count-sheet/")
    # then: what lies on no shelf comes last
    assert rows_in(page) == [("A-01", "B"), ("C-02", "A"), ("–", "C")]
    sheet = page[page.index("<table") : page.index("</table>")]
    assert not re.search(r">\s*(7|10)\s*<", sheet)


def test_a_count_sheet_is_narrowed_to_shelves_or_to_what_is_asked(shop, associate):
    put(shop, "B", "A-01")
    put(shop, "A", "C-02")
    StoreTask.objects.create(location=shop.s1, kind="count_short", variant=shop.variants["C"], quantity=1)
    assert rows_in(page_of(associate, "/stock/count-sheet/?shelf=c")) == [("C-02", "A")]
    assert rows_in(page_of(associate, "/stock/count-sheet/?asked=on")) == [("–", "C")]


def test_another_stores_shelves_are_not_printed(shop, head_office, associate):
    put(shop, "A", "C-02")
    other = browser(person("Els Bakker", "store_manager", location=shop.s2))
    for path in ("/stock/count-sheet/?location=S1", "/stock/labels/?location=S1"):
        assert "C-02" not in page_of(other, path)
        assert "C-02" in page_of(head_office, path)
    assert "Choose a location" in page_of(head_office, "/stock/count-sheet/")


def test_a_label_says_name_price_and_shelf_as_the_shelf_does(shop, associate):
    # given
    put(shop, "A", "C-02")
    Gtin.objects.create(variant=shop.variants["A"], code="08712345678906")
    # when the page is English, and the label is for Dutch customers
    page = page_of(associate, "/stock/labels/?code=A")
    # then
    label = page[page.index('<ul class="labels') :]
    assert 'lang="nl"' in label
    assert "Product A" in label
    assert "€ 10,00" in label
    assert "<strong>C-02</strong>" in label
    assert 'aria-label="8712345678906"' in label
    # when it is for English ones
    assert "€10.00" in page_of(associate, "/stock/labels/?code=A&language=en")


def test_labels_fill_the_sheet_behind_those_already_used(shop, associate):
    put(shop, "A", "A-01")
    put(shop, "B", "A-02")
    page = page_of(associate, "/stock/labels/?shelf=A&used=23")
    sheets = page.split('<ul class="labels')[1:]
    assert [sheet.count("<li") for sheet in sheets] == [24, 1]
    assert sheets[0].count('class="peeled"') == 23
    # one on a roll follows the other
    assert page_of(associate, "/stock/labels/?shelf=A&used=23&paper=roll-57x32").count('<ul class="labels') == 2
    # fifteen places of sheets of fourteen: one sheet, and one place of the next; no empty sheet is printed
    smaller = page_of(associate, "/stock/labels/?shelf=A&used=15&paper=a4-99x38")
    assert smaller.count('<ul class="labels') == 1
    assert smaller.count('class="peeled"') == 1


@pytest.mark.parametrize(
    "path", ["/stock/labels/?used=99&code=A", "/stock/labels/?paper=x", "/stock/labels/?language=xx&code=A"]
)
def test_an_impossible_choice_prints_nothing(shop, associate, path):
    assert '<ul class="labels' not in page_of(associate, path)


def test_the_code_of_a_product_prints_all_its_variants(shop, associate):
    page = page_of(associate, "/stock/labels/?code=p-b")
    assert page.count('class="label-name"') == 1
    assert "Product B" in page


@pytest.mark.parametrize("path", ["/stock/count-sheet/", "/stock/labels/"])
def test_the_number_of_queries_does_not_grow(shop, associate, path, django_assert_max_num_queries):
    for sku in "ABC":
        put(shop, sku, f"A-{sku}")
    with django_assert_max_num_queries(23):
        page_of(associate, path)


def test_a_shelf_with_goods_of_two_owners_stands_on_the_sheet_once(shop, associate):
    # given
    put(shop, "A", "C-02")
    level = PlaceLevel.objects.get(variant=shop.variants["A"])
    PlaceLevel.objects.create(
        place=level.place, location=shop.s1, variant=level.variant, condition="saleable", owner=shop.own
    )
    StockLevel.objects.create(location=shop.s1, variant=shop.variants["B"], owner=shop.own, on_hand=1)
    # then
    assert rows_in(page_of(associate, "/stock/count-sheet/")) == [("C-02", "A"), ("–", "B"), ("–", "C")]
