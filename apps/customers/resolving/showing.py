"""What a clerk sees of a pair: both customers field by field, and what would come together."""

from dataclasses import dataclass
from typing import Any

from apps.customers.models import Customer, Doubt, Identifier, PersonDetails, SourceRecord
from apps.customers.resolving.wording import VERIFIABLE, Row, rows_of
from apps.customers.services.belongings import belongings_of
from apps.portal import formats
from apps.portal.discretion import TagOf


@dataclass(frozen=True)
class Side:
    """One of the two: the customer, and their records with the one of the pair first."""

    customer: Customer
    record: SourceRecord
    records: list[SourceRecord]

    @property
    def systems(self) -> list[str]:
        return list(dict.fromkeys(record.source for record in self.records))


@dataclass(frozen=True)
class Shown:
    """A pair as it stands on the page."""

    left: Side
    right: Side
    rows: list[Row]
    counts: list[tuple[Any, list[Any]]]

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.left, self.right


def show(doubt: Doubt, tags: TagOf) -> Shown:
    """Read what stands of both. A pair drawn to be checked is of one customer; each side is then the record alone."""
    ends = SourceRecord.objects.select_related("customer").in_bulk([doubt.left_id, doubt.right_id])
    one, other = ends[doubt.left_id], ends[doubt.right_id]
    apart = one.customer_id != other.customer_id
    left, right = (_side(record, with_others=apart) for record in (one, other))
    records = {record.pk for side in (left, right) for record in side.records}
    details = _newest(records)
    here, there = (
        _said([details[record.pk] for record in side.records if record.pk in details]) for side in (left, right)
    )
    counts = belongings_of(*([record.pk for record in side.records] for side in (left, right)))
    return Shown(left, right, rows_of(doubt, here, there, _verified_by_both(left, right), tags), counts)


def _side(record: SourceRecord, *, with_others: bool) -> Side:
    others = SourceRecord.objects.filter(customer=record.customer_id).exclude(pk=record.pk).order_by("pk")
    return Side(record.customer, record, [record, *(others if with_others else [])])


def _newest(record_ids: set[int]) -> dict[int, PersonDetails]:
    rows = PersonDetails.objects.filter(source_record__in=record_ids).order_by("source_record", "-pk")
    return {row.source_record_id: row for row in rows.distinct("source_record")}


def _said(told: list[PersonDetails]) -> dict[str, list[str]]:
    """Per field everything that the records of one side say, that of the pair's own record first."""
    found: dict[str, list[str]] = {}
    for row in told:
        street = " ".join(part for part in (row.street, row.house_number, row.house_number_suffix) if part)
        place = formats.postcode(f"{row.postcode} {row.city}".strip())
        values = {
            "given_name": row.first_name or row.initials,
            "surname": f"{row.infix} {row.last_name}".strip(),
            "birth_date": formats.day(row.birth_date) if row.birth_date else "",
            "email": row.email,
            "phone": row.phone,
            "address": ", ".join(part for part in (street, str(place)) if part),
        }
        for name, value in values.items():
            if value and value not in found.setdefault(name, []):
                found[name].append(str(value))
    return found


def _verified_by_both(left: Side, right: Side) -> set[str]:
    """The kinds of identifiers of which both records had the same value confirmed."""
    rows = Identifier.objects.filter(
        source_record__in=[left.record, right.record], kind__in=VERIFIABLE.values(), verified=True, valid_until=None
    ).values_list("source_record", "kind", "value")
    mine = {(kind, value) for record, kind, value in rows if record == left.record.pk}
    theirs = {(kind, value) for record, kind, value in rows if record == right.record.pk}
    return {str(kind) for kind, _value in mine & theirs}
