"""Products and prices from a file: what it would change, what it changes, and what it never does."""

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.catalogue.models import Category, Gtin, Price, PriceList, Product, Variant
from apps.core.audit.models import Change
from apps.core.models import Event
from apps.portal.importing.models import Import, ImportRow
from apps.portal.importing.services import forget_expired
from tests.portal.importing.conftest import book, check, run_jobs

HEAD = "sku;product;naam;merk;btw;ean;prijs\n"


@pytest.fixture
def price_list(shop) -> str:
    return PriceList.objects.get().code


def found(upload: Import) -> dict[int, str]:
    return dict(upload.rows.values_list("number", "outcome"))


def problems(upload: Import, number: int) -> list[dict[str, str]]:
    return upload.rows.select_related("upload").get(number=number).problems_in_words()


def test_a_file_is_checked_first_and_changes_nothing_by_that(shop, load, price_list):
    # when
    upload = load(HEAD + "A;;Appel;;;;11,50\nNEW;;Nieuw;Merk;hoog;8710000000017;5\nB;;;;;;10\n", price_list=price_list)

    # then
    assert upload.counts == {"new": 1, "changed": 1, "unchanged": 1, "error": 0}
    assert found(upload) == {2: "changed", 3: "new"}
    changed = upload.rows.get(number=2).differences_in_words()
    assert [(d["label"], d["new"]) for d in changed][-1][1] in {"€11.50", "€\xa011,50"}
    assert not Variant.objects.filter(sku="NEW").exists()
    assert Price.objects.filter(variant=shop.variants["A"]).count() == 1


def test_booking_does_what_the_check_said_and_twice_the_same_changes_nothing(shop, mine, load, price_list):
    # given
    content = HEAD + "A;;Appel;;;;11,50\nNEW;;Nieuw;Merk;laag;8710000000017;5\n"
    events = Event.objects.count()

    # when
    upload = book(mine, load(content, price_list=price_list))

    # then
    assert (upload.state, upload.counts["new"], upload.counts["changed"]) == ("booked", 1, 1)
    new = Variant.objects.get(sku="NEW")
    assert (new.product.code, new.product.brand, new.product.vat_class) == ("NEW", "Merk", "reduced")
    assert Gtin.objects.get(variant=new).code == "08710000000017"
    assert Price.objects.get(variant=new).amount == 5
    assert Price.objects.filter(variant=shop.variants["A"]).latest("valid_from").amount == Decimal("11.50")
    assert Product.objects.get(code=shop.variants["A"].product.code).texts.get(locale="nl").name == "Appel"
    assert Event.objects.count() > events

    # when
    again = load(content, price_list=price_list)

    # then
    assert again.counts == {"new": 0, "changed": 0, "unchanged": 2, "error": 0}
    assert mine.post(f"/imports/{again.key}/book/").status_code == 409
    assert mine.post(f"/imports/{upload.key}/book/").status_code == 409


def test_variants_of_one_product_come_in_one_file(shop, mine, load):
    upload = book(mine, load(HEAD + "S-1;S;Sok;Wolmer;;;\nS-2;S;;;;;\n"))
    assert upload.counts["new"] == 2
    assert sorted(Product.objects.get(code="S").variants.values_list("sku", flat=True)) == ["S-1", "S-2"]
    upload = book(mine, load(HEAD + "S-3;S;;;;;\n"))
    assert Product.objects.get(code="S").variants.count() == 3


def test_each_error_names_row_column_value_reason_and_mend(shop, load, price_list):
    # given
    Gtin.objects.create(variant=shop.variants["B"], code="08710000000024")
    rows = [
        "A;;;;;;twaalf",
        "B;;;;;;12.50",
        "C;;;;;8710000000018;",
        "X1;;;;;;5",
        "X2;;Naam;;kwart;;5",
        ";;Naam;;;;5",
        "X3;;Naam;;;8,71E+12;5",
        "X4;;Naam;;;8710000000024;5",
        "X5;;Naam;;;;-5",
        "X6;;Naam;;;;5,00",
        "X6;;Naam;;;;5,00",
        f"X7;;{'n' * 161};;;;5",
        "X8;;Naam;;;;5,12345",
        "X9;;#N/A;;;;5",
    ]

    # when
    upload = load(HEAD + "\n".join(rows), price_list=price_list)

    # then
    said = {}
    for row in upload.rows.filter(outcome="error"):
        row.upload = upload
        for problem in row.problems_in_words():
            assert all(problem[part] for part in ("column", "reason", "mend"))
            said[row.number] = (problem["column"], problem["value"])
    assert {number: column for number, (column, _value) in said.items()} == {
        2: said[2][0],
        3: said[2][0],
        4: "GTIN",
        5: said[13][0],
        6: said[6][0],
        7: "SKU",
        8: "GTIN",
        9: "GTIN",
        10: said[2][0],
        12: "SKU",
        13: said[13][0],
        14: said[2][0],
        15: said[13][0],
    }
    assert said[2][1] == "twaalf"
    assert upload.counts["error"] == 13
    assert upload.counts["new"] == 1


def test_rows_of_a_product_may_not_contradict_each_other(shop, load):
    upload = load(HEAD + "S-1;S;Sok;Wolmer;;;\nS-2;S;Sok;Ander;;;\n")
    assert upload.counts == {"new": 1, "changed": 0, "unchanged": 0, "error": 1}


def test_a_file_with_errors_is_booked_without_them_only(shop, mine, load, price_list):
    # given
    upload = load(HEAD + "A;;;;;;12\nB;;;;;;x\n", price_list=price_list)
    assert mine.post(f"/imports/{upload.key}/book/").status_code == 409

    # when
    upload = book(mine, upload, valid=True)

    # then
    assert upload.state == "booked"
    assert Price.objects.filter(variant=shop.variants["A"]).count() == 2
    assert Price.objects.filter(variant=shop.variants["B"]).count() == 1

    # and the wrong rows come back as a file that can be mended and loaded again
    answer = mine.get(f"/imports/{upload.key}/rejected/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    head, row = text.strip().split("\r\n")
    assert head.startswith("sku;product;naam;merk;btw;ean;prijs;")
    assert row.startswith("B;;;;;;x;3;")
    mended = load(text.replace(";x;", ";13;").encode("utf-8-sig"), price_list=price_list)
    assert mended.counts == {"new": 0, "changed": 1, "unchanged": 0, "error": 0}


def test_what_became_wrong_since_the_check_books_nothing(shop, mine, load, price_list):
    # given: a file that was right
    upload = load(HEAD + "NEW;;Nieuw;;;8710000000017;5\nA;;;;;;12\n", price_list=price_list)
    assert upload.counts["error"] == 0

    # when: meanwhile the bar code goes to another
    Gtin.objects.create(variant=shop.variants["C"], code="08710000000017")
    book(mine, upload)

    # then: not half of it
    upload.refresh_from_db()
    assert (upload.state, upload.job.state) == ("checked", "failed")
    assert not Variant.objects.filter(sku="NEW").exists()
    assert Price.objects.filter(variant=shop.variants["A"]).count() == 1


def test_prices_of_a_later_day_hold_from_then(shop, mine, load, price_list):
    # given
    day = timezone.localdate() + dt.timedelta(days=10)
    content = "sku;prijs\nA;9,95\n"

    # when
    book(mine, load(content, price_list=price_list, valid_from=day.isoformat()))

    # then
    assert timezone.localdate(Price.objects.latest("valid_from").valid_from) == day
    assert load(content, price_list=price_list, valid_from=day.isoformat()).counts["unchanged"] == 1
    other = load("sku;prijs\nA;8,95\n", price_list=price_list, valid_from=day.isoformat())
    assert other.counts["error"] == 1


def test_a_price_without_a_list_is_wrong(shop, load):
    assert load("sku;prijs\nA;9,95\n").counts["error"] == 1


def test_a_spreadsheet_is_as_good_as_a_csv(shop, mine, load, price_list):
    # given
    book_ = openpyxl.Workbook()
    for row in (["SKU", "Prijs"], ["A", 12.95], ["B", 10]):
        book_.active.append(row)
    buffer = io.BytesIO()
    book_.save(buffer)

    # when
    upload = book(mine, load(buffer.getvalue(), name="prijzen.xlsx", price_list=price_list))

    # then
    assert upload.counts == {"new": 0, "changed": 1, "unchanged": 1, "error": 0}
    assert Price.objects.latest("valid_from").amount == Decimal("12.95")


def test_the_choice_of_columns_is_remembered(shop, mine, load, price_list):
    # given: a header nobody could guess
    content = "sku;foo\nA;12\n"
    upload = load(content, price_list=price_list)
    assert upload.mapping == {"sku": "sku"}

    # when
    check(mine, upload, column_price="foo")

    # then
    assert load(content, price_list=price_list).counts["changed"] == 1


def test_a_category_must_exist(shop, load):
    Category.objects.create(code="sokken", name="Sokken")
    assert load("sku;categorie\nA;sokken\nB;broeken\n").counts == {"new": 0, "changed": 1, "unchanged": 0, "error": 1}


def test_a_file_of_many_rows_takes_the_same_number_of_queries_a_batch(shop, load, django_assert_max_num_queries):
    def queries(count: int) -> int:
        rows = "".join(f"N{count}-{n};;Naam {n};;;;\n" for n in range(count))
        with django_assert_max_num_queries(400) as seen:
            load(HEAD + rows)
        return len(seen)

    queries(1)  # the choice of columns is remembered by now
    assert queries(5) == queries(300)


def test_rows_are_forgotten_with_the_file(shop, load):
    upload = load("sku;naam\nA;Appel\n")
    place = upload.file.path
    assert forget_expired() == 0
    Import.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert forget_expired() == 1
    assert not ImportRow.objects.exists()
    assert not Path(place).exists()


def test_what_a_file_adds_is_written_down_under_the_name_of_who_booked_it(shop, me, mine, load):
    # given two new products of one file, of which the second one was planned when the first one was there
    upload = load("sku;naam;ean;prijs\nN-1;Een;8712345678906;12,50\nN-2;Twee;;8,00\n", price_list="nl")
    # when
    mine.post(f"/imports/{upload.key}/book/")
    run_jobs()
    # then each bar code and price is in the trail of its product
    made = Change.objects.filter(kind="insert").order_by("table", "object_key")
    assert [(c.table, c.object_key, c.actor, c.source) for c in made] == [
        ("catalogue_gtin", "N-1", f"user:{me.pk}", "import"),
        ("catalogue_price", "N-1", f"user:{me.pk}", "import"),
        ("catalogue_price", "N-2", f"user:{me.pk}", "import"),
    ]
    assert made[0].fields["code"] == [None, "08712345678906"]
    assert made[1].fields["amount"] == [None, 12.5]


def test_the_number_of_statements_does_not_depend_on_how_many_products_are_new(shop, mine, load):
    def statements(count: int) -> int:
        lines = [f"{count}-{n};Naam {n};5,00" for n in range(count)]
        upload = load("sku;naam;prijs\n" + "\n".join(lines), price_list="nl")
        mine.post(f"/imports/{upload.key}/book/")
        with CaptureQueriesContext(connection) as seen:
            run_jobs()
        return len(seen)

    assert statements(3) == statements(300)
