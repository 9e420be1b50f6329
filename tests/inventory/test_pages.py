import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.inventory.models import StockDocument, StockLevel, StoreTask
from apps.inventory.services.finishing import finish_task
from apps.inventory.services.places.noting import put_on_shelves
from apps.inventory.services.promising import reserve
from apps.inventory.services.types import Want
from apps.inventory.views import listing
from apps.network.models import Location
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


def oversell(shop: Shop, sku: str = "A") -> StoreTask:
    StockLevel.objects.filter(variant__sku=sku, location=shop.s1).update(on_hand=-2)
    return StoreTask.objects.create(
        location=shop.s1,
        kind=StoreTask.Kind.COUNT_SHORT,
        variant=shop.variants[sku],
        quantity=2,
        cause_type="order",
        cause_id="T1",
    )


# --- lists ------------------------------------------------------------------------------------------------------------


def test_stock_opens_with_ones_own_and_shows_elsewhere_when_asked(as_role: Any, shop: Shop) -> None:
    shop.receive(shop.s2, A=3)
    client = as_role("store_manager")
    assert "Leiden" not in text(client.get("/stock/"))
    assert "Leiden" in text(client.get("/stock/?view=all"))


def test_stock_is_sorted_only_where_few_locations_are_listed(as_role: Any, shop: Shop, monkeypatch: Any) -> None:
    # given more of B than of A
    StockLevel.objects.filter(variant__sku="A", location=shop.s1).update(on_hand=2)
    StockLevel.objects.filter(variant__sku="B", location=shop.s1).update(on_hand=5)

    def skus(client: Client, query: str) -> list[str]:
        return re.findall(r'<span class="code">(\w+)</span>|at-line[^>]*>(\w+)<', text(client.get(f"/stock/?{query}")))

    manager, head_office = as_role("store_manager"), as_role("head_office")
    # then a store and a location by name are sorted, as one asks
    for client, query in ((manager, "sort="), (head_office, "location=S1&sort=")):
        up, down = skus(client, f"{query}on_hand"), skus(client, f"{query}-on_hand")
        assert up == down[::-1] != []
        assert 'id="sort-on_hand"' in text(client.get(f"/stock/?{query}on_hand"))
    # and the whole chain is not: neither offered nor done when an address asks for it
    for client, query in ((manager, "view=all"), (head_office, ""), (head_office, "view=all")):
        page = text(client.get(f"/stock/?{query}&sort=on_hand"))
        assert 'id="sort-' not in page
        assert skus(client, f"{query}&sort=on_hand") == skus(client, f"{query}&sort=-on_hand") != []
    # and neither are many locations
    monkeypatch.setattr(listing, "SORTED_IN", 0)
    assert 'id="sort-' not in text(manager.get("/stock/"))
    assert 'id="sort-' not in text(head_office.get("/stock/?location=S1"))


def test_the_chain_sees_all_at_once(as_role: Any, shop: Shop) -> None:
    shop.receive(shop.s2, A=3)
    page = text(as_role("head_office").get("/stock/"))
    assert "Leiden" in page
    assert "Utrecht" in page


def test_what_was_sold_beyond_stock_stands_apart(as_role: Any, shop: Shop) -> None:
    oversell(shop)
    page = text(as_role("store_manager").get("/stock/?view=short"))
    assert "Product A" in page
    assert "Product B" not in page
    assert "Sold beyond stock" in page


def test_amounts_filter_by_what_is_free(as_role: Any, shop: Shop) -> None:
    hold(shop, "A", 10)
    client = as_role("store_manager")
    nothing = text(client.get("/stock/?changed=1&here=true&amount=none"))
    assert ("Product A" in nothing, "Product B" in nothing) == (True, False)
    free = text(client.get("/stock/?changed=1&here=true&amount=free"))
    assert ("Product A" in free, "Product B" in free) == (False, True)
    held = text(client.get("/stock/?changed=1&here=true&amount=reserved"))
    assert ("Product A" in held, "Product B" in held) == (True, False)


def test_stock_is_found_by_sku_and_name(as_role: Any, shop: Shop) -> None:
    client = as_role("store_manager")
    for query in ("A", "product a", "P-A"):
        page = text(client.get("/stock/", {"q": query}))
        assert ("Product A" in page, "Product B" in page) == (True, False), query


@pytest.mark.parametrize(
    "path", ["/stock/", "/stock/documents/", "/stock/tasks/", "/stock/of/A/", "/stock/of-product/P-A/"]
)
def test_the_number_of_queries_does_not_grow(as_role: Any, shop: Shop, path: str) -> None:
    client = as_role("head_office")
    oversell(shop)

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(path).status_code == 200
        return len(counted)

    queries()
    few = queries()
    for n in range(40):
        store = Location.objects.create(code=f"L{n}", name=f"L{n}", postcode="1012AB", city="x")
        store.ownerships.create(legal_entity=shop.own, valid=("2020-01-01", None))
        shop.receive(store, A=1, B=1)
        StoreTask.objects.create(
            location=store, kind="count_short", variant=shop.variants["B"], quantity=1, cause_type="x", cause_id=str(n)
        )
    queries()
    assert queries() == few


# --- a variant --------------------------------------------------------------------------------------------------------


def test_a_variant_shows_its_locations_nearest_first_with_shelves_and_what_moved(as_role: Any, shop: Shop) -> None:
    shop.receive(shop.s2, A=3)
    shop.receive(shop.dc, A=30)
    hold(shop, "A", 4)
    put_on_shelves(location=shop.s1, lines=[("A-12-3", shop.variants["A"].pk, Decimal(10))])
    page = text(as_role("store_manager").get("/stock/of/A/"))
    assert page.index("Utrecht") < page.index("Tiel") < page.index("Leiden")
    assert "A-12-3: 10" in page
    receipt = StockDocument.objects.get(location=shop.s1, kind="receipt")
    assert receipt.number in page
    assert page.index("Receipt") < page.index(receipt.number)  # what moved, in words
    # what moved elsewhere is not for this store
    assert StockDocument.objects.filter(location=shop.s2).get().number not in page


def test_the_sum_behind_a_figure_is_a_receipt(as_role: Any, shop: Shop) -> None:
    hold(shop, "A", 4)
    StockLevel.objects.filter(variant__sku="A").update(safety_collect=2, safety_delivery=2)
    page = text(as_role("store_manager").get("/stock/of/A/why/"))
    assert "Why 4 available?" in page
    assert "WEB-1: 4" in page
    assert "In Utrecht" in page
    assert 'Can be promised</dt><dd class="amount num">4</dd>' in page


def test_the_sum_for_delivery_adds_up_what_ships(as_role: Any, shop: Shop) -> None:
    shop.receive(shop.dc, A=30)
    page = text(as_role("store_manager").get("/stock/of/A/why/?method=delivery"))
    assert "Why 30 available?" in page
    assert "Can be promised at 1 location" in page
    assert 'Available</dt><dd class="amount num">30</dd>' in page
    assert "Leiden" not in page


def test_another_location_can_be_asked_for_and_an_unknown_one_is_not_found(as_role: Any, shop: Shop) -> None:
    shop.receive(shop.s2, A=3)
    client = as_role("store_manager")
    assert "In Leiden" in text(client.get("/stock/of/A/why/?location=S2"))
    assert client.get("/stock/of/A/why/?location=NONE").status_code == 404
    assert client.get("/stock/of/A/why/?location=DC").status_code == 404  # it never had any
    assert client.get("/stock/of/NONE/why/").status_code == 404


def test_a_products_panel_shows_each_variant_here_and_online(as_role: Any, shop: Shop) -> None:
    shop.receive(shop.dc, A=30)
    page = text(as_role("store_manager").get("/stock/of-product/P-A/", headers={"HX-Request": "true"}))
    assert "<html" not in page
    assert f'<td class="num tight at-value" data-label="{shop.s1.name}">10</td>' in page
    assert ">30</a>" in page


# --- documents and tasks ----------------------------------------------------------------------------------------------


def test_a_document_shows_what_it_moved(as_role: Any, shop: Shop) -> None:
    document = StockDocument.objects.get(location=shop.s1)
    page = text(as_role("store_manager").get(f"/stock/documents/{document.number}/"))
    assert "3 lines" in page
    assert "Product B" in page


def test_a_task_is_said_to_be_done(as_role: Any, shop: Shop) -> None:
    task = oversell(shop)
    client = as_role("store_associate")
    assert f"/stock/tasks/done/?task={task.pk}" in text(client.get("/stock/tasks/"))
    assert "Product A, Utrecht" in text(client.get(f"/stock/tasks/done/?task={task.pk}"))
    # when
    answer = client.post("/stock/tasks/done/", {"task": task.pk})
    # then
    assert answer.status_code == 302
    task.refresh_from_db()
    assert task.done_at is not None
    assert task.done_by == f"user:{User.objects.get().pk}"
    assert "Product A" not in text(client.get("/stock/tasks/"))
    assert "Product A" in text(client.get("/stock/tasks/?view=done"))


def test_a_task_of_another_store_cannot_be_finished(as_role: Any, shop: Shop) -> None:
    task = oversell(shop)
    StoreTask.objects.update(location=shop.s2)
    client = as_role("store_manager")
    answer = client.post("/stock/tasks/done/", {"task": task.pk})
    assert answer.status_code in {400, 422}
    task.refresh_from_db()
    assert task.done_at is None


def test_those_who_only_look_get_no_button(as_role: Any, shop: Shop) -> None:
    task = oversell(shop)
    client = as_role("head_office")
    assert "/stock/tasks/done/" not in text(client.get("/stock/tasks/"))
    assert client.post("/stock/tasks/done/", {"task": task.pk}).status_code == 403


def test_done_once_stays_done(shop: Shop) -> None:
    task = oversell(shop)
    first = finish_task(task=task, actor="user:1")
    second = finish_task(task=task, actor="user:2")
    assert (second.done_at, second.done_by) == (first.done_at, "user:1")


def test_what_is_to_count_stands_on_the_day_page(as_role: Any, shop: Shop) -> None:
    oversell(shop)
    page = text(as_role("store_manager").get("/"))
    assert "Count: sold more than there was" in page
    assert "/stock/tasks/" in page


MANY_TASKS = f"{reverse('inventory:tasks')}?part=many"


def test_many_tasks_are_finished_at_once_in_ones_own_stores(shop):
    mine, done, theirs = (oversell(shop, sku) for sku in "ABC")
    StoreTask.objects.filter(pk=done.pk).update(done_at=timezone.now(), done_by="user:1")
    StoreTask.objects.filter(pk=theirs.pk).update(location=shop.s2)
    client = browser(person("Bo Jansen", "store_associate", location=shop.s1))
    picked = {"act": "finish", "pick": [mine.pk, done.pk, theirs.pk]}
    asked = client.post(MANY_TASKS, picked).content.decode()
    assert "Finish 1 task?" in asked
    assert "1 left out: This task was done already." in asked
    client.post(MANY_TASKS, picked | {"sure": "1"})
    open_now = set(StoreTask.objects.open().values_list("pk", flat=True))
    assert open_now == {theirs.pk}
    assert StoreTask.objects.get(pk=done.pk).done_by == "user:1"
    # whoever does not work on a shop floor has nothing to finish
    office = browser(person("Mirjam Vos", "head_office"))
    assert office.post(MANY_TASKS, picked).status_code == 400
