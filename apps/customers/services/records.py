"""Source records in bulk: finding them, writing new ones, adding to known ones. Each function is one statement."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from apps.core.ids import new_id
from apps.customers.models import Identifier, PersonDetails
from apps.customers.services.people import Details, Sign, Told

RecordKey = tuple[str, str]


@dataclass(frozen=True)
class KnownRecord:
    """A source record as it stands, with its newest details."""

    id: int
    customer_id: int
    customer_key: uuid.UUID
    home_location_id: int | None
    details: Details
    signs: frozenset[Sign]


@dataclass(frozen=True)
class Belonging:
    """The customer that a new source record goes to, and why.

    A customer that does not exist yet has no `customer_id`; records of one batch that belong to the same new customer
    share its key. `evidence` is the kind of identifier that joined them, blank for a new customer.
    """

    customer_key: uuid.UUID
    customer_id: int | None
    evidence: str = ""


_DETAIL_COLUMNS = ", ".join(f"newest.{name}" for name in Details._fields)


Proof = tuple[str, str, str]
"""What proves who somebody is: kind, value, and the source where the kind means something only within it, else ""."""


def find(
    *, keys: Iterable[RecordKey], proofs: Iterable[Proof]
) -> tuple[dict[RecordKey, KnownRecord], dict[Proof, tuple[int, uuid.UUID]]]:
    """The records that exist, with newest details and identifiers; and who is known by each proof: the (customer id, key)
    of whoever was known by it longest. Both in one statement, for whoever orders waits for each."""
    wanted, asked = list(keys), list(dict.fromkeys(proofs))
    columns = [*zip(*wanted, strict=True)] or [(), ()]
    kinds, values, sources = [*zip(*asked, strict=True)] or [(), (), ()]
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [*map(list, columns), list(kinds), list(values), list(sources)])
        [(known, holders)] = cursor.fetchall()
    records = [_known(*row) for row in orjson.loads(known or "[]")]
    held = orjson.loads(holders or "[]")
    return (
        dict(records),
        {(kind, value, source): (pk, uuid.UUID(key)) for kind, value, source, pk, key in held},
    )


_FIND = f"""
    SELECT (
        SELECT jsonb_agg(jsonb_build_array(
                   record.source, record.external_id, record.id, customer.id, customer.key, record.home_location_id,
                   signs.held, {_DETAIL_COLUMNS}))::text
          FROM unnest(%s::text[], %s::text[]) AS asked(source, external_id)
          JOIN customers_sourcerecord AS record USING (source, external_id)
          JOIN customers_customer AS customer ON customer.id = record.customer_id
          LEFT JOIN LATERAL (
                SELECT * FROM customers_persondetails AS details
                 WHERE details.source_record_id = record.id ORDER BY details.id DESC LIMIT 1) AS newest ON true
          LEFT JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_array(kind, value, verified)) AS held
                  FROM customers_identifier AS identifier
                 WHERE identifier.source_record_id = record.id) AS signs ON true
    ), (
        SELECT jsonb_agg(jsonb_build_array(held.kind, held.value, held.source, held.id, held.key))::text
          FROM (SELECT DISTINCT ON (asked.kind, asked.value, asked.source)
                       asked.kind, asked.value, asked.source, customer.id, customer.key
                  FROM unnest(%s::text[], %s::text[], %s::text[]) AS asked(kind, value, source)
                  JOIN customers_identifier AS sign USING (kind, value)
                  JOIN customers_sourcerecord AS record ON record.id = sign.source_record_id
                  JOIN customers_customer AS customer ON customer.id = record.customer_id
                 WHERE sign.verified AND (asked.source = '' OR asked.source = record.source)
                 ORDER BY asked.kind, asked.value, asked.source, sign.id) AS held
    )
"""


def _known(
    source: str,
    external_id: str,
    record_id: int,
    customer_id: int,
    customer_key: str,
    home_location_id: int | None,
    held: list[list[Any]] | None,
    *details: Any,
) -> tuple[RecordKey, KnownRecord]:
    return (source, external_id), KnownRecord(
        id=record_id,
        customer_id=customer_id,
        customer_key=uuid.UUID(customer_key),
        home_location_id=home_location_id,
        details=Details(*details) if details[0] is not None else Details(),
        signs=frozenset(Sign(*sign) for sign in held or ()),
    )


def write_new(
    newcomers: Sequence[tuple[Told, Belonging]], *, rule_version: str, actor: str
) -> dict[RecordKey, tuple[int, int]]:
    """Write records with their details, identifiers, match event and, where new, customer; return (record, customer) ids.

    A record that somebody else wrote at the same moment is left out of the answer, with everything that belongs to it:
    the insert waits for the other transaction and then finds its row.
    """
    asked = [
        {
            "n": n,
            "source": told.source,
            "external_id": told.external_id,
            "home_location_id": told.home_location_id,
            "customer_id": belonging.customer_id,
            "customer_key": str(belonging.customer_key),
            "evidence": belonging.evidence,
            "key": str(new_id()),
            "fingerprint": told.details.fingerprint if any(told.details) else "",
            "signs": [sign._asdict() for sign in told.signs],
            **told.details._asdict(),
        }
        for n, (told, belonging) in enumerate(newcomers)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_NEW, {"asked": json.dumps(asked), "rule_version": rule_version, "actor": actor})
        return {(source, external_id): (pk, customer) for source, external_id, pk, customer in cursor.fetchall()}


_DETAIL_NAMES = ", ".join(Details._fields)
_DETAIL_TYPES = ", ".join(f"{name} text" for name in Details._fields)
_ASKED_DETAILS = ", ".join(f"asked.{name}" for name in Details._fields)

# Foreign keys are checked at commit, so the record can go first: it decides which of two writers continues.
_WRITE_NEW = f"""
    WITH asked AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(%(asked)s::jsonb) AS asked(
            n int, source text, external_id text, home_location_id bigint, customer_id bigint, customer_key uuid,
            evidence text, key uuid, fingerprint text, signs jsonb, {_DETAIL_TYPES})
    ), fresh AS MATERIALIZED (
        SELECT customer_key, nextval(pg_get_serial_sequence('customers_customer', 'id')) AS id
          FROM (SELECT DISTINCT customer_key FROM asked WHERE customer_id IS NULL) AS newcomers
    ), record AS (
        INSERT INTO customers_sourcerecord (key, source, external_id, customer_id, home_location_id, recorded_at)
        SELECT asked.key, asked.source, asked.external_id, COALESCE(asked.customer_id, fresh.id),
               asked.home_location_id, clock_timestamp()
          FROM asked LEFT JOIN fresh USING (customer_key)
         ORDER BY asked.source, asked.external_id
            ON CONFLICT (source, external_id) DO NOTHING
        RETURNING id, key, source, external_id, customer_id
    ), customer AS (
        INSERT INTO customers_customer (id, key, name, email, phone, street, house_number, postcode, city, country,
                                        is_organisation, since)
        SELECT DISTINCT ON (record.customer_id)
               record.customer_id, asked.customer_key,
               COALESCE(NULLIF(asked.organisation, ''), btrim(asked.first_name || ' ' || asked.last_name)),
               asked.email, asked.phone, asked.street,
               btrim(left(asked.house_number || ' ' || asked.house_number_suffix, 20)),
               asked.postcode, asked.city, asked.country, asked.organisation <> '', clock_timestamp()
          FROM record JOIN asked USING (key)
         WHERE asked.customer_id IS NULL
         ORDER BY record.customer_id, asked.n
    ), details AS (
        INSERT INTO customers_persondetails (source_record_id, {_DETAIL_NAMES}, fingerprint, recorded_at)
        SELECT record.id, {_ASKED_DETAILS}, asked.fingerprint, clock_timestamp()
          FROM record JOIN asked USING (key) WHERE asked.fingerprint <> '' ORDER BY asked.n
    ), identifier AS (
        INSERT INTO customers_identifier (source_record_id, kind, value, verified, recorded_at)
        SELECT record.id, sign.kind, sign.value, sign.verified, clock_timestamp()
          FROM record JOIN asked USING (key)
         CROSS JOIN LATERAL jsonb_to_recordset(asked.signs) AS sign(kind text, value text, verified boolean)
         ORDER BY asked.n
    ), match AS (
        INSERT INTO customers_matchevent
               (source_record_id, customer_key, kind, evidence, rule_version, actor, recorded_at)
        SELECT record.id, asked.customer_key, CASE WHEN asked.evidence = '' THEN 'new' ELSE 'recognised' END,
               asked.evidence, %(rule_version)s, %(actor)s, clock_timestamp()
          FROM record JOIN asked USING (key) ORDER BY asked.n
    )
    SELECT source, external_id, id, customer_id FROM record
"""


def append_details(rows: Iterable[tuple[int, Details]]) -> None:
    """Write what a system now says of people it already knew: (source record id, details)."""
    PersonDetails.objects.bulk_create(
        [
            PersonDetails(source_record_id=record_id, fingerprint=details.fingerprint, **details._asdict())
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
