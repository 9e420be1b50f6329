"""Keeping what came in, and what became of it."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from apps.core.audit.explaining import explain
from apps.core.bulk import insert_rows
from apps.core.ids import new_id
from apps.core.inbox.models import DocumentStatus, InboxDocument, Quarantined


@dataclass(frozen=True, slots=True)
class RawDocument:
    """One document as it came: the source's own key, a digest of the content, and the content as JSON."""

    external_id: str
    fingerprint: str
    body: Any


@dataclass(frozen=True, slots=True)
class Received:
    """Where a raw document is kept. `status` is what became of it so far."""

    id: int
    external_id: str
    fingerprint: str
    status: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """A way in which a row can be wrong. `reason` and `mend` are source texts (`gettext_noop`), translated when shown.

    Both may name `%(field)s`, `%(value)s` and the parameters of the defect.
    """

    code: str
    reason: str
    mend: str


@dataclass(frozen=True, slots=True)
class Defect:
    """What is wrong with a row, or with a whole document (row 0); `raw` is the row as it came.

    `amount` is the money the row speaks of, None when even that cannot be read.
    """

    flaw: Flaw
    raw: Any
    row: int = 0
    field: str = ""
    value: str = ""
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)
    amount: Decimal | None = None
    currency: str = ""
    locations: tuple[int, ...] = ()

    def explained(self) -> str:
        """The reason in the reader's language."""
        return gettext(self.flaw.reason) % {"field": self.field, "value": self.value, **self.params}


def receive(*, source: str, documents: Sequence[RawDocument]) -> list[Received]:
    """Store documents raw, in the caller's transaction; return them in order.

    The same key with the same content is kept once, so sending a file again adds nothing. Three statements at most,
    whatever the number of documents.
    """
    known = _find(source, documents)
    missing = {(d.external_id, d.fingerprint): d for d in documents if (d.external_id, d.fingerprint) not in known}
    if missing:
        now = timezone.now()
        written = insert_rows(
            InboxDocument,
            ("source", "external_id", "fingerprint", "body", "status", "received_at"),
            # In the order of their keys, so that two senders never wait for each other in a circle.
            [
                (source, d.external_id, d.fingerprint, d.body, DocumentStatus.RECEIVED, now)
                for d in sorted(missing.values(), key=lambda d: d.external_id)
            ],
            returning=("id", "external_id", "fingerprint", "status"),
            on_conflict="DO NOTHING",
        )
        known |= {(row[1], row[2]): Received(*row) for row in written}
        if len(written) < len(missing):  # another process stored them at the same moment
            known |= _find(source, documents)
    return [known[d.external_id, d.fingerprint] for d in documents]


def _find(source: str, documents: Sequence[RawDocument]) -> dict[tuple[str, str], Received]:
    rows = InboxDocument.objects.filter(source=source, external_id__in=[d.external_id for d in documents]).values_list(
        "id", "external_id", "fingerprint", "status"
    )
    return {(row[1], row[2]): Received(*row) for row in rows}


def settle(statuses: Iterable[tuple[int, str]]) -> None:
    """Write down what became of documents: (document id, status).

    What was set apart of a document that is booked now, or of an earlier version of it, counts as mended.
    """
    pairs = sorted(statuses)  # so that two senders of the same documents never wait for each other in a circle
    if not pairs:
        return
    ids = [id_ for id_, _status in pairs]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE core_inboxdocument AS document SET status = told.status
              FROM unnest(%s::bigint[], %s::text[]) AS told(id, status)
             WHERE document.id = told.id AND document.status <> told.status
            """,
            [ids, [str(status) for _id, status in pairs]],
        )
        cursor.execute(
            """
            UPDATE core_quarantined AS apart SET mended_at = %s
              FROM core_inboxdocument AS document
             WHERE document.id = ANY(%s) AND document.status IN ('booked', 'partly')
               AND apart.source = document.source AND apart.external_id = document.external_id
               AND apart.mended_at IS NULL
               AND (apart.document_id < document.id OR apart.document_id = document.id AND document.status = 'booked')
            """,
            [timezone.now(), ids],
        )


@transaction.atomic
def mark_mended(*, row: Quarantined) -> Quarantined:
    """Close a row that was mended another way: by a ticket or file of its own, or because nothing had to be done."""
    if row.mended_at is None:
        row.mended_at = timezone.now()
        row.save(update_fields=["mended_at"])
        explain([("quarantined", str(row.key))], at=row.mended_at)
    return row


_NEWEST = ", ".join(
    f"{column} = EXCLUDED.{column}"
    for column in ("field", "value", "code", "reason", "mend", "params", "amount", "currency", "raw", "locations")
)


@transaction.atomic
def quarantine(*, source: str, defects: Iterable[tuple[Received, Defect]]) -> None:
    """Set rows apart with their reasons, in one statement. A row that was set apart before gets its newest reason."""
    now = timezone.now()
    rows = [
        (
            new_id(),
            document.id,
            source,
            document.external_id,
            defect.row,
            defect.field[:64],
            defect.value,
            defect.flaw.code,
            defect.flaw.reason,
            defect.flaw.mend,
            dict(defect.params),
            defect.amount,
            defect.currency,
            {} if defect.raw is None else defect.raw,
            list(defect.locations),
            now,
        )
        for document, defect in defects
    ]
    insert_rows(
        Quarantined,
        (
            "key",
            "document",
            "source",
            "external_id",
            "row",
            "field",
            "value",
            "code",
            "reason",
            "mend",
            "params",
            "amount",
            "currency",
            "raw",
            "locations",
            "recorded_at",
        ),
        rows,
        on_conflict=f"(document_id, row) DO UPDATE SET {_NEWEST}, mended_at = NULL",
    )
