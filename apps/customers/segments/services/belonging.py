"""Whether somebody belongs to a segment now, for whoever makes an offer to one customer or to all of a segment."""

from apps.customers.models import SourceRecord
from apps.customers.segments.models import Segment
from apps.customers.segments.people import People
from apps.customers.segments.selecting import who


def members_of(segment: Segment) -> People:
    """All customers of a segment, as a set to look up by: `Customer.objects.filter(pk__in=members_of(segment).ids)`."""
    return who(segment.definition)


def belongs(*, segment: Segment, source_record_id: int) -> bool:
    """Whether the person behind a source record is of a segment. Reads that person's own rows alone."""
    person = People.of(SourceRecord.objects.filter(pk=source_record_id).values("customer"))
    return who(segment.definition, among=person).count() > 0
