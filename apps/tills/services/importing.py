"""Importing a file of invoices: looked through once, then stored raw and booked batch by batch.

Each batch is stored in one transaction and booked in the next, so whatever interrupts an import, doing it again goes on
where it stopped; what is booked is recognised and left alone. Memory holds one batch, whatever the size of the file.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from django.db import connection, transaction

from apps.core.actors import SYSTEM
from apps.core.errors import DomainError
from apps.core.inbox.documents import Defect, RawDocument, Received, quarantine, receive, settle
from apps.core.inbox.models import DocumentStatus, InboxDocument
from apps.core.inbox.tables import Table, open_table
from apps.core.models import Event
from apps.customers.models import SourceRecord
from apps.orders.models import Order, OrderLine
from apps.payments.models import PaymentAccount, PaymentEntry, Tender
from apps.returns.models import Return, ReturnLine
from apps.tills.documents import Adapter, RawInvoice, Survey
from apps.tills.services import flaws
from apps.tills.services.booking_invoices import Inbound, book_invoices
from apps.tills.services.opening import Target, one_at_a_time, open_target
from apps.tills.services.tallying import Tally, tally

BATCH = 1000  # invoices

# A table that grew a thousandfold since the database last looked is queried by plans made for an empty one.
_ANALYSED_AFTER = frozenset({1, 5, 25, 125, 625})
_GROWING = (SourceRecord, Order, OrderLine, PaymentAccount, Tender, PaymentEntry, Return, ReturnLine)
_EVENT_COLUMNS = ("id", "position", "topic", "object_type", "object_key")  # the payloads would take most of the time

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Imported:
    """What an import found and did. `seconds` covers everything, from opening the file."""

    survey: Survey
    tally: Tally = field(default_factory=Tally)
    invoices: int = 0
    already_booked: int = 0
    seconds: float = 0.0

    @property
    def adds_up(self) -> bool:
        """Whether every row and every cent of the file is either booked or in quarantine."""
        return (
            self.tally.rows == self.survey.rows
            and self.tally.booked + self.tally.quarantined == self.survey.amount
            and self.tally.unreadable_amounts == self.survey.unreadable_amounts
        )


def import_invoices(
    path: Path,
    *,
    adapter: Adapter,
    channel_code: str | None = None,
    with_stock: bool = False,
    actor: str = SYSTEM,
    batch: int = BATCH,
    progress: Progress | None = None,
) -> Imported:
    """Import a file into a channel; doing it again changes nothing.

    Raises `UnreadableFile` before anything is written when the file cannot be read. `progress` is told (rows done, rows).
    """
    started = time.monotonic()
    table = open_table(path, columns=adapter.columns)
    survey = adapter.survey(table)
    target = open_target(
        adapter=adapter,
        channel_code=channel_code or adapter.channel,
        with_stock=with_stock,
        actor=actor,
        names=survey.names,
    )
    imported = Imported(survey)
    booked = 0  # batches
    with _collecting_between_batches() as collect:
        for raws in _batches(adapter, table, batch):
            documents = _store(raws, adapter, target)
            waiting = [(d, raw) for d, raw in zip(documents, raws, strict=True) if d.status == DocumentStatus.RECEIVED]
            if waiting:
                _book(waiting, adapter, target)
                documents = _as_settled(documents)
            rows = sum(len(raw.rows) for raw in raws)
            imported.tally.add(tally(documents, rows=rows, channel_id=target.channel.pk))
            imported.invoices += len(raws)
            imported.already_booked += len(raws) - len(waiting)
            collect()
            booked += bool(waiting)
            if waiting and booked in _ANALYSED_AFTER:
                _analyse()
            if progress is not None:
                progress(imported.tally.rows, survey.rows)
    if booked:
        _analyse()
    imported.seconds = time.monotonic() - started
    return imported


@contextmanager
def _collecting_between_batches() -> Iterator[Callable[[], object]]:
    """Let the garbage collector look for cycles only when asked, and only among what the import made.

    A batch is half a million objects without cycles; going through them again and again took a third of the time.
    """
    was_enabled = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield gc.collect
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()


def _analyse() -> None:
    """Tell the database how large the tables have become; it would notice by itself, but only minutes later."""
    tables = ", ".join([model._meta.db_table for model in _GROWING])
    events = f"{Event._meta.db_table} ({', '.join(_EVENT_COLUMNS)})"
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE (SKIP_LOCKED) {tables}, {events}")


def _batches(adapter: Adapter, table: Table, size: int) -> Iterator[list[RawInvoice]]:
    invoices = adapter.invoices(table)
    while raws := list(islice(invoices, size)):
        yield raws


@transaction.atomic
def _store(raws: Sequence[RawInvoice], adapter: Adapter, target: Target) -> list[Received]:
    return receive(
        source=target.source,
        documents=[
            RawDocument(
                raw.number[:128] or f"row-{raw.rows[0][0]}",
                adapter.fingerprint(raw),
                adapter.body(raw),
            )
            for raw in raws
        ],
    )


def _as_settled(documents: Sequence[Received]) -> list[Received]:
    statuses = dict(InboxDocument.objects.filter(pk__in=[d.id for d in documents]).values_list("pk", "status"))
    return [replace(d, status=statuses[d.id]) for d in documents]


def _book(waiting: Sequence[tuple[Received, RawInvoice]], adapter: Adapter, target: Target) -> None:
    """Book a batch; when the domain refuses it, book its halves, down to the one invoice that is set apart."""
    try:
        with transaction.atomic():
            one_at_a_time()
            waiting = _still_waiting(waiting)
            taken = _booked_otherwise(waiting, target)
            for document, raw in waiting:
                if document.id in taken:
                    _set_apart(document, adapter.set_apart(raw, flaws.CHANGED, raw.number), target)
            rest = [Inbound(document, adapter.read(raw)) for document, raw in waiting if document.id not in taken]
            book_invoices(rest, target=target)
    except DomainError as error:
        if len(waiting) == 1:
            document, raw = waiting[0]
            defects = adapter.set_apart(raw, flaws.REFUSED, raw.number, detail=error.detail)
            # It stays as received: when the file comes again, it is tried again.
            quarantine(source=target.source, defects=[(document, defect) for defect in defects])
            return
        middle = len(waiting) // 2
        _book(waiting[:middle], adapter, target)
        _book(waiting[middle:], adapter, target)


def _still_waiting(waiting: Sequence[tuple[Received, RawInvoice]]) -> list[tuple[Received, RawInvoice]]:
    """Without what another import of the same file booked meanwhile."""
    still = set(
        InboxDocument.objects.filter(
            pk__in=[document.id for document, _raw in waiting], status=DocumentStatus.RECEIVED
        ).values_list("pk", flat=True)
    )
    return [(document, raw) for document, raw in waiting if document.id in still]


def _set_apart(document: Received, defects: Iterable[Defect], target: Target) -> None:
    quarantine(source=target.source, defects=[(document, defect) for defect in defects])
    settle([(document.id, DocumentStatus.QUARANTINED)])


def _booked_otherwise(waiting: Sequence[tuple[Received, RawInvoice]], target: Target) -> set[int]:
    """Ids of documents whose number the channel used before for something else, earlier in this batch included."""
    numbers = [document.external_id for document, _raw in waiting]
    booked: set[str] = set()
    for model in (Order, Return):
        booked.update(
            model.objects.filter(channel=target.channel, external_id__in=numbers).values_list("external_id", flat=True)
        )
    taken: set[int] = set()
    for document, _raw in waiting:
        if document.external_id in booked:
            taken.add(document.id)
        booked.add(document.external_id)
    return taken
