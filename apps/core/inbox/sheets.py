"""Sheets that people made: CSV as spreadsheets save it, and XLSX. How to read one is guessed, shown, and can be changed.

A sheet is read as it goes: memory holds one row, whatever the size of the file.
"""

import codecs
import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from apps.core.inbox.tables import UnreadableFile

Cell = str | Decimal
"""Text, or a number of a spreadsheet, which needs no guess about its decimal mark."""

ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "latin-1": "Latin-1", "utf-16": "UTF-16"}
SEPARATORS = {";": ";", ",": ",", "\t": "tab", "|": "|"}
DECIMAL_MARKS = {",": "12,50", ".": "12.50"}
UNPACKED_AT_MOST = 400 * 1024 * 1024  # bytes of an XLSX file
WIDEST = 200  # columns
_BROKEN = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, SyntaxError, EOFError)
_LOOK_AT = 256 * 1024
_PACKED = b"PK\x03\x04"
_COMMA_DECIMAL, _POINT_DECIMAL = re.compile(r"^-?[\d.]*\d,\d{1,4}$"), re.compile(r"^-?[\d,]*\d\.\d{1,4}$")
_FORMULA_FIRST = "=+-@\t\r"


@dataclass(frozen=True)
class Reading:
    """How a sheet is read. `sheet` is the name of the worksheet of an XLSX file, empty for CSV."""

    format: str = "csv"
    encoding: str = "utf-8-sig"
    separator: str = ";"
    decimal: str = ","
    sheet: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Line:
    """One row under the header, with its number as a spreadsheet shows it."""

    number: int
    cells: list[Cell]


def guess_reading(path: Path) -> Reading:
    """How a file wants to be read. Raises `UnreadableFile` for what is no table at all."""
    with path.open("rb") as file:
        start = file.read(_LOOK_AT)
    if not start.strip():
        raise UnreadableFile(_("The file is empty. Choose one with a header row and rows below it."), code="empty_file")
    if start.startswith(_PACKED):
        return Reading(format="xlsx", sheet=sheets_of(path)[0])
    encoding = _encoding_of(path, start)
    text = start.decode(encoding, errors="ignore")
    separator = _separator_of(text)
    return Reading("csv", encoding, separator, _decimal_of(text, separator))


def sheets_of(path: Path) -> list[str]:
    """The names of the worksheets of an XLSX file."""
    with _book(path) as book:
        return list(book.sheetnames)


def header_of(path: Path, reading: Reading) -> list[str]:
    """The words of the first row that has any, which name the columns. Raises `UnreadableFile` without one."""
    for line in _lines(path, reading):
        header = [shown(cell).strip() for cell in line.cells]
        if any(header):
            if len(header) > WIDEST:
                raise UnreadableFile(
                    _("The file has more than %(count)s columns. Is the separator right?") % {"count": WIDEST}
                )
            while header and not header[-1]:
                header.pop()
            return header
    raise UnreadableFile(_("The file has no header row."), code="empty_file")


def rows_of(path: Path, reading: Reading) -> Iterator[Line]:
    """The rows under the header; those without any content are passed over."""
    header_seen = False
    for line in _lines(path, reading):
        if not any(shown(cell).strip() for cell in line.cells):
            continue
        if header_seen:
            yield line
        header_seen = True


def shown(cell: Cell) -> str:
    """A cell as text."""
    return cell if isinstance(cell, str) else f"{cell:f}"


def _lines(path: Path, reading: Reading) -> Iterator[Line]:
    return _lines_of_xlsx(path, reading) if reading.format == "xlsx" else _lines_of_csv(path, reading)


def _lines_of_csv(path: Path, reading: Reading) -> Iterator[Line]:
    number = 0
    with path.open("rb") as binary, io.TextIOWrapper(binary, encoding=reading.encoding, newline="") as text:
        reader = csv.reader(_without_nulls(text), delimiter=reading.separator)
        try:
            for number, cells in enumerate(reader, start=1):
                yield Line(number, [_meant(cell) for cell in cells])
        except csv.Error as error:
            raise UnreadableFile(
                _("Row %(row)s cannot be taken apart into cells. Check its quotation marks.") % {"row": number + 1}
            ) from error
        except UnicodeError as error:
            raise UnreadableFile(
                _("Row %(row)s or one after it is not in %(encoding)s. Choose another encoding.")
                % {"row": number + 1, "encoding": ENCODINGS.get(reading.encoding, reading.encoding)},
                code="wrong_encoding",
            ) from error


def _without_nulls(text: IO[str]) -> Iterator[str]:
    for line in text:
        if "\x00" in line:
            raise UnreadableFile(
                _("The file holds null bytes, so this is no text. Save it as CSV in UTF-8, or as XLSX."),
                code="wrong_encoding",
            )
        yield line


def _meant(cell: str) -> str:
    """A cell without the apostrophe that our own files put before what a spreadsheet would take for a formula."""
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in _FORMULA_FIRST else cell


@contextmanager
def _book(path: Path) -> Iterator[Any]:
    """An XLSX file, read as it goes."""
    import openpyxl  # takes a third of a second to load, which no process that reads none need wait for

    unreadable = _("This is no XLSX file that can be read. Save it again, or save it as CSV in UTF-8.")
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as packed:
                unpacked = sum(part.file_size for part in packed.infolist())
            if unpacked > UNPACKED_AT_MOST:
                raise UnreadableFile(
                    _("The file is too large once unpacked. Save it as CSV in UTF-8."), code="too_large"
                )
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except _BROKEN as error:
            raise UnreadableFile(unreadable) from error
        try:
            yield book
        finally:
            book.close()


def _lines_of_xlsx(path: Path, reading: Reading) -> Iterator[Line]:
    with _book(path) as book:
        if reading.sheet not in book.sheetnames:
            raise UnreadableFile(_("The file has no sheet called %(sheet)s.") % {"sheet": reading.sheet})
        try:
            rows = book[reading.sheet].iter_rows(values_only=True, max_col=WIDEST + 1)
            for number, values in enumerate(rows, start=1):
                yield Line(number, _without_end([_as_cell(value) for value in values]))
        except _BROKEN as error:
            raise UnreadableFile(_("The sheet cannot be read to its end. Save it again, or save it as CSV.")) from error


def _without_end(cells: list[Cell]) -> list[Cell]:
    """The cells up to the last that holds something: a sheet gives every row the width of all."""
    while cells and cells[-1] == "":
        cells.pop()
    return cells


def _as_cell(value: Any) -> Cell:
    """What a cell of a spreadsheet says: numbers as they are shown (15 digits), days as 2026-11-21."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(f"{value:.15g}")
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    return str(value)


def _encoding_of(path: Path, start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in start:
        raise UnreadableFile(
            _("The file holds null bytes, so this is no text. Save it as CSV in UTF-8, or as XLSX."),
            code="wrong_encoding",
        )
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_LOOK_AT):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"  # what a Dutch or English Windows writes when nobody asks
    return "utf-8-sig"


def _separator_of(text: str) -> str:
    """The separator that cuts the first lines into the most, equally many, cells."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if len(lines) > 1 and len(text) >= _LOOK_AT:
        lines = lines[:-1]

    def score(separator: str) -> tuple[int, int]:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=separator)]
        width, times = Counter(widths).most_common(1)[0] if widths else (1, 0)
        return (times if width > 1 else 0, width)

    return max(SEPARATORS, key=score)


def _decimal_of(text: str, separator: str) -> str:
    """The decimal mark of most numbers; a comma, as people here write, when none has one."""
    seen: Counter[str] = Counter()
    for cells in islice(csv.reader(text.splitlines(), delimiter=separator), 1, 500):
        for cell in cells:
            seen[","] += bool(_COMMA_DECIMAL.match(cell.strip()))
            seen["."] += bool(_POINT_DECIMAL.match(cell.strip()))
    return "." if seen["."] > seen[","] else ","
