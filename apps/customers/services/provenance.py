"""Where each thing on a customer's page comes from, and how their records came together."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.customers.models import Customer, Edge, Identifier, MatchEvent, PersonDetails, SourceRecord
from apps.customers.services import sources
from apps.customers.services.people import ADDRESS_FIELDS
from apps.customers.services.projecting import rows_behind


@dataclass(frozen=True)
class Origin:
    """Which record a field comes from, and since when it says so."""

    record: SourceRecord
    since: dt.datetime
    verified: bool = False
    source: str = ""


@dataclass
class RecordStory:
    """A source record: the name of its system, what it says now, what it is known by, and how it came here."""

    record: SourceRecord
    source: str = ""
    details: PersonDetails | None = None
    identifiers: list[Identifier] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    events: list[MatchEvent] = field(default_factory=list)


_COLUMNS = {
    "name": ("first_name", "initials", "infix", "last_name", "organisation"),
    "email": ("email",),
    "phone": ("phone",),
    "address": ADDRESS_FIELDS,
}


def origins(customer: Customer) -> dict[str, Origin]:
    """Where each field comes from: {"name" | "email" | "phone" | "address": …}; what is not known is left out."""
    behind = rows_behind(customer)
    rows = PersonDetails.objects.select_related("source_record").in_bulk(set(behind.values()))
    told: dict[int, list[PersonDetails]] = defaultdict(list)
    for earlier in PersonDetails.objects.filter(
        source_record__in={row.source_record_id for row in rows.values()}
    ).order_by("-pk"):
        told[earlier.source_record_id].append(earlier)
    verified = set(
        Identifier.objects.filter(source_record__customer=customer, verified=True, valid_until=None).values_list(
            "source_record", "kind", "value"
        )
    )
    called = sources.in_words({row.source_record.source for row in rows.values()})
    return {
        name: Origin(
            rows[pk].source_record,
            _since(rows[pk], told[rows[pk].source_record_id], _COLUMNS[name]),
            (rows[pk].source_record_id, name, getattr(rows[pk], name, "")) in verified,
            called[rows[pk].source_record.source],
        )
        for name, pk in behind.items()
    }


def _since(row: PersonDetails, told: Sequence[PersonDetails], columns: Sequence[str]) -> dt.datetime:
    """Since when a record says what its newest row says, newest first."""
    now = [getattr(row, column) for column in columns]
    since = row.recorded_at
    for earlier in told:
        if [getattr(earlier, column) for column in columns] != now:
            break
        since = earlier.recorded_at
    return since


def stories(customer: Customer) -> list[RecordStory]:
    """The records of a customer with all that is known of how they belong together, oldest first."""
    records = customer.source_records.select_related("home_location").order_by("pk")
    called = sources.in_words({record.source for record in records})
    found = {record.pk: RecordStory(record, called[record.source]) for record in records}
    for details in PersonDetails.objects.filter(source_record__in=found).order_by("pk"):
        found[details.source_record_id].details = details
    for identifier in Identifier.objects.filter(source_record__in=found).order_by("-verified", "pk"):
        found[identifier.source_record_id].identifiers.append(identifier)
    newest = (
        Edge.objects.filter(left__in=found, right__in=found).order_by("left", "right", "-pk").distinct("left", "right")
    )
    for edge in newest:
        for end in (edge.left_id, edge.right_id):
            found[end].edges.append(edge)
    for event in MatchEvent.objects.filter(source_record__in=found).order_by("pk"):
        found[event.source_record_id].events.append(event)
    return list(found.values())
