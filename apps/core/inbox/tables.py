"""Reading tables that others wrote: CSV files, packed or not, in the encodings that occur, without trusting them.

A file is looked through once before anything of it is used, so that one that cannot be read is refused as a whole.
"""

import codecs
import csv
import gzip
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from apps.core.errors import InvalidInput

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20
# Latin-1 gives these bytes to control characters that nobody types; they betray another encoding.
_NO_LATIN_1 = re.compile(rb"[\x80-\x9f]")


class UnreadableFile(InvalidInput):
    """The file cannot be read as a table with these columns. Nothing of it was used."""

    code = "unreadable_file"


@dataclass(frozen=True)
class Table:
    """A CSV file with known columns. `encoding` is what its bytes turned out to be."""

    path: Path
    columns: tuple[str, ...]
    encoding: str

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row with its number as a spreadsheet shows it (the header is row 1), cells in the order of `columns`.

        A row with too few or too many cells comes as it is. Reads as it goes: memory does not grow with the file.
        """
        with _opened(self.path) as binary:
            reader = csv.reader(io.TextIOWrapper(binary, encoding=self.encoding, newline=""))
            number = 0
            try:
                header = _header(reader)
                width = len(header)
                in_order = tuple(header) == self.columns
                arrange = itemgetter(*(header.index(column) for column in self.columns))
                for number, cells in enumerate(reader, start=2):
                    if not cells:
                        continue
                    yield number, cells if in_order or len(cells) != width else list(arrange(cells))
            except csv.Error as error:
                raise UnreadableFile(
                    _("Row %(row)s cannot be taken apart into cells (%(reason)s). Check its quotation marks.")
                    % {"row": number + 1, "reason": error}
                ) from error


def open_table(path: Path, *, columns: Sequence[str]) -> Table:
    """Look through a file and say how to read it; raises `UnreadableFile` with everything that is wrong with it."""
    table = Table(path, tuple(columns), _encoding_of(path))
    with _opened(path) as binary:
        try:
            found = _header(csv.reader(io.TextIOWrapper(binary, encoding=table.encoding, newline="")))
        except csv.Error as error:
            raise UnreadableFile(_("The first row cannot be taken apart into cells.")) from error
    missing = [column for column in columns if column not in found]
    unexpected = [column or '""' for column in found if column not in columns or found.count(column) > 1]
    if missing or unexpected:
        parts = []
        if missing:
            parts.append(_("missing: %(columns)s") % {"columns": ", ".join(missing)})
        if unexpected:
            parts.append(_("unexpected: %(columns)s") % {"columns": ", ".join(dict.fromkeys(unexpected))})
        raise UnreadableFile(
            _("The columns are not those of this kind of file (%(difference)s). Expected: %(columns)s.")
            % {"difference": "; ".join(parts), "columns": ", ".join(columns)},
            code="wrong_columns",
        )
    return table


def _header(reader: Iterator[list[str]]) -> list[str]:
    return [cell.strip() for cell in next(reader, [])]


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked when it is a gzip file, whatever it is called."""
    try:
        with path.open("rb") as file:
            if file.peek(2)[:2] == _GZIP:
                with gzip.open(file) as unpacked:
                    yield unpacked  # type: ignore[misc]  # a GzipFile reads bytes as any file does
            else:
                yield file
    except (OSError, EOFError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnreadableFile(
            _("%(path)s cannot be read: %(reason)s.") % {"path": path.name, "reason": reason.rstrip(".")}
        ) from error


def _encoding_of(path: Path) -> str:
    """UTF-8 when all bytes are, else Latin-1 when they can be; raises `UnreadableFile` for anything else."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf_8, strange, line = True, 0, 1
    with _opened(path) as binary:
        first = True
        while chunk := binary.read(_CHUNK):
            if first and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise UnreadableFile(_("The file is in UTF-16. Save it as CSV in UTF-8."), code="wrong_encoding")
            first = False
            if (at := chunk.find(b"\x00")) >= 0:
                raise UnreadableFile(
                    _("Line %(line)s holds a null byte, so this is no text. Save the file as CSV in UTF-8.")
                    % {"line": line + chunk.count(b"\n", 0, at)},
                    code="wrong_encoding",
                )
            if is_utf_8:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    is_utf_8 = False
            if not strange and (found := _NO_LATIN_1.search(chunk)):
                strange = line + chunk.count(b"\n", 0, found.start())
            line += chunk.count(b"\n")
    if is_utf_8:
        try:
            decoder.decode(b"", final=True)
            return "utf-8-sig"
        except UnicodeDecodeError:
            is_utf_8 = False
    if strange:
        raise UnreadableFile(
            _("Line %(line)s is neither UTF-8 nor Latin-1. Save the file as CSV in UTF-8.") % {"line": strange},
            code="wrong_encoding",
        )
    return "latin-1"
