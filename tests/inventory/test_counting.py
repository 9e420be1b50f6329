"""Counts: the difference is booked, whatever happened since; and from a file."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.dateparse import parse_datetime

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


READ = {"encoding": "utf-8-sig", "separator": ";", "decimal": ","} | {"column_code": "sku", "column_counted": "aantal"}


def load(client, content: str, location: str = "S1") -> Import:
    answer = client.post("/imports/new/stock-count/", {"file": SimpleUploadedFile("telling.csv", content.encode())})
    assert answer.status_code == 302, answer.content.decode()
    return check(client, Import.objects.latest("pk"), location=location)


def test_the_own_store_is_chosen_already(shop):
    manager = browser(person("Hanneke Smit", "store_manager", location=shop.s1))
    file = SimpleUploadedFile("telling.csv", b"sku;aantal\nA;8\n")
    page = manager.post("/imports/new/stock-count/", {"file": file}, follow=True)
    assert '<option value="S1" selected>' in page.content.decode()


def test_a_count_without_a_location_asks_for_it_and_keeps_the_file(shop):
    # given somebody who works in no store
    office = browser(person("Mirjam Vos", "head_office"))
    page = office.post(
        "/imports/new/stock-count/", {"file": SimpleUploadedFile("telling.csv", b"sku;aantal\nA;8\n")}, follow=True
    )
    address = page.redirect_chain[-1][0]
    # when
    answer = office.post(address, READ | {"location": "", "counted_at": "2026-01-02T10:30"})
    # then all is there still but what was missing
    assert answer.status_code == 422
    assert 'id="id_location_error"' in answer.content.decode()
    assert 'value="2026-01-02T10:30"' in answer.content.decode()
    assert "<td>A</td>" in answer.content.decode()
    # and once it is there, the same file is checked
    assert office.post(address, READ | {"location": "S1", "counted_at": "2026-01-02T10:30"}).status_code == 302
    upload = Import.objects.get()
    assert upload.options["location"] == "S1"


def test_what_goes_for_a_file_is_asked_again_as_it_was(shop):
    office = browser(person("Mirjam Vos", "head_office"))
    upload = load(office, "sku;aantal\nA;8\n")
    kept = timezone.localtime(parse_datetime(upload.options["counted_at"]))
    # when it is read otherwise
    page = office.get(f"/imports/{upload.key}/reading/").content.decode()
    assert '<option value="S1" selected>' in page
    assert f'value="{kept:%Y-%m-%dT%H:%M}"' in page
    # and what is filled in stays while the columns are looked at again
    look = {"encoding": "utf-8-sig", "separator": ",", "decimal": ",", "look": "1", "location": "S2", "counted_at": ""}
    page = office.post(f"/imports/{upload.key}/reading/", look).content.decode()
    assert '<option value="S2" selected>' in page


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
    upload = load(manager, "sku;aantal\nA;8\n")
    assert manager.post(f"/imports/{upload.key}/reading/", READ | {"location": "S2"}).status_code == 422
    upload.refresh_from_db()
    assert upload.options["location"] == "S1"


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
