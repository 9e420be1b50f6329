"""CSV as we write it, for people and for programs: no one file suits both.

For people: what a Dutch spreadsheet opens as it should (semicolons, decimal comma, a byte-order mark). For programs:
commas, decimal point, moments in UTC. Text that a spreadsheet would run as a formula is defused in both.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

from django.utils import timezone

from apps.core.money import plain

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?[\d.,]+%?\Z", re.ASCII)


def csv_for_people(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Rows as a file that a Dutch spreadsheet opens as it should, line by line."""
    return chain(["\ufeff".encode()], _csv(rows, ";", _for_people))


def csv_of_cells(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Cells of a file that somebody loaded, to be mended and loaded again: a number with a sign stays one."""
    return chain(["\ufeff".encode()], _csv(rows, ";", lambda cell: cell if _NUMBER.match(cell) else defused(cell)))


def csv_for_programs(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Rows as a file that any program reads, line by line."""
    return _csv(rows, ",", _for_programs)


def defused(value: Any) -> str:
    """Text, with an apostrophe before what a spreadsheet would run. Reading our own files takes the apostrophe off again."""
    text = "" if value is None else str(value)
    return f"'{text}" if not isinstance(value, int) and text.startswith(_FORMULA) else text


def _csv(rows: Iterable[Sequence[Any]], delimiter: str, written: Callable[[Any], str]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    for row in rows:
        writer.writerow([written(value) for value in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def _for_programs(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    return _digits(value) if isinstance(value, Decimal) else defused(value)


def _for_people(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).strftime("%d-%m-%Y %H:%M")
    if isinstance(value, dt.date):
        return value.strftime("%d-%m-%Y")
    return _digits(value).replace(".", ",") if isinstance(value, Decimal) else defused(value)


def _digits(value: Decimal) -> str:
    """Cents stay, the empty decimals of a quantity go."""
    return str(value) if value.as_tuple().exponent == -2 else plain(value)
