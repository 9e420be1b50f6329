import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.errors import DomainError
from apps.tills.adapters.online_retail import OnlineRetail
from apps.tills.adapters.registry import ADAPTERS
from apps.tills.documents import Adapter
from apps.tills.services.importing import Imported, import_invoices

SAMPLES = {OnlineRetail.name: Path(__file__).parents[2] / "samples" / "online_retail_sample.csv"}


class Command(BaseCommand):
    help = "Import a file of invoices as history: no points, no messages, and no stock moves unless asked for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, nargs="?", help="a .csv or .csv.gz file; without it, the sample")
        parser.add_argument("--adapter", choices=sorted(ADAPTERS), required=True, help="how to read the file")
        parser.add_argument("--channel", help="code of the channel to book in; made when it does not exist")
        parser.add_argument(
            "--with-stock", action="store_true", help="move stock too, after receipts that cover the sales"
        )

    def handle(
        self, *args: Any, path: Path | None, adapter: str, channel: str | None, with_stock: bool, **options: Any
    ) -> None:
        chosen = ADAPTERS[adapter]()
        line = ProgressLine(self.stderr) if options["verbosity"] > 0 else None
        try:
            imported = import_invoices(
                path or SAMPLES[adapter],
                adapter=chosen,
                channel_code=channel,
                with_stock=with_stock,
                progress=line.show if line else None,
            )
        except DomainError as error:
            raise CommandError(error.detail) from error
        finally:
            if line:
                line.end()
        if options["verbosity"] > 0:
            self.stdout.write("\n".join(report(imported, chosen)))
        if not imported.adds_up:
            raise CommandError("The books and the file do not add up; nothing of what was booked was undone.")


class ProgressLine:
    """One line that rewrites itself on a terminal; elsewhere a line every ten seconds."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self.on_terminal = bool(getattr(out, "isatty", lambda: False)())
        self.started = time.monotonic()
        self.shown = 0.0

    def show(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.shown < (0.2 if self.on_terminal else 10) and done < total:
            return
        self.shown = now
        pace = done / max(now - self.started, 0.001)
        text = f"{grouped(done)} of {grouped(total)} rows, {grouped(int(pace))} a second"
        self.out.write(f"\r{text}" if self.on_terminal else text, ending="" if self.on_terminal else "\n")

    def end(self) -> None:
        if self.on_terminal and self.shown:
            self.out.write("")
        sys.stderr.flush()


def report(imported: Imported, adapter: Adapter) -> list[str]:
    """The account of an import: every row and every cent, either booked or in quarantine."""
    found, currency = imported.tally, adapter.currency
    returned = found.returned_goods + found.returned_charges
    pace = int(found.rows / imported.seconds) if imported.seconds else 0
    lines = [
        f"{grouped(found.rows)} rows, {grouped(imported.invoices)} invoices in {imported.seconds:.1f} s"
        f" ({grouped(pace)} rows a second); {grouped(imported.already_booked)} invoices were in the books before",
        "",
        _row("goods sold", None, found.goods, currency),
        _row("charges that are not goods", None, found.charges, currency),
        _row("goods returned", None, -found.returned_goods, currency),
        _row("charges given back", None, -found.returned_charges, currency),
        _row("booked", found.booked_rows, found.booked, currency),
        _row("in quarantine", found.quarantined_rows, found.quarantined, currency),
        _row("booked + in quarantine", found.rows, found.booked + found.quarantined, currency),
        _row("in the file", imported.survey.rows, imported.survey.amount, currency),
        "",
        f"{grouped(found.orders)} orders; {grouped(found.returns)} returns"
        f" of {grouped(returned)} {currency}, with {grouped(found.linked_lines)} lines linked to what they reverse,"
        f" {grouped(found.unlinked_lines)} whose purchase is not known and {grouped(found.charge_lines)} of charges",
        adapter.credit,
    ]
    if found.unreadable_amounts:
        lines.insert(-2, f"{grouped(found.unreadable_amounts)} rows in quarantine whose amount cannot be read")
    return lines


def _row(label: str, rows: int | None, amount: Decimal, currency: str) -> str:
    return f"{label:<28}{grouped(rows) if rows is not None else '':>10}{grouped(amount):>18} {currency}"


def grouped(value: int | Decimal) -> str:
    """Thousands apart by a space, as in 9 747 747.93."""
    return f"{value:,}".replace(",", " ")
