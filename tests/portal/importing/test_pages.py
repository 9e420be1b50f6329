"""The pages of an import: what is asked, shown, and refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.portal.csv_files import csv_of_cells
from apps.portal.importing.models import Import
from tests.portal.importing.conftest import check
from tests.staff import browser, person


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("content", [b"\x00\x01", b"", b"PK\x03\x04zz"])
def test_what_is_no_table_is_refused_beside_the_field(shop, mine, content):
    answer = mine.post("/imports/new/products/", {"file": SimpleUploadedFile("x.csv", content)})
    assert answer.status_code in {400, 422}
    assert 'id="id_file_error"' in text_of(answer)
    assert not Import.objects.exists()


def test_a_file_that_is_too_large_is_refused(shop, mine, monkeypatch):
    monkeypatch.setattr("apps.portal.importing.services.LARGEST", 10)
    answer = mine.post("/imports/new/products/", {"file": SimpleUploadedFile("x.csv", b"sku;naam\nA;B\n")})
    assert answer.status_code == 400
    assert not Import.objects.exists()


def test_reading_shows_the_first_rows_as_they_are_understood(shop, mine):
    # given: a file of which the separator is guessed
    mine.post("/imports/new/products/", {"file": SimpleUploadedFile("x.csv", "sku;naam\nA;Één\n".encode("cp1252"))})
    upload = Import.objects.get()
    page = text_of(mine.get(f"/imports/{upload.key}/reading/"))
    assert "<td>Één</td>" in page
    assert '<option value="cp1252" selected>' in page

    # when somebody reads it otherwise
    given = {"encoding": "cp1252", "separator": ",", "decimal": ",", "look": "1"}
    page = text_of(mine.post(f"/imports/{upload.key}/reading/", given))

    # then
    assert "<td>A;Één</td>" in page
    upload.refresh_from_db()
    assert upload.reading["separator"] == ";"


def test_a_needed_column_must_be_chosen(shop, mine):
    mine.post("/imports/new/products/", {"file": SimpleUploadedFile("x.csv", b"foo;bar\nA;B\n")})
    upload = Import.objects.get()
    answer = mine.post(f"/imports/{upload.key}/reading/", {"encoding": "utf-8-sig", "separator": ";", "decimal": ","})
    assert answer.status_code == 400
    assert 'id="id_column_sku_error"' in text_of(answer)


def test_one_column_cannot_be_two_things(shop, mine):
    mine.post("/imports/new/products/", {"file": SimpleUploadedFile("x.csv", b"sku;bar\nA;B\n")})
    given = {"encoding": "utf-8-sig", "separator": ";", "decimal": ",", "column_sku": "sku", "column_name": "sku"}
    assert mine.post(f"/imports/{Import.objects.get().key}/reading/", given).status_code == 400


def test_what_was_checked_no_longer_counts_once_it_is_read_otherwise(shop, mine, load):
    upload = load("sku;naam\nA;Appel\n")
    assert upload.state == "checked"
    upload = check(mine, upload, column_name="")
    assert upload.counts == {"new": 0, "changed": 0, "unchanged": 1, "error": 0}


def test_the_page_shows_counts_differences_and_errors(shop, mine, load):
    upload = load("sku;naam;prijs\nA;Appel;\nB;;x\n")
    page = text_of(mine.get(f"/imports/{upload.key}/"))
    assert "Write a number such as 12,50." in page
    assert f'href="/imports/{upload.key}/book-valid/"' in page
    assert f'href="/imports/{upload.key}/book/"' not in page
    page = text_of(mine.get(f"/imports/{upload.key}/?show=changed"))
    assert "<ins>Appel</ins>" in page


def test_nobody_sees_the_file_of_another(shop, mine, load):
    upload = load("sku;naam\nA;Appel\n")
    other = browser(person("Bea Smit", "head_office"))
    assert other.get(f"/imports/{upload.key}/").status_code == 404
    assert other.get(f"/imports/{upload.key}/rejected/").status_code == 404


def test_the_template_is_a_file_that_can_be_loaded(shop, mine):
    answer = mine.get("/imports/new/products/template/")
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    loaded = mine.post("/imports/new/products/", {"file": SimpleUploadedFile("t.csv", content)})
    assert loaded.status_code == 302
    assert len(Import.objects.get().mapping) == 10


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=SUM(A1)", "'=SUM(A1)"),
        ("@x", "'@x"),
        ("+31 6 1234", "'+31 6 1234"),
        ("-5", "-5"),
        ("-12,50", "-12,50"),
        ("@=1", "'@=1"),
        ("plain", "plain"),
    ],
)
def test_no_cell_of_ours_is_a_formula(text, safe):
    assert b"".join(csv_of_cells([[text]])).decode("utf-8-sig") == f"{safe}\r\n"


def test_the_list_of_imports_keeps_its_number_of_queries(shop, mine, load, django_assert_max_num_queries):
    def queries(count: int) -> int:
        for _ in range(count):
            load("sku;naam\nA;Appel\n")
        with django_assert_max_num_queries(60) as seen:
            mine.get("/imports/")
        return len(seen)

    assert queries(1) == queries(6)
