"""Reading sheets that people made: encodings, separators, numbers, and files that are none."""

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from apps.core.inbox.sheets import Reading, guess_reading, header_of, rows_of
from apps.core.inbox.tables import UnreadableFile


@pytest.fixture
def write(tmp_path: Path):
    def write(content: bytes) -> Path:
        path = tmp_path / "file"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize(
    ("content", "encoding", "separator", "decimal"),
    [
        ("sku;naam;prijs\nA;Één;12,50\n".encode(), "utf-8-sig", ";", ","),
        ("\ufeffsku;naam;prijs\nA;Één;12,50\n".encode(), "utf-8-sig", ";", ","),
        ("sku;naam;prijs\nA;Één €;12,50\n".encode("cp1252"), "cp1252", ";", ","),
        (b"sku,name,price\nA,One,12.50\n", "utf-8-sig", ",", "."),
        (b'sku,name,price\nA,"One, two","12,50"\n', "utf-8-sig", ",", ","),
        ("sku\tnaam\tprijs\nA\tÉén\t12,50\n".encode("utf-16"), "utf-16", "\t", ","),
        (b"sku|price\nA|1,234.50\nB|1.5\n", "utf-8-sig", "|", "."),
    ],
)
def test_how_a_file_is_read_is_guessed(write, content, encoding, separator, decimal):
    path = write(content)
    reading = guess_reading(path)
    assert (reading.encoding, reading.separator, reading.decimal) == (encoding, separator, decimal)
    assert header_of(path, reading)[0] == "sku"
    assert next(rows_of(path, reading)).cells[0] == "A"


def test_rows_go_by_the_number_a_spreadsheet_shows(write):
    path = write(b"\nsku;n\n\nA;1\n;\nB;2\n")
    assert [(line.number, line.cells) for line in rows_of(path, guess_reading(path))] == [
        (4, ["A", "1"]),
        (6, ["B", "2"]),
    ]


def test_a_spreadsheet_gives_numbers_without_a_guess(write):
    # given
    book = openpyxl.Workbook()
    book.active.title = "Prijzen"
    book.active.append(["sku", "ean", "prijs"])
    book.active.append([1001, 8710000000010, 12.95])
    book.active.append(["=1+1", "0012", 0.1 + 0.2])
    buffer = io.BytesIO()
    book.save(buffer)
    path = write(buffer.getvalue())

    # when
    reading = guess_reading(path)
    rows = [line.cells for line in rows_of(path, reading)]

    # then
    assert (reading.format, reading.sheet) == ("xlsx", "Prijzen")
    assert rows[0] == [Decimal(1001), Decimal(8710000000010), Decimal("12.95")]
    assert rows[1][1:] == ["0012", Decimal("0.3")]


@pytest.mark.parametrize(
    "content",
    [b"", b"  \n ", b"\x00\x01\x02binary\x00", b"PK\x03\x04 not really", b"PK\x03\x04"],
)
def test_what_is_no_table_is_refused_in_words(write, content):
    with pytest.raises(UnreadableFile):
        guess_reading(write(content))


def test_a_zip_that_is_no_spreadsheet_is_refused(write):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("letter.txt", "dear")
    with pytest.raises(UnreadableFile):
        guess_reading(write(buffer.getvalue()))


def test_a_spreadsheet_that_unpacks_to_too_much_is_refused(write, monkeypatch):
    monkeypatch.setattr("apps.core.inbox.sheets.UNPACKED_AT_MOST", 100_000)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000)
    with pytest.raises(UnreadableFile):
        guess_reading(write(buffer.getvalue()))


def test_a_file_in_another_encoding_than_chosen_says_so(write):
    path = write("sku;naam\nA;Één\n".encode("cp1252"))
    with pytest.raises(UnreadableFile):
        list(rows_of(path, Reading(encoding="utf-8-sig")))


def test_the_apostrophe_of_our_own_files_comes_off_again(write):
    path = write(b"sku;naam\nA;'=SUM(A1)\nB;'t Hooft\n")
    assert [line.cells[1] for line in rows_of(path, guess_reading(path))] == ["=SUM(A1)", "'t Hooft"]
