"""The pages of tickets and of what was set apart."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.catalogue.models import Product, Variant
from apps.core.jobs.models import Job
from apps.core.models import InboxDocument, Quarantined
from apps.orders.models import Order
from apps.tills.models import Ticket
from tests.people import make_user
from tests.shop import Shop
from tests.staff import browser
from tests.tills.invoices import import_rows, row
from tests.tills.tickets import line, ticket

__all__ = ["make_user"]


@pytest.fixture
def manager(shop: Shop, make_user: Callable[..., User]) -> Client:
    """The manager of S1."""
    return browser(make_user("store_manager", shop.s1))


@pytest.fixture
def head_office(shop: Shop, make_user: Callable[..., User]) -> Client:
    return browser(make_user("head_office"))


def set_apart(shop: Shop, store: str = "S1", sku: str = "NEW") -> Quarantined:
    shop.post("sales/", ticket(line(sku), store=store))
    return Quarantined.objects.order_by("-id")[0]


def text_of(page: Any) -> str:
    assert page.status_code == 200, page.status_code
    return str(page.content.decode())


def test_tickets_lead_to_what_they_became(shop, manager):
    number = shop.post("sales/", ticket(sequence=123456)).json()["numbers"][0]
    page = text_of(manager.get("/tickets/"))
    assert f'href="/orders/{number}/?list=/tickets/"' in page
    assert "123456" in page
    assert "A17" in page


def test_stores_see_their_own_tickets(shop, manager, head_office):
    shop.post("sales/", [ticket(sequence=1111), ticket(store="S2", sequence=2222)])
    own, every = text_of(manager.get("/tickets/")), text_of(head_office.get("/tickets/"))
    assert "1111" in own
    assert "2222" not in own
    assert "1111" in every
    assert "2222" in every
    assert "1111" not in text_of(head_office.get("/tickets/?store=S2"))


def test_quarantine_says_what_is_wrong_and_what_to_do(shop, manager):
    apart = set_apart(shop)
    listed = text_of(manager.get("/quarantine/"))
    assert apart.external_id in listed
    assert "There is no article with SKU “NEW”." in listed
    page = text_of(manager.get(apart.get_absolute_url()))
    assert "Add the article to the catalogue" in page
    assert "lines.0.sku" in page
    assert "€10.00" in page.replace("\xa0", "")
    assert "&quot;operator&quot;: &quot;A17&quot;" in page
    assert "Try again" in page


def test_a_row_of_a_file_is_shown_cell_by_cell(shop, tmp_path, head_office, manager):
    import_rows(tmp_path, row("536365"), row("536365", quantity="-2"))
    apart = Quarantined.objects.get()
    page = text_of(head_office.get(apart.get_absolute_url()))
    assert "<mark>-2</mark>" in page
    assert "StockCode" in page
    assert "Row 3" in page
    assert "This row comes with a file: import that again." in page
    # a store has nothing to do with it
    assert manager.get(apart.get_absolute_url()).status_code == 404
    assert apart.external_id not in text_of(manager.get("/quarantine/"))


@pytest.mark.parametrize("cells", [["536365", "85123A"], [*row("536365"), "one", "more"]])
def test_a_row_with_too_few_or_too_many_cells_can_be_shown(shop, tmp_path, head_office, cells):
    import_rows(tmp_path, cells)
    assert "536365" in text_of(head_office.get(Quarantined.objects.get().get_absolute_url()))


def test_a_ticket_is_booked_once_its_cause_is_mended(shop, manager):
    # given
    apart = set_apart(shop)
    Variant.objects.create(product=Product.objects.create(code="NEW"), sku="NEW")
    assert "Try ticket" in text_of(manager.get(f"{apart.get_absolute_url()}try-again/"))
    # when
    answer = manager.post(f"{apart.get_absolute_url()}try-again/", follow=True)
    # then
    order = Order.objects.get()
    assert f"Booked as {order.number}." in text_of(answer)
    assert order.total == Decimal("10.00")
    assert shop.stock("NEW").on_hand == -1
    apart.refresh_from_db()
    assert apart.mended_at is not None
    assert InboxDocument.objects.get().status == "booked"
    assert Ticket.objects.get().order == order
    # and no second time
    assert manager.post(f"{apart.get_absolute_url()}try-again/").status_code == 409
    assert Order.objects.count() == 1


def test_what_is_still_wrong_is_told_anew(shop, manager):
    apart = set_apart(shop)
    answer = manager.post(f"{apart.get_absolute_url()}try-again/", follow=True)
    assert "Still not: There is no article with SKU “NEW”." in text_of(answer)
    apart.refresh_from_db()
    assert apart.mended_at is None
    assert not Order.objects.exists()


def test_a_row_mended_another_way_can_be_closed(shop, manager):
    apart = set_apart(shop)
    assert "Nothing is booked by this" in text_of(manager.get(f"{apart.get_absolute_url()}mark-mended/"))
    manager.post(f"{apart.get_absolute_url()}mark-mended/", {"reason": "Came again"})
    apart.refresh_from_db()
    assert apart.mended_at is not None
    assert not Order.objects.exists()
    assert "Mark as mended" not in text_of(manager.get(apart.get_absolute_url()))


def test_another_stores_rows_are_out_of_reach(shop, make_user):
    apart = set_apart(shop)
    stranger = browser(make_user("store_manager", shop.s2))
    assert stranger.get(apart.get_absolute_url()).status_code == 404
    assert stranger.post(f"{apart.get_absolute_url()}try-again/").status_code == 404
    assert apart.external_id not in text_of(stranger.get("/quarantine/"))


@pytest.mark.parametrize(
    ("role", "tickets", "quarantine", "mending"),
    [
        ("head_office", 200, 200, 302),
        ("finance", 200, 200, 403),
        ("store_manager", 200, 200, 302),
        ("franchisee", 200, 200, 302),
        ("store_associate", 403, 403, 403),
        ("service_agent", 403, 403, 403),
    ],
)
def test_who_may_see_and_mend(shop, make_user, role, tickets, quarantine, mending):
    apart = set_apart(shop)
    at_store = role in {"store_manager", "franchisee", "store_associate"}
    client = browser(make_user(role, shop.s1 if at_store else None))
    assert client.get("/tickets/").status_code == tickets
    assert client.get("/quarantine/").status_code == quarantine
    assert client.get(apart.get_absolute_url()).status_code == quarantine
    assert client.post(f"{apart.get_absolute_url()}try-again/").status_code == mending
    assert client.post(f"{apart.get_absolute_url()}mark-mended/", {"reason": "Came again"}).status_code == mending


@pytest.mark.parametrize("path", ["/tickets/", "/quarantine/"])
def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(shop, head_office, path):
    def fill(count: int) -> None:
        shop.post("sales/", [ticket() for _ in range(count)] + [ticket(line(f"N{n}")) for n in range(count)])

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            text_of(head_office.get(path))
        return len(captured)

    fill(2)
    queries()  # fills caches
    few = queries()
    fill(38)
    assert queries() == few <= 20


def test_the_rail_counts_tickets_that_wait(shop, manager, tmp_path):
    set_apart(shop)
    import_rows(tmp_path, row("1", quantity="x"))
    page = text_of(manager.get("/tickets/"))
    assert 'href="/quarantine/"' in page
    assert '<span class="count now">1' in page


def test_an_empty_quarantine_says_so_and_offers_no_filter_to_drop(manager: Client) -> None:
    page = manager.get("/quarantine/").content.decode()
    assert "Nothing is set apart" in page
    assert "match this" not in page
    assert "match this" in manager.get("/quarantine/?view=mended").content.decode()


def test_a_view_of_the_tills_never_shows_what_came_by_file(shop: Shop, head_office: Client, tmp_path: Any) -> None:
    # given that nothing from a till was ever set apart
    import_rows(tmp_path, row("1", quantity="x"))
    waiting = Quarantined.objects.get()
    # then the view of the tills is empty
    assert waiting.get_absolute_url() in text_of(head_office.get("/quarantine/"))
    assert waiting.get_absolute_url() not in text_of(head_office.get("/quarantine/?view=tills"))


def test_many_tickets_are_tried_again_and_what_is_still_wrong_stays(shop, manager):
    mended, wrong = set_apart(shop, sku="NEW"), set_apart(shop, sku="OTHER")
    elsewhere = set_apart(shop, store="S2", sku="NEW")
    Variant.objects.create(product=Product.objects.create(code="NEW"), sku="NEW")
    picked = {"act": "try", "pick": [mended.pk, wrong.pk, elsewhere.pk]}
    assert "Try 2 tickets again?" in text_of(manager.post("/quarantine/?part=many", picked))
    manager.post("/quarantine/?part=many", picked | {"sure": "2"})
    still = set(Quarantined.objects.filter(mended_at=None).values_list("pk", flat=True))
    assert still == {wrong.pk, elsewhere.pk}
    job = Job.objects.get()
    assert job.outcome == "1 done. 1 refused."
    assert "Still not: There is no article with SKU “OTHER”." in job.lines.get().text


def test_many_rows_are_closed_with_one_reason(shop, manager):
    rows = [set_apart(shop, sku=f"X{n}") for n in range(2)]
    manager.post("/quarantine/?part=many", {"act": "mend", "all": "1", "sure": "2", "reason": "Test tickets"})
    assert not Quarantined.objects.filter(mended_at=None).exists()
    assert "Test tickets" in text_of(manager.get(f"{rows[0].get_absolute_url()}?part=audit"))
