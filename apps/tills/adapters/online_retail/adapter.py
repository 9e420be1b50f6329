"""The adapter: how the file's rows become invoices, and what a first look through it finds."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson

from apps.core.inbox.documents import Defect, Flaw
from apps.core.inbox.tables import Table
from apps.core.money import ZERO
from apps.tills.adapters.online_retail import reading
from apps.tills.adapters.online_retail.cells import priced
from apps.tills.adapters.online_retail.codes import article_of
from apps.tills.documents import RawInvoice, ReadInvoice, Survey

# Rows of one invoice stand together, but for a few that others interrupt; so many invoices later it counts as complete.
OPEN_INVOICES = 200


class OnlineRetail:
    """Pounds, London time, VAT unknown; invoices, credit notes (C…) and adjustments (A…) in one table."""

    name = "online-retail"
    channel = "uci-online-retail"
    channel_name = "Online Retail (UCI)"
    country = "GB"
    currency = "GBP"
    time_zone = "Europe/London"
    columns: tuple[str, ...] = reading.COLUMNS
    credit = "Chen, D. (2015). Online Retail. UCI Machine Learning Repository. doi:10.24432/C5BW33. CC BY 4.0."

    def survey(self, table: Table) -> Survey:
        """Count rows and add up their money, apart from any booking; an article is called as most of its paid rows say."""
        rows, amount, unreadable = 0, ZERO, 0
        names: Counter[tuple[str, str]] = Counter()
        for _number, cells in table.rows():
            rows += 1
            row = priced(cells[3], cells[5]) if len(cells) == reading.WIDTH else None
            if row is None or row.amount is None:
                unreadable += 1
                continue
            amount += row.amount
            if row.amount:
                names[cells[1], cells[2]] += 1
        return Survey(rows, amount, unreadable, _most_frequent(names))

    def invoices(self, table: Table) -> Iterator[RawInvoice]:
        """Group rows by invoice number, in the order of the file; memory holds `OPEN_INVOICES` at most."""
        still_open: dict[str, RawInvoice] = {}
        current: RawInvoice | None = None
        for number, cells in table.rows():
            key = cells[0].strip() if len(cells) == reading.WIDTH else ""
            if current is None or key != current.number or not key:
                if not key:
                    yield RawInvoice("", [(number, cells)])
                    continue
                current = still_open.get(key)
                if current is None:
                    current = still_open[key] = RawInvoice(key)
                    if len(still_open) > OPEN_INVOICES:
                        yield still_open.pop(next(iter(still_open)))
            current.rows.append((number, cells))
        yield from still_open.values()

    def read(self, raw: RawInvoice) -> ReadInvoice:
        return reading.read(raw)

    def set_apart(self, raw: RawInvoice, flaw: Flaw, value: str, **params: str) -> list[Defect]:
        """A defect for each row of an invoice that cannot be booked at all."""
        return [reading.defect(number, cells, flaw, reading.COLUMNS[0], value, params) for number, cells in raw.rows]

    def fingerprint(self, raw: RawInvoice) -> str:
        """A digest of the cells, wherever in the file they stand."""
        return hashlib.sha256(orjson.dumps([cells for _number, cells in raw.rows])).hexdigest()

    def body(self, raw: RawInvoice) -> Any:
        """The rows with their numbers, as they came."""
        return {"rows": [[number, *cells] for number, cells in raw.rows]}


def _most_frequent(names: Counter[tuple[str, str]]) -> dict[str, str]:
    """{SKU: the text most of its rows have}; of equally frequent texts the one that comes first in the file."""
    best: dict[str, tuple[int, str]] = {}
    merged: Counter[tuple[str, str]] = Counter()
    for (code, text), times in names.items():
        sku, not_goods = article_of(code.strip())
        if not_goods is None and (name := " ".join(text.split())):
            merged[sku, name] += times
    for (sku, name), times in merged.items():
        if times > best.get(sku, (0, ""))[0]:
            best[sku] = (times, name)
    return {sku: name for sku, (_times, name) in best.items()}
