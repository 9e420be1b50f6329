"""The pages of counts: opening, counting on a phone, approving, and who sees what."""

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalogue.models import Gtin, Variant
from apps.inventory.models import Count, CountedLine, CountResult, StoreTask
from apps.inventory.services.counts.closing import submit_count
from apps.inventory.services.counts.recounting import ask_recount
from apps.inventory.services.places.noting import put_on_shelves
from tests.inventory.counting import ANNA, note, opened
from tests.shop import Shop
from tests.staff import browser, person

SWAP = {"HX-Request": "true", "HX-Target": "scanned"}


def text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\xa0", " ").split())


def associate(shop: Shop) -> Any:
    return browser(person("Bo Jansen", "store_associate", location=shop.s1))


def manager(shop: Shop) -> Any:
    return browser(person("Hanneke Smit", "store_manager", location=shop.s1))


def on_shelves(shop: Shop, *placed: tuple[str, str]) -> None:
    put_on_shelves(location=shop.s1, lines=[(code, shop.variants[sku].pk, 1) for code, sku in placed])


def page_of(count: Count, act: str = "") -> str:
    return f"/stock/counts/{count.number}/{act}"


def submitted(shop: Shop, **counted: int) -> Count:
    count = opened(shop, *counted)
    for sku, quantity in counted.items():
        note(shop, count, sku, quantity)
    return submit_count(count=count, actor=ANNA)


# --- opening ------------------------------------------------------------------------------------------------------------


def form(**given: Any) -> dict[str, Any]:
    usual = {
        "token": str(uuid.uuid4()),
        "location": "S1",
        "basis": "suggested",
        "most": "20",
        "days": "30",
        "blind": "on",
    }
    return usual | given


def test_one_tap_opens_what_deserves_it_most(shop):
    # given
    StoreTask.objects.create(
        location=shop.s1, kind="count_short", variant=shop.variants["B"], cause_type="x", cause_id="1"
    )
    client = associate(shop)
    page = client.get("/stock/counts/open/").content.decode()
    assert '<option value="suggested" selected>' in page
    assert '<option value="S1" selected>' in page
    # when
    given = form()
    for _ in range(2):
        answer = client.post("/stock/counts/open/", given)
    # then
    count = Count.objects.get()
    assert answer["Location"].startswith(page_of(count))
    assert list(count.items.values_list("variant__sku", flat=True)) == ["B"]


def test_chosen_products_are_named_by_sku_or_gtin(shop):
    Gtin.objects.create(variant=shop.variants["C"], code="08712345678906")
    client = associate(shop)
    client.post("/stock/counts/open/", form(basis="given", codes="a, 8712345678906\n"))
    assert list(Count.objects.get().items.order_by("pk").values_list("variant__sku", flat=True)) == ["A", "C"]


def test_a_scanned_product_is_counted_from_there(shop):
    client = associate(shop)
    scanned = client.post("/scan/", {"code": "A"}).content.decode()
    link = re.search(r'href="(/stock/counts/open/[^"]*)"', scanned)
    assert link is not None
    page = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert '<option value="given" selected>' in page
    assert re.search(r'<textarea name="codes"[^>]*>\s*A</textarea>', page)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"basis": "given", "codes": "A NOPE"}, "There is no product NOPE."),
        ({"basis": "given", "codes": " "}, "Name at least one product."),
        ({"basis": "shelves", "shelf": "Z"}, "There is nothing to count by this choice."),
        ({"location": "S2"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_opened_is_said(shop, given, said):
    answer = associate(shop).post("/stock/counts/open/", form(**given))
    assert answer.status_code in {400, 422}
    assert said in text(answer)
    assert not Count.objects.exists()


# --- counting -------------------------------------------------------------------------------------------------------------


def test_a_scan_on_a_shelf_counts_one_and_says_so(shop):
    # given
    on_shelves(shop, ("A-1", "A"), ("A-2", "B"))
    count, client = opened(shop, "A", "B"), associate(shop)
    page = client.get(page_of(count, "count/"))
    assert "Shelf A-1" in text(page)
    # when
    scan = {"code": "A", "shelf": "A-1", "token": str(uuid.uuid4())}
    first = client.post(page_of(count, "count/"), scan, headers=SWAP)
    same = client.post(page_of(count, "count/"), scan, headers=SWAP)
    other = client.post(page_of(count, "count/"), scan | {"token": str(uuid.uuid4())}, headers=SWAP)
    # then
    assert 'data-outcome="found"' in first.content.decode()
    assert 'data-outcome="again"' in other.content.decode()
    assert "2 × Product A" in text(other)
    assert same.status_code == 200
    assert [int(line.quantity) for line in CountedLine.objects.order_by("pk")] == [1, 2]
    assert set(CountedLine.objects.values_list("shelf", flat=True)) == {"A-1"}


def test_without_scripts_a_scan_and_a_typed_quantity_work_the_same(shop):
    # given
    on_shelves(shop, ("A-1", "A"))
    count, client = opened(shop, "A"), associate(shop)
    # when
    page = client.post(page_of(count, "count/"), {"code": "A", "shelf": "A-1", "token": str(uuid.uuid4())})
    assert "1 × Product A" in text(page)
    assert "<html" in page.content.decode()
    typed = {"sku": "A", "shelf": "A-1", "quantity": "7", "token": str(uuid.uuid4())}
    answer = client.post(page_of(count, "count/"), typed)
    # then
    assert answer["Location"] == page_of(count, "count/?shelf=A-1")
    assert CountedLine.objects.latest("pk").quantity == 7


def test_a_shelfs_own_code_leads_there(shop):
    on_shelves(shop, ("A-1", "A"), ("A-2", "B"))
    count, client = opened(shop, "A", "B"), associate(shop)
    scan = {"code": "a-2", "shelf": "A-1", "token": str(uuid.uuid4())}
    assert client.post(page_of(count, "count/"), scan, headers=SWAP)["HX-Redirect"] == page_of(
        count, "count/?shelf=A-2"
    )
    assert client.post(page_of(count, "count/"), scan)["Location"] == page_of(count, "count/?shelf=A-2")
    assert not CountedLine.objects.exists()


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"code": "NOPE"}, "Code NOPE is not known here"),
        ({"sku": "A", "quantity": "-1"}, "A count is a number from 0"),
        ({"sku": "A", "quantity": "1.5"}, "This is sold by the piece."),
        ({"sku": "A", "quantity": ""}, "A count is a number from 0"),
        ({"sku": "NOPE", "quantity": "1"}, "Code NOPE is not known here"),
        ({"code": "KG"}, "goes by measure"),
    ],
)
def test_what_cannot_be_counted_is_heard_and_said(shop, posted, said):
    Variant.objects.create(product=shop.variants["A"].product, sku="KG", unit="kg")
    count = opened(shop, "A")
    answer = associate(shop).post(
        page_of(count, "count/"), posted | {"shelf": "", "token": str(uuid.uuid4())}, headers=SWAP
    )
    assert 'data-outcome="unknown"' in answer.content.decode()
    assert said in text(answer)
    assert not CountedLine.objects.exists()


def test_shelves_come_in_walking_order_and_the_first_unfinished_opens(shop):
    # given
    on_shelves(shop, ("B-1", "B"), ("A-1", "A"))
    count, client = opened(shop, "A", "B", "C"), associate(shop)
    # then
    first = text(client.get(page_of(count, "count/")))
    assert "Shelf A-1" in first
    assert "Next: B-1" in first
    note(shop, count, "A", 1, shelf="A-1")
    assert "Shelf B-1" in text(client.get(page_of(count, "count/")))
    last = text(client.get(page_of(count, "count/?shelf=")))
    assert "Without a shelf" in last
    assert "Product C" in last
    assert "1 of 3 counted" in last


def test_a_blind_count_does_not_tell_and_an_open_one_does(shop):
    # given
    client = associate(shop)
    for blind in (True, False):
        count = opened(shop, "A", blind=blind)
        note(shop, count, "A", 3)
        for page in (page_of(count), page_of(count, "count/")):
            told = text(client.get(page))
            # then
            assert ("in the books" in told.lower()) is not blind, page
            assert ("−7" in told) is (not blind and page == page_of(count)), page


def test_whoever_counts_again_does_not_see_what_was_counted_first(shop):
    # given
    count = submitted(shop, A=2, B=3)
    ask_recount(count=count, variant_ids=[shop.variants["A"].pk], seen_round=1, actor=ANNA)
    # then
    counting = text(associate(shop).get(page_of(count)))
    assert "0 of 1 counted" in counting
    assert "Product B" not in counting
    deciding = text(manager(shop).get(page_of(count)))
    assert "−8" in deciding


def test_a_count_that_is_over_leads_back_to_its_page(shop):
    count = submitted(shop, A=10)
    client = associate(shop)
    assert client.get(page_of(count, "count/"))["Location"] == page_of(count)
    answer = client.post(page_of(count, "count/"), {"code": "A", "shelf": "", "token": str(uuid.uuid4())}, headers=SWAP)
    assert "nothing is counted in it any more" in text(answer)


# --- what comes of it ---------------------------------------------------------------------------------------------------


def test_from_the_phone_to_the_books(shop):
    # given
    count, floor, office = opened(shop, "A", "B"), associate(shop), manager(shop)
    note(shop, count, "A", 1)
    # when
    asked = text(floor.get(page_of(count, "submit/")))
    assert "1 of 2 products was not counted everywhere" in asked
    assert "waits for approval" in text(floor.post(page_of(count, "submit/"), follow=True))
    # then it stands on the manager's start page, and not on the associate's
    assert f"Approve count {count.number}" in text(office.get("/"))
    assert f"Approve count {count.number}" not in text(floor.get("/"))
    page = text(office.get(page_of(count)))
    assert "Not counted" in page
    assert "Product B" in page
    assert "−€90.00" in page
    # and approving asks why
    assert office.post(page_of(count, "approve/"), {}).status_code == 422
    given = {"reason": "Looked in the stockroom", "variants": [shop.variants["B"].pk]}
    closed = office.post(page_of(count, "approve/"), given, follow=True)
    assert "is booked" in text(closed)
    assert (shop.stock("A").on_hand, shop.stock("B").on_hand) == (1, 0)
    assert "not counted, set to nothing" in text(closed)
    assert "Looked in the stockroom" in text(office.get(page_of(count, "?part=audit")))
    # and its stock document leads back
    count.refresh_from_db()
    document = office.get(count.document.get_absolute_url()).content.decode()
    assert f'href="{page_of(count)}"' in document


def test_what_differs_is_proposed_to_be_counted_again(shop):
    # given
    count, office = submitted(shop, A=2, B=10), manager(shop)
    page = office.get(page_of(count, "again/")).content.decode()
    boxes = re.findall(r'<input type="checkbox"[^>]*>', page)
    assert [("checked" in box) for box in boxes] == [True, False]
    # when
    given = {"round": 1, "variants": [shop.variants["A"].pk], "reason": "Eight is much"}
    assert "1 product is counted again." in text(office.post(page_of(count, "again/"), given, follow=True))
    # then
    count.refresh_from_db()
    assert (count.status, count.round) == ("counting", 2)


def test_withdrawing_asks_why(shop):
    count, office = opened(shop, "A"), manager(shop)
    assert office.post(page_of(count, "withdraw/"), {}).status_code == 422
    assert "is withdrawn" in text(office.post(page_of(count, "withdraw/"), {"reason": "Opened twice"}, follow=True))
    assert office.post(page_of(count, "submit/")).status_code == 409


def test_the_sheet_of_a_count_holds_what_it_asks_for(shop):
    on_shelves(shop, ("A-1", "A"), ("A-2", "B"))
    count, client = opened(shop, "B"), associate(shop)
    link = re.search(r'href="([^"]*count-sheet[^"]*)"', client.get(page_of(count)).content.decode())
    assert link is not None
    sheet = text(client.get(link[1].replace("&amp;", "&")))
    assert "Product B" in sheet
    assert "Product A" not in sheet


def test_head_office_sees_how_exact_each_store_is(shop):
    # given in S1 three lines of which one agrees; one that is withdrawn does not count
    count = submitted(shop, A=10, B=9, C=12)
    assert count.status == "closed"
    note(shop, opened(shop, "A"), "A", 0)
    office = browser(person("Mirjam Vos", "head_office"))
    # when
    page = text(office.get("/stock/counts/accuracy/"))
    # then
    assert "33.3%" in page
    assert "€20.00" in page
    assert "−€10.00" in page
    assert "Leiden" not in page
    assert "Leiden" in text(office.get("/stock/counts/accuracy/?view=not"))
    assert CountResult.objects.count() == 3


# --- reach, and what it costs -----------------------------------------------------------------------------------------------


def test_another_stores_counts_are_not_there(shop):
    count = opened(shop, "A")
    stranger = browser(person("Kees Bakker", "store_manager", location=shop.s2))
    for act in ("", "count/", "submit/", "approve/", "again/", "withdraw/"):
        assert stranger.get(page_of(count, act)).status_code == 404
    assert stranger.post(page_of(count, "count/"), {"code": "A"}).status_code == 404
    assert count.number not in text(stranger.get("/stock/counts/?view=all"))
    sheet = stranger.get(f"/stock/count-sheet/?location=S2&count={count.number}")
    assert "Product A" not in text(sheet)


def test_an_associate_counts_but_does_not_approve(shop):
    count, client = submitted(shop, A=1), associate(shop)
    for act in ("approve/", "again/", "withdraw/"):
        assert client.get(page_of(count, act)).status_code == 403
    assert client.get("/stock/counts/accuracy/").status_code == 403
    assert client.get("/imports/new/stock-count/").status_code == 403


def queries(client: Any, path: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return len(found)


@pytest.mark.parametrize("act", ["", "count/", "again/", "approve/", "submit/"])
def test_a_large_count_costs_as_many_queries_as_a_small_one(shop, act):
    # given
    office = manager(shop)
    more = [Variant.objects.create(product=shop.variants["A"].product, sku=f"X-{n}") for n in range(12)]
    shop.variants |= {variant.sku: variant for variant in more}
    on_shelves(shop, *[("A-1", sku) for sku in shop.variants])

    def costs(*skus: str) -> int:
        count = opened(shop, *skus)
        for sku in skus[:-1]:
            note(shop, count, sku, 1, shelf="A-1")
        if act in {"again/", "approve/"}:
            submit_count(count=count, actor=ANNA)
        office.get(page_of(count, act))
        return queries(office, page_of(count, act))

    # then
    assert costs("A", "B", "C") == costs(*shop.variants)


@pytest.mark.parametrize("path", ["/stock/counts/?view=all", "/stock/counts/accuracy/?view=all"])
def test_lists_cost_as_many_queries_however_long(shop, path):
    office = browser(person("Mirjam Vos", "head_office"))
    submitted(shop, A=10)
    office.get(path)
    before = queries(office, path)
    for _ in range(4):
        submitted(shop, A=10, B=10)
    assert queries(office, path) == before
