"""A view of the list of orders is a filter in the API too."""

import pytest

from apps.accounts.roles import Role
from apps.orders.services.fulfilling import mark_ready, pick
from apps.portal.models import SavedView
from tests.orders.counter import order_of
from tests.staff import person


@pytest.fixture
def two_orders(shop):
    ready = order_of(shop, external_id="WEB-READY")
    pick(number=ready.number, actor="test")
    mark_ready(number=ready.number, actor="test")
    return {"ready": ready.number, "waiting": order_of(shop, external_id="WEB-WAITS").number}


def numbers(answer) -> set[str]:
    return {order["number"] for order in answer.json()["results"]}


def test_a_view_that_comes_with_the_list(shop, two_orders):
    assert numbers(shop.get("orders/?view=ready")) == {two_orders["ready"]}
    assert numbers(shop.get("orders/?view=waiting")) == {two_orders["waiting"]}
    assert numbers(shop.get("orders/?view=all")) == set(two_orders.values())


def test_a_view_somebody_shared_but_not_one_they_kept(shop, two_orders):
    maker = person("Mirjam", Role.HEAD_OFFICE)
    query = "status=sourced&sort=-total"
    shared = SavedView.objects.create(page="orders.order", name="Te doen", query=query, owner=maker, role="head_office")
    own = SavedView.objects.create(page="orders.order", name="Van mij", query=query, owner=maker)
    elsewhere = SavedView.objects.create(page="returns.return", name="Anders", query=query, owner=maker, role="finance")
    assert numbers(shop.get(f"orders/?view={shared.slug}")) == {two_orders["waiting"]}
    for unknown in (own.slug, elsewhere.slug, "no-such-view"):
        answer = shop.get(f"orders/?view={unknown}")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["attr"] == "view"
