"""A view of the list of products is a filter in the API too."""

import datetime as dt

from django.utils import timezone

from apps.catalogue.models import Product
from apps.portal.models import SavedView
from tests.staff import person


def skus(answer) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {product["sku"] for product in answer.json()["results"]}


def test_a_view_narrows_the_products(shop):
    Product.objects.filter(variants__sku="A").update(active_until=timezone.localdate() - dt.timedelta(days=1))
    Product.objects.filter(variants__sku="B").update(brand="Wolmer")
    assert "A" not in skus(shop.get("products/?view=now"))
    assert skus(shop.get("products/?view=ended")) == {"A"}
    maker = person("Mirjam Vos", "head_office")
    shared = SavedView.objects.create(
        page="catalogue.product", name="Wolmer", query="brand=wolmer", owner=maker, role="head_office"
    )
    assert skus(shop.get(f"products/?view={shared.slug}")) == {"B"}


def test_a_view_nobody_knows_is_refused(shop):
    answer = shop.get("products/?view=no-such-view")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "view"
