"""What source records that are known turn out to say, in bulk. Each function is one statement or two."""

import uuid
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import connection

from apps.customers.models import ContactPerson, Identifier, Organisation, PersonDetails
from apps.customers.services.people import Details, Sign


class Post(NamedTuple):
    """An organisation that somebody speaks for."""

    key: uuid.UUID
    name: str
    kvk: str
    vat: str


def append_details(rows: Iterable[tuple[int, Details]]) -> None:
    """Write what a system now says of people it already knew: (source record id, details)."""
    PersonDetails.objects.bulk_create(
        [
            PersonDetails(source_record_id=record_id, fingerprint=details.fingerprint, **details.columns)
            for record_id, details in rows
        ],
        batch_size=2000,
    )


def append_signs(rows: Iterable[tuple[int, Sign]]) -> None:
    """Write identifiers that known people turned out to have: (source record id, identifier)."""
    Identifier.objects.bulk_create(
        [Identifier(source_record_id=record_id, **sign._asdict()) for record_id, sign in rows],
        ignore_conflicts=True,
        batch_size=2000,
    )


def settle_homes(rows: Sequence[tuple[int, int]]) -> None:
    """Give records without a home store one: (source record id, location id)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE customers_sourcerecord AS record SET home_location_id = told.location_id
              FROM unnest(%s::bigint[], %s::bigint[]) AS told(id, location_id)
             WHERE record.id = told.id AND record.home_location_id IS NULL
            """,
            [[record_id for record_id, _ in rows], [location_id for _, location_id in rows]],
        )


def move_house(rows: Sequence[tuple[int, uuid.UUID | None]]) -> None:
    """Write where people live from now on: (source record id, household; None for nowhere that we know)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH moved AS (
                SELECT * FROM unnest(%s::bigint[], %s::uuid[]) AS told(source_record_id, household)
            ), household AS (
                INSERT INTO customers_household (key, since)
                SELECT DISTINCT household, clock_timestamp() FROM moved WHERE household IS NOT NULL ORDER BY household
                    ON CONFLICT DO NOTHING
            )
            INSERT INTO customers_residence (source_record_id, household_id, since)
            SELECT source_record_id, household, clock_timestamp() FROM moved
            """,
            [[record_id for record_id, _ in rows], [household for _, household in rows]],
        )


def speak_for(rows: Sequence[tuple[int, Post]]) -> None:
    """Write for which organisation people speak from now on: (source record id, organisation)."""
    Organisation.objects.bulk_create(
        [Organisation(key=post.key, name=post.name, kvk=post.kvk, vat=post.vat) for _, post in rows],
        ignore_conflicts=True,
    )
    ContactPerson.objects.bulk_create(
        [ContactPerson(source_record_id=record_id, organisation_id=post.key) for record_id, post in rows]
    )
