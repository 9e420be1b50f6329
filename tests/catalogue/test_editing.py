"""Names and prices are changed where they stand: dated, with a reason, and never over somebody else's change."""

import datetime as dt
import re
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from apps.catalogue.models import Price, PriceList, ProductText, Variant
from apps.catalogue.services.maintaining import NewPrice, set_prices
from apps.catalogue.services.pricing import prices_in_force
from apps.core.audit.models import Change
from tests.catalogue.test_pages import carafe, office
from tests.portal.conftest import SWAP
from tests.shop import Shop
from tests.staff import browser, person

__all__ = ["carafe", "office"]

PAGE = "/products/KR/"


def edit(fact: str) -> str:
    return f"{PAGE}?{urlencode({'part': 'edit', 'fact': fact})}"


PRICE = edit("price-KR-1")


def paid(shop: Shop, variant: Variant) -> Decimal | None:
    return prices_in_force(channel=shop.web, variant_ids=[variant.pk]).get(variant.pk)


@pytest.fixture
def was(shop: Shop, carafe: dict[str, Variant]) -> str:
    """What the page says a carafe costs, as it travels in the form."""
    amount = paid(shop, carafe["KR-1"])
    assert amount is not None
    return f"{amount:f}".rstrip("0").rstrip(".")


def said(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_a_name_is_changed_in_its_language(office: Client, carafe):
    office.post(edit("name-en"), {"was": "Carafe Lisse", "name-en": "Carafe Lisse, clear"})
    names = dict(ProductText.objects.filter(product__code="KR").values_list("locale", "name"))
    assert names == {"nl": "Karaf Lisse", "en": "Carafe Lisse, clear"}
    assert ProductText.objects.get(product__code="KR", locale="nl").description == "Helder glas"
    [change] = Change.objects.filter(object_type="product", table="catalogue_producttext", kind="update")
    assert change.fields == {"name": ["Carafe Lisse", "Carafe Lisse, clear"]}


def test_what_comes_back_after_saving_a_name_is_the_new_name(office: Client, carafe):
    answer = office.post(edit("name-en"), {"was": "Carafe Lisse", "name-en": "Carafe Vlie"}, headers=SWAP)
    assert said(answer).startswith("Carafe Vlie")


def test_a_price_holds_from_now_on_and_says_why(shop, office: Client, carafe, was):
    answer = office.post(PRICE, {"was": was, "price-KR-1": "12,50", "day": "", "reason": "Promotion"}, headers=SWAP)
    assert answer.status_code == 200
    assert paid(shop, carafe["KR-1"]) == Decimal("12.50")
    assert "is now: €12.50" in said(answer)
    change = Change.objects.get(object_type="product", table="catalogue_price", kind="insert")
    assert change.reason == "Promotion"
    assert "Promotion" in office.get(f"{PAGE}?part=audit").content.decode()


def test_nobody_changes_a_price_without_saying_why(shop, office: Client, carafe, was):
    before = Price.objects.count()
    answer = office.post(PRICE, {"was": was, "price-KR-1": "12.50"}, headers=SWAP)
    assert answer.status_code == 422
    assert "Say why" in said(answer)
    assert Price.objects.count() == before


def test_a_price_from_a_later_day_changes_nothing_yet(shop, office: Client, carafe, was):
    before = paid(shop, carafe["KR-1"])
    day = timezone.localdate() + dt.timedelta(days=7)
    answer = office.post(PRICE, {"was": was, "price-KR-1": "11", "day": day.isoformat(), "reason": "Sale"}, follow=True)
    assert paid(shop, carafe["KR-1"]) == before
    assert "becomes: €11.00" in said(answer)
    assert "Undo" not in said(answer)
    newest = Price.objects.order_by("-pk")[0]
    assert newest.valid_from.astimezone(timezone.get_current_timezone()) == timezone.make_aware(
        dt.datetime.combine(day, dt.time())
    )
    assert "€11.00" in said(office.get(PAGE))  # among the prices, with its day


def test_a_price_does_not_hold_from_a_day_that_has_been(shop, office: Client, carafe, was):
    before = Price.objects.count()
    day = timezone.localdate() - dt.timedelta(days=2)
    answer = office.post(PRICE, {"was": was, "price-KR-1": "11", "day": day.isoformat(), "reason": "Late"})
    assert answer.status_code == 400
    assert "What was paid before stays as it was" in said(answer)
    assert Price.objects.count() == before


def test_who_comes_second_sees_what_the_first_made_of_it(shop, office: Client, carafe, was):
    set_prices(
        price_list=PriceList.objects.get(code="nl"), prices=[NewPrice(carafe["KR-1"], Decimal(99), timezone.now())]
    )
    answer = office.post(PRICE, {"was": was, "price-KR-1": "12.50", "reason": "Promotion"}, headers=SWAP)
    assert answer.status_code == 409
    assert "€99.00. You wrote: €12.50" in said(answer)
    assert paid(shop, carafe["KR-1"]) == Decimal(99)


def test_a_price_is_put_back_in_one_press(shop, office: Client, carafe, was):
    page = office.post(PRICE, {"was": was, "price-KR-1": "12.50", "reason": "Promotion"}, follow=True).content.decode()
    flash = page[page.index('role="status"><span>Price of') :]
    form = re.search(r'<form method="post" action="([^"]+)">(.*?)</form>', flash, re.S)
    posted = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', form[2]))
    office.post(form[1].replace("&amp;", "&"), posted)
    assert paid(shop, carafe["KR-1"]) == Decimal(was)
    assert Change.objects.filter(table="catalogue_price", reason="Undone").exists()


def test_only_who_may_edit_the_catalogue_does(shop, carafe, was):
    manager = browser(person("Hanneke Smit", "store_manager", location=shop.s1))
    assert "Change Price" not in manager.get(PAGE).content.decode()
    assert manager.post(PRICE, {"was": was, "price-KR-1": "1", "reason": "x"}).status_code == 403
    assert manager.post(edit("name-nl"), {"was": "Karaf Lisse", "name-nl": "x"}).status_code == 403


def test_the_conflict_names_who_made_it_and_not_who_changed_something_beside_it(shop, office: Client, carafe, was):
    # given somebody who changed this price, and somebody who changed another one after that
    first, other = (browser(person(name, "head_office")) for name in ("Fien First", "Otto Other"))
    first.post(PRICE, {"was": was, "price-KR-1": "99.50", "reason": "Dearer"})
    amount = paid(shop, carafe["KR-2"])
    beside = {"was": f"{amount:f}".rstrip("0").rstrip(".") if amount else "", "price-KR-2": "42", "reason": "Cheaper"}
    assert other.post(edit("price-KR-2"), beside).status_code == 302
    # when
    answer = office.post(PRICE, {"was": was, "price-KR-1": "12.50", "reason": "Promotion"}, headers=SWAP)
    # then
    assert answer.status_code == 409
    assert "Fien First" in said(answer)
    assert "Otto Other" not in said(answer)
