"""Files that others made: encodings, packing, columns, and what is no table at all."""

import gzip
import io
import random

import pytest
from django.core.management import CommandError, call_command

from apps.core.inbox.tables import UnreadableFile, open_table
from apps.core.models import InboxDocument
from apps.orders.models import OrderCharge
from apps.tills.adapters.online_retail import OnlineRetail
from apps.tills.services.importing import import_invoices
from tests.tills.invoices import COLUMNS, import_rows, row, write

POUND = row("536365", "gift_0001_10", text="Gift Voucher £10.00")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_a_pound_sign_survives(db, tmp_path, encoding):
    # given
    path = write(tmp_path / "a.csv", [POUND], encoding=encoding)
    # when
    call_command("import_sales", str(path), adapter="online-retail", stdout=io.StringIO(), stderr=io.StringIO())
    # then
    assert OrderCharge.objects.get().description == "Gift Voucher £10.00"


def test_a_packed_file_is_unpacked_whatever_it_is_called(tmp_path):
    plain = write(tmp_path / "a.csv", [row("1"), row("2")])
    packed = tmp_path / "b.csv"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(open_table(packed, columns=COLUMNS).rows()) == list(open_table(plain, columns=COLUMNS).rows())
    assert [number for number, _cells in open_table(packed, columns=COLUMNS).rows()] == [2, 3]


def test_columns_may_stand_in_another_order(tmp_path):
    path = write(tmp_path / "a.csv", [row("1")[::-1]], header=COLUMNS[::-1])
    assert list(open_table(path, columns=COLUMNS).rows()) == [(2, row("1"))]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ([*COLUMNS[:3], "Qty", *COLUMNS[4:]], ["missing: Quantity", "unexpected: Qty"]),
        (COLUMNS[:6], ["missing: CustomerID, Country"]),
        ([*COLUMNS, "Notes"], ["unexpected: Notes"]),
        ([*COLUMNS, "Country"], ["unexpected: Country"]),
        ([], ["missing: InvoiceNo"]),
    ],
)
def test_wrong_columns_are_named_in_one_error(db, tmp_path, header, says):
    path = write(tmp_path / "a.csv", [row("1")], header=header)
    with pytest.raises(CommandError) as refused:
        call_command("import_sales", str(path), adapter="online-retail")
    for words in says:
        assert words in str(refused.value)
    assert InboxDocument.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        ("InvoiceNo".encode("utf-16"), "wrong_encoding", "UTF-16"),
        (b"a,b\n1,\x00\n", "wrong_encoding", "Line 2"),
        (b"a,b\n1,2\n3,\x80\x99\n", "wrong_encoding", "Line 3"),
        (gzip.compress(random.randbytes(2000).hex().encode())[:900], "unreadable_file", "a.csv"),
        (b"\x1f\x8bnonsense", "unreadable_file", "a.csv"),
    ],
    ids=["utf-16", "null byte", "windows-1252", "cut off", "no gzip"],
)
def test_what_is_no_text_is_refused(tmp_path, content, code, says):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=says) as refused:
        open_table(path, columns=("a", "b"))
    assert refused.value.code == code


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UnreadableFile, match=r"missing\.csv"):
        open_table(tmp_path / "missing.csv", columns=COLUMNS)


def test_a_quotation_mark_that_never_ends_books_nothing(db, tmp_path):
    path = write(tmp_path / "a.csv", [row("1")])
    path.write_text(path.read_text() + '2,"' + "x" * 200_000)
    with pytest.raises(UnreadableFile, match="Row 3"):
        import_invoices(path, adapter=OnlineRetail())
    assert InboxDocument.objects.count() == 0


def test_an_empty_table_is_imported_as_nothing(db, tmp_path):
    imported = import_rows(tmp_path)
    assert imported.adds_up
    assert imported.invoices == 0
