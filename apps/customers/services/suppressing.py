"""Who was forgotten is not brought back by what a file says of the past: they are known again by keyed digests only.

A card, an account, an e-mail address or a payment card is somebody's own. A phone number or an address is shared by a
household, so it counts only together with initial and last name; a phone number alone where no name is told.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence

from django.db import connection

from apps.customers.models import Erasure, Identifier, PersonDetails, SourceRecord
from apps.customers.services.digests import erased_sign
from apps.customers.services.people import Details, Kind, Told

_OWN = (Kind.CARD, Kind.EMAIL, Kind.PAYMENT_TOKEN)
_SHARED = (Kind.PHONE, Kind.ADDRESS)


def digests_of(record_ids: Sequence[int]) -> set[uuid.UUID]:
    """What somebody is known by now, as digests: read before it is erased."""
    names = {_name(Details.of(row)) for row in PersonDetails.objects.filter(source_record__in=record_ids)} | {""}
    found: set[uuid.UUID] = set()
    for source, external_id in SourceRecord.objects.filter(pk__in=record_ids).values_list("source", "external_id"):
        found.add(erased_sign("record", external_id, source))
    signs = Identifier.objects.filter(source_record__in=record_ids)
    for kind, value, source in signs.values_list("kind", "value", "source_record__source"):
        for name in names:
            found |= set(_digests_of_sign(kind, value, source, name))
    return found


def forgotten(people: Iterable[Told]) -> set[tuple[str, str]]:
    """The record keys of those among people who were forgotten, in one statement."""
    asked = {one.record_key: set(_digests_told(one)) for one in people}
    every = set().union(*asked.values())
    if not every:
        return set()
    rows = Erasure.objects.filter(digests__overlap=list(every)).values_list("digests", flat=True)
    known = every.intersection(digest for digests in rows for digest in digests)
    return {key for key, digests in asked.items() if digests & known}


def forgotten_records(record_ids: Iterable[int]) -> set[int]:
    """Those of some records whose person was forgotten, for who is about to write something of them down.

    It waits for an erasure that is going on, and lets none begin on the others before the caller's transaction ends: what was
    read of somebody a moment ago is not written after they are gone.
    """
    asked = sorted(set(record_ids))
    if not asked:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, external_id FROM customers_sourcerecord WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
            [asked],
        )
        return {record_id for record_id, external_id in cursor.fetchall() if external_id == f"~{record_id}"}


def _digests_told(one: Told) -> Iterator[uuid.UUID]:
    yield erased_sign("record", one.external_id, one.source)
    for sign in one.signs:
        yield from _digests_of_sign(sign.kind, sign.value, one.source, _name(one.details))


def _digests_of_sign(kind: str, value: str, source: str, name: str) -> Iterator[uuid.UUID]:
    if kind in _OWN:
        yield erased_sign(kind, value)
    elif kind == Kind.ACCOUNT:
        yield erased_sign(kind, value, source)  # of one shop alone
    elif kind in _SHARED and (name or kind == Kind.PHONE):
        yield erased_sign(kind, value, name)


def _name(details: Details) -> str:
    """Initial and last name, as they are compared; blank where no last name is told."""
    first = (details.first_name or details.initials)[:1]
    return f"{first} {details.last_name}".casefold() if details.last_name else ""
