"""Source records in bulk: finding them and writing new ones. Each function is one statement."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from apps.core.ids import new_id
from apps.customers.services.people import Details, Sign, Told
from apps.customers.services.projecting import name_sql

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
class Holder:
    """The customer who is known by a proof, and the record that brought it first.

    `generation` is how they stood when they were read; `full` are the identifiers of kinds of which they have as many as one
    customer gets: {kind: their values}.
    """

    customer_id: int
    customer_key: uuid.UUID
    generation: int
    record_id: int
    full: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Belonging:
    """The customer that a new source record goes to, and why.

    With a `holder` they exist. Else they are new; records of one batch that belong to the same new customer share its key, and
    `first` names the one that began it. `evidence` is the kind of identifier that led here, blank for a new customer.
    """

    customer_key: uuid.UUID
    holder: Holder | None = None
    first: RecordKey | None = None
    evidence: str = ""


@dataclass(frozen=True)
class Newcomer:
    """A record to write. `meetings` are the places where others who bring its unknown proofs at this moment would be met."""

    told: Told
    belonging: Belonging
    meetings: tuple[int, ...] = ()


@dataclass(frozen=True)
class Written:
    """A record as it was written. `evidence` is blank where it began a customer."""

    record_id: int
    customer_id: int
    evidence: str


_DETAIL_COLUMNS = ", ".join(f"newest.{name}" for name in Details._fields)


Limit = tuple[str, int, int]
"""How many of a kind of identifier one customer gets: kind, number, and within how many days (0 for ever)."""

Proof = tuple[str, str, str]
"""What proves who somebody is: kind, value, and the source where the kind means something only within it, else ""."""


def find(
    *, keys: Iterable[RecordKey], proofs: Iterable[Proof], limits: Iterable[Limit] = (), holds: bool = True
) -> tuple[dict[RecordKey, KnownRecord], dict[Proof, Holder]]:
    """The records that exist, with newest details and identifiers; and who is known by each proof, longest first.
    Both in one statement, for whoever orders waits for each.

    Unless told that nothing is written after it, it waits for an erasure of those records that is going on, which leaves none of
    them, and lets none begin before the caller's transaction ends: what was read of somebody is not written after they are gone.
    """
    wanted, asked, caps = list(keys), list(dict.fromkeys(proofs)), list(limits)
    columns = [*zip(*wanted, strict=True)] or [(), ()]
    kinds, values, sources = [*zip(*asked, strict=True)] or [(), (), ()]
    capped, at_most, days = [*zip(*caps, strict=True)] or [(), (), ()]
    with connection.cursor() as cursor:
        parameters = [*columns, capped, at_most, days, kinds, values, sources]
        cursor.execute(_FIND_AND_HOLD if holds else _FIND, [*map(list, parameters)])
        [(known, holders)] = cursor.fetchall()
    records = [_known(*row) for row in orjson.loads(known or "[]")]
    held = [_held(*row) for row in orjson.loads(holders or "[]")]
    return dict(records), dict(held)


_READ = f"""
    SELECT (
        SELECT jsonb_agg(jsonb_build_array(
                   record.source, record.external_id, record.id, record.customer_id, record.customer_key,
                   record.home_location_id, signs.held, {_DETAIL_COLUMNS}))::text
          FROM (SELECT record.source, record.external_id, record.id, customer.id AS customer_id,
                       customer.key AS customer_key, record.home_location_id
                  FROM unnest(%s::text[], %s::text[]) AS asked(source, external_id)
                  JOIN customers_sourcerecord AS record USING (source, external_id)
                  JOIN customers_customer AS customer ON customer.id = record.customer_id
                  /* holding */) AS record
          LEFT JOIN LATERAL (
                SELECT * FROM customers_persondetails AS details
                 WHERE details.source_record_id = record.id ORDER BY details.id DESC LIMIT 1) AS newest ON true
          LEFT JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_array(kind, value, verified)) AS held
                  FROM customers_identifier AS identifier
                 WHERE identifier.source_record_id = record.id AND identifier.valid_until IS NULL) AS signs ON true
    ), (
        WITH capped AS (
            SELECT * FROM unnest(%s::text[], %s::int[], %s::int[]) AS rule(kind, at_most, days)
        )
        SELECT jsonb_agg(jsonb_build_array(held.kind, held.value, held.source, held.id, held.key, held.generation,
                                           held.record_id, has.much))::text
          FROM (SELECT DISTINCT ON (asked.kind, asked.value, asked.source)
                       asked.kind, asked.value, asked.source, customer.id, customer.key, customer.generation,
                       record.id AS record_id
                  FROM unnest(%s::text[], %s::text[], %s::text[]) AS asked(kind, value, source)
                  JOIN customers_identifier AS sign USING (kind, value)
                  JOIN customers_sourcerecord AS record ON record.id = sign.source_record_id
                  JOIN customers_customer AS customer ON customer.id = record.customer_id
                 WHERE sign.verified AND (sign.valid_until IS NULL OR sign.valid_until > clock_timestamp())
                   AND (asked.source = '' OR asked.source = record.source)
                 ORDER BY asked.kind, asked.value, asked.source, sign.id) AS held
          LEFT JOIN LATERAL (
                SELECT jsonb_object_agg(kind, taken) AS much
                  FROM (SELECT own.kind, jsonb_agg(DISTINCT own.value) AS taken
                          FROM customers_sourcerecord AS other
                          JOIN customers_identifier AS own ON own.source_record_id = other.id
                          JOIN capped ON capped.kind = own.kind
                         WHERE other.customer_id = held.id AND own.verified
                           AND (capped.days = 0 OR own.recorded_at > now() - capped.days * interval '1 day')
                         GROUP BY own.kind, capped.at_most
                        HAVING count(DISTINCT own.value) >= capped.at_most) AS enough) AS has ON true
    )
"""
# Customers before their records, as an erasure locks them.
_FIND, _FIND_AND_HOLD = (_READ.replace("/* holding */", lock) for lock in ("", "FOR KEY SHARE OF customer, record"))


def _held(
    kind: str,
    value: str,
    source: str,
    customer_id: int,
    key: str,
    generation: int,
    record_id: int,
    much: dict[str, list[str]] | None,
) -> tuple[Proof, Holder]:
    full = {of_kind: frozenset(values) for of_kind, values in (much or {}).items()}
    return (kind, value, source), Holder(customer_id, uuid.UUID(key), generation, record_id, full)


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
        details=Details(*(detail or "" for detail in details)),
        signs=frozenset(Sign(*sign) for sign in held or ()),
    )


def write_new(newcomers: Sequence[Newcomer], *, rule_version: str, actor: str) -> dict[RecordKey, Written]:
    """Write records with all that belongs to them: details, identifiers, household, organisation, edge, match event, and where
    new the customer.

    Left out of the answer is who was overtaken: a record that somebody else wrote at the same moment, one whose proof somebody
    else brought at the same moment, and one whose customer was joined or taken apart since it was read. The statement waits for
    the other transaction; asked again, it finds what that one left.
    """
    asked = [
        {
            "n": n,
            "source": told.source,
            "external_id": told.external_id,
            "home_location_id": told.home_location_id,
            "customer_id": holder.customer_id if holder else None,
            "customer_key": str(belonging.customer_key),
            "generation": holder.generation if holder else None,
            "anchor_id": holder.record_id if holder else None,
            "first_source": belonging.first[0] if belonging.first else None,
            "first_external_id": belonging.first[1] if belonging.first else None,
            "evidence": belonging.evidence,
            "key": str(new_id()),
            "fingerprint": told.details.fingerprint if any(told.details) else "",
            "signs": [sign._asdict() for sign in told.signs],
            "meetings": newcomer.meetings,
            "household": told.details.household,
            "organisation_key": told.organisation_key,
            "kvk": told.sign_of("kvk"),
            "vat": told.sign_of("vat"),
            **told.details.columns,
        }
        for n, newcomer in enumerate(newcomers)
        for told, belonging, holder in [(newcomer.told, newcomer.belonging, newcomer.belonging.holder)]
    ]
    terms: dict[str, Any] = {
        "asked": json.dumps(asked, default=str),
        "holders": sorted({one["customer_id"] for one in asked if one["customer_id"]}),
        "rule_version": rule_version,
        "actor": actor,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_NEW, terms)
        return {(source, external_id): Written(*row) for source, external_id, *row in cursor.fetchall()}


_DETAIL_NAMES = ", ".join(Details._fields)
_DETAIL_TYPES = ", ".join(f"{name} {'date' if name == 'birth_date' else 'text'}" for name in Details._fields)
_ASKED_DETAILS = ", ".join(f"placed.{name}" for name in Details._fields)

# Foreign keys are checked at commit, so the record can go before its customer: it decides which of two writers continues.
# Whoever waits for another transaction, at a meeting or for a customer's lock, sees there what that one committed.
_WRITE_NEW = f"""
    WITH asked AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(%(asked)s::jsonb) AS asked(
            n int, source text, external_id text, home_location_id bigint, customer_id bigint, customer_key uuid,
            generation int, anchor_id bigint, first_source text, first_external_id text, evidence text, key uuid,
            fingerprint text, signs jsonb, meetings jsonb, household uuid, organisation_key uuid, kvk text, vat text,
            {_DETAIL_TYPES})
    ), bringing AS MATERIALIZED (
        SELECT asked.n, place.id::bigint FROM asked CROSS JOIN LATERAL jsonb_array_elements_text(asked.meetings) AS place(id)
    ), meeting AS (
        INSERT INTO customers_meeting AS met (id) SELECT DISTINCT id FROM bringing ORDER BY id
            ON CONFLICT (id) DO UPDATE SET times = met.times + 1
        RETURNING id, times
    ), overtaken AS MATERIALIZED (
        SELECT bringing.n FROM bringing JOIN meeting USING (id) WHERE meeting.times > 0
    ), holder AS MATERIALIZED (
        SELECT id, generation FROM customers_customer
         WHERE id = ANY(%(holders)s::bigint[]) AND (SELECT count(*) FROM overtaken) >= 0
         ORDER BY id FOR NO KEY UPDATE
    ), going AS MATERIALIZED (
        SELECT asked.* FROM asked LEFT JOIN holder ON holder.id = asked.customer_id
         WHERE asked.n NOT IN (SELECT n FROM overtaken)
           AND (asked.customer_id IS NULL OR holder.generation = asked.generation)
    ), fresh AS MATERIALIZED (
        SELECT customer_key, nextval(pg_get_serial_sequence('customers_customer', 'id')) AS id
          FROM (SELECT DISTINCT customer_key FROM going WHERE customer_id IS NULL) AS newcomers
    ), record AS (
        INSERT INTO customers_sourcerecord (key, source, external_id, customer_id, home_location_id, recorded_at)
        SELECT going.key, going.source, going.external_id, COALESCE(going.customer_id, fresh.id),
               going.home_location_id, clock_timestamp()
          FROM going LEFT JOIN fresh USING (customer_key)
         ORDER BY going.source, going.external_id
            ON CONFLICT (source, external_id) DO NOTHING
        RETURNING id, key, source, external_id, customer_id
    ), placed AS MATERIALIZED (
        SELECT going.*, record.id AS record_id, record.customer_id AS belongs_to,
               COALESCE(going.anchor_id, first.id) AS anchor
          FROM record JOIN going USING (key)
          LEFT JOIN record AS first ON first.source = going.first_source AND first.external_id = going.first_external_id
    ), customer AS (
        INSERT INTO customers_customer (id, key, name, email, phone, street, house_number, postcode, city, country,
                                        is_organisation, since)
        SELECT DISTINCT ON (belongs_to) belongs_to, customer_key, {name_sql("placed")}, email, phone,
               street, btrim(left(house_number || ' ' || house_number_suffix, 20)), postcode, city, country,
               organisation <> '', clock_timestamp()
          FROM placed WHERE customer_id IS NULL
         ORDER BY belongs_to, n
    ), details AS (
        INSERT INTO customers_persondetails (source_record_id, {_DETAIL_NAMES}, fingerprint, recorded_at)
        SELECT record_id, {_ASKED_DETAILS}, fingerprint, clock_timestamp()
          FROM placed WHERE fingerprint <> '' ORDER BY n
    ), identifier AS (
        INSERT INTO customers_identifier (source_record_id, kind, value, verified, recorded_at)
        SELECT record_id, sign.kind, sign.value, sign.verified, clock_timestamp()
          FROM placed CROSS JOIN LATERAL jsonb_to_recordset(signs) AS sign(kind text, value text, verified boolean)
         ORDER BY n
    ), household AS (
        INSERT INTO customers_household (key, since)
        SELECT DISTINCT household, clock_timestamp() FROM placed WHERE household IS NOT NULL ORDER BY household
            ON CONFLICT DO NOTHING
    ), residence AS (
        INSERT INTO customers_residence (source_record_id, household_id, since)
        SELECT record_id, household, clock_timestamp() FROM placed WHERE household IS NOT NULL ORDER BY n
    ), organisation AS (
        INSERT INTO customers_organisation (key, name, kvk, vat, since)
        SELECT DISTINCT ON (organisation_key) organisation_key, organisation, kvk, vat, clock_timestamp()
          FROM placed WHERE organisation_key IS NOT NULL ORDER BY organisation_key, n
            ON CONFLICT DO NOTHING
    ), contact_person AS (
        INSERT INTO customers_contactperson (source_record_id, organisation_id, since)
        SELECT record_id, organisation_key, clock_timestamp() FROM placed WHERE organisation_key IS NOT NULL ORDER BY n
    ), edge AS (
        INSERT INTO customers_edge (left_id, right_id, kind, basis, evidence, explanation, rule_version, actor, reason,
                                    recorded_at)
        SELECT LEAST(record_id, anchor), GREATEST(record_id, anchor), 'same', 'recognised', evidence, '[]',
               %(rule_version)s, %(actor)s, '', clock_timestamp()
          FROM placed WHERE anchor IS NOT NULL ORDER BY n
        RETURNING id, left_id, right_id
    ), match AS (
        INSERT INTO customers_matchevent
               (source_record_id, customer_key, kind, evidence, edge_id, rule_version, actor, recorded_at)
        SELECT record_id, customer_key, CASE WHEN anchor IS NULL THEN 'new' ELSE 'recognised' END,
               CASE WHEN anchor IS NULL THEN '' ELSE evidence END, edge.id, %(rule_version)s, %(actor)s, clock_timestamp()
          FROM placed LEFT JOIN edge ON edge.left_id = LEAST(record_id, anchor) AND edge.right_id = GREATEST(record_id, anchor)
         ORDER BY anchor IS NOT NULL, n
    )
    SELECT source, external_id, record_id, belongs_to, CASE WHEN anchor IS NULL THEN '' ELSE evidence END FROM placed
"""


def meet(places: Sequence[int]) -> bool:
    """Wait for whoever brings the same new proofs at this moment; whether there was anybody."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH meeting AS (
                INSERT INTO customers_meeting AS met (id) SELECT id FROM unnest(%s::bigint[]) AS place(id) ORDER BY id
                    ON CONFLICT (id) DO UPDATE SET times = met.times + 1
                RETURNING times)
            SELECT COALESCE(bool_or(times > 0), false) FROM meeting
            """,
            [list(places)],
        )
        [(somebody,)] = cursor.fetchall()
    return bool(somebody)
