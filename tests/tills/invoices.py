"""Small files of invoices for tests, and what they came to in the books."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import apps

from apps.core.reconcile import reconcile
from apps.tills.adapters.online_retail import OnlineRetail
from apps.tills.services.importing import Imported, import_invoices

COLUMNS = OnlineRetail.columns
SAMPLE = Path("apps/tills/samples/online_retail_sample.csv")
CHANNEL = "uci-online-retail"


def row(
    invoice: str,
    code: str = "85123A",
    quantity: Any = 1,
    price: Any = "2.50",
    *,
    at: str = "2011-01-04 10:00:00",
    customer: str = "17850.0",
    text: str = "WHITE HANGING HEART",
    country: str = "United Kingdom",
) -> list[str]:
    return [invoice, code, text, str(quantity), at, str(price), customer, country]


def write(
    path: Path, rows: Sequence[Sequence[str]], *, header: Sequence[str] = COLUMNS, encoding: str = "utf-8"
) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return path


def import_rows(tmp_path: Path, *rows: Sequence[str], **options: Any) -> Imported:
    return import_invoices(write(tmp_path / "invoices.csv", rows), adapter=OnlineRetail(), **options)


def row_counts() -> dict[str, int]:
    """How many rows every table of ours holds."""
    return {model._meta.db_table: model._default_manager.count() for model in apps.get_models()}


def ledgers_that_differ() -> list[str]:
    """Names of the projections that do not equal their ledgers, once every subscriber has read on."""
    return [outcome.check.name for outcome in reconcile() if outcome.differences or outcome.behind]
