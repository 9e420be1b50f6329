"""Counts: the difference is booked, whatever happened since; and from a file."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.core.reconcile import reconcile
from apps.inventory.models import PlaceLevel, StockDocument, StockLevel, StockMovement, StoreTask
from apps.inventory.services.counting import book_count
from apps.portal.importing.models import Import
from tests.portal.importing.conftest import book, check
from tests.staff import browser, person


def count(shop, at: dt.datetime | None = None, reference: str = "", **counted: Any) -> StockDocument:
    return book_count(
        location=shop.s1,
        counted={shop.variants[sku].pk: Decimal(str(q)) for sku, q in counted.items()},
        reference=reference,
        counted_at=at or timezone.now(),
        actor="test",
    )


def test_the_difference_is_booked_and_what_agrees_is_not(shop):
    document = count(shop, A=8, B=10, C=13)
    assert [shop.stock(sku).on_hand for sku in "ABC"] == [8, 10, 13]
    moves = StockMovement.objects.filter(cause_id=document.number, kind="count")
    assert sorted(moves.values_list("quantity", flat=True)) == [2, 3]
    assert [o.check.name for o in reconcile() if o.differences] == []


def test_what_moved_since_the_count_is_taken_into_account(shop):
    # given: ten lay there at the time of counting, five came in since
    counted_at = timezone.now()
    shop.receive(shop.s1, A=5)

    # when
    count(shop, at=counted_at, A=9)

    # then: one was missing
    assert shop.stock("A").on_hand == 14

    # when the same count is booked again
    count(shop, at=counted_at, A=9)

    # then nothing more is missing
    assert shop.stock("A").on_hand == 14


def test_a_reference_is_booked_once(shop):
    assert count(shop, reference="x", A=8) == count(shop, reference="x", A=5)
    assert shop.stock("A").on_hand == 8


def test_a_count_below_what_was_promised_asks_the_store_to_look_and_ends_older_tasks(shop):
    # given
    shop.post("orders/", shop.order_body(("A", 6)))
    old = StoreTask.objects.create(
        location=shop.s1,
        kind="count_short",
        variant=shop.variants["B"],
        cause_type="x",
        cause_id="1",
        raised_at=timezone.now() - dt.timedelta(hours=1),
    )

    # when
    count(shop, A=2, B=10)

    # then
    level = shop.stock("A")
    assert (level.on_hand, level.reserved, level.oversold) == (2, 6, 4)
    assert StoreTask.objects.open().get().variant == shop.variants["A"]
    old.refresh_from_db()
    assert old.done_by == "test"


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def load(client, content: str, location: str = "S1") -> Import:
    answer = client.post(
        "/imports/new/stock-count/", {"file": SimpleUploadedFile("telling.csv", content.encode()), "location": location}
    )
    assert answer.status_code == 302, answer.content.decode()
    return check(client, Import.objects.latest("pk"))


def test_the_own_store_is_chosen_already(shop):
    manager = browser(person("Hanneke Smit", "store_manager", location=shop.s1))
    assert '<option value="S1" selected>' in manager.get("/imports/new/stock-count/").content.decode()


def test_a_count_comes_from_a_file(shop):
    # given
    manager = browser(person("Hanneke Smit", "store_manager", location=shop.s1))
    upload = load(manager, "Artikel;Aantal;Schap\na;8;A-1\nB;10;\nX;4;\nC;1,5;\n")
    assert upload.counts == {"new": 0, "changed": 1, "unchanged": 1, "error": 2}
    assert StockLevel.objects.get(variant__sku="A", location=shop.s1).on_hand == 10

    # when
    upload = book(manager, upload, valid=True)

    # then
    assert shop.stock("A").on_hand == 8
    assert upload.link == StockDocument.objects.get(kind="count").get_absolute_url()
    assert manager.get(upload.link).status_code == 200
    assert "Counted" in manager.get(f"{upload.link}?part=audit").content.decode()  # why it was booked
    assert PlaceLevel.objects.get(place__code="A-1").quantity == 8


def test_nobody_counts_in_a_store_that_is_not_theirs(shop):
    manager = browser(person("Hanneke Smit", "store_manager", location=shop.s1))
    data = {"file": SimpleUploadedFile("t.csv", b"sku;aantal\nA;1\n"), "location": "S2"}
    assert manager.post("/imports/new/stock-count/", data).status_code == 422
    assert not Import.objects.exists()


def test_a_store_that_was_lost_since_is_not_counted(shop):
    # given
    user = person("Hanneke Smit", "store_manager", location=shop.s1)
    client = browser(user)
    upload = load(client, "sku;aantal\nA;8\n")

    # when: the manager moves to another store
    user.assignments.update(location=shop.s2)
    book(client, upload)

    # then
    assert upload.job.__class__.objects.get(pk=Import.objects.get().job_id).state == "failed"
    assert shop.stock("A").on_hand == 10
