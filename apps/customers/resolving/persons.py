"""People as the matching engine reads them: the newest details of source records, without what stands for nobody."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.customers.matching import PERSON_FIELDS, Record
from apps.customers.models import Identifier
from apps.customers.services import barring
from apps.customers.services.people import Details

FIELDS = tuple(name for name in PERSON_FIELDS if name != "account")
"""Of an account the rules of joining know more than its value: it means something only in its own shop."""
_COLUMNS = (
    *("first_name", "initials", "infix", "last_name", "birth_date", "street", "house_number", "house_number_suffix"),
    *("postcode", "city", "email", "phone"),
)
"""The same of the details, as the statements below read them."""
_STEP = 20_000
_MAY_BE_BARRED = {"email": Identifier.Kind.EMAIL, "phone": Identifier.Kind.PHONE}


@dataclass(frozen=True)
class Someone:
    """A source record: whose it is now, and what it says, by the names of FIELDS."""

    record_id: int
    customer_id: int
    says: Record


# An organisation is no person, whoever was erased says nothing, and who restricted the use is matched with nobody: none of their
# records, also those that came in since.
_NEWEST = """
    SELECT record.id, record.customer_id,
           told.first_name, told.initials, told.infix, told.last_name, COALESCE(told.birth_date::text, ''), told.street,
           told.house_number, told.house_number_suffix, told.postcode, told.city, told.email, told.phone
      FROM customers_sourcerecord AS record
     CROSS JOIN LATERAL (SELECT * FROM customers_persondetails AS details
                          WHERE details.source_record_id = record.id ORDER BY details.id DESC LIMIT 1) AS told
     WHERE {which} AND told.organisation = ''
       AND concat(told.first_name, told.initials, told.last_name, told.email, told.phone) <> ''
       AND NOT EXISTS (SELECT FROM customers_protection AS protection
                         JOIN customers_sourcerecord AS marked ON marked.id = protection.source_record_id
                        WHERE marked.customer_id = record.customer_id AND protection.kind = 'restricted'
                          AND protection.ended_at IS NULL
                          AND (protection.ends_on IS NULL OR protection.ends_on >= %(today)s))
     ORDER BY record.id
"""
_AFTER = _NEWEST.format(which="record.id > %(after)s AND record.id <= %(until)s")


def said_by(details: Details) -> Record:
    """What somebody says who is not written down yet; nothing where it could not be matched, as of an organisation."""
    if details.organisation or not any(
        (details.first_name, details.initials, details.last_name, details.email, details.phone)
    ):
        return {}
    return _without_barred(getattr(details, name) for name in _COLUMNS)


class People:
    """The people of the records that a condition holds for, in the order of the records; who says nothing that can be matched is
    left out. In the condition the records are `record`, and values `%(name)s`."""

    def __init__(self, which: str) -> None:
        self._statement = _NEWEST.format(which=which)

    def read(self, **values: Any) -> list[Someone]:
        with connection.cursor() as cursor:
            cursor.execute(self._statement, values | {"today": timezone.localdate()})
            return [Someone(record, customer, _without_barred(told)) for record, customer, *told in cursor.fetchall()]


# Of an array that it is given the database sees how long it is, and plans at every call, which costs more than running.
_IDS = "SELECT unnest(%(ids)s::bigint[])"
_of_records = People(f"record.id = ANY(ARRAY({_IDS}))")
_of_customers = People(f"record.customer_id = ANY(ARRAY({_IDS}))")
_beside = People(
    f"record.customer_id = ANY(ARRAY(SELECT customer_id FROM customers_sourcerecord WHERE id = ANY(ARRAY({_IDS}))))"
)


def people_of(record_ids: Iterable[int]) -> list[Someone]:
    """The people of some records."""
    return _of_records.read(ids=list(record_ids))


def people_of_customers(customer_ids: Iterable[int]) -> list[Someone]:
    """The people of all records of some customers."""
    return _of_customers.read(ids=list(customer_ids))


def people_beside(record_ids: Iterable[int]) -> list[Someone]:
    """The people of all records of the customers that some records have now."""
    return _beside.read(ids=list(record_ids))


@dataclass
class Everybody:
    """All people as columns: what the engine's table is read from."""

    record_ids: list[int]
    customer_ids: list[int]
    columns: dict[str, list[str]]

    def __len__(self) -> int:
        return len(self.record_ids)


def everybody(alive: Callable[[int], None]) -> Everybody:
    """Everybody's newest details, each distinct text once. `alive(number read)` is called as it goes."""
    reading = _Reading()
    for after in range(0, last_record(), _STEP):
        # A short transaction each: a night's reading holds up no clearing of old rows.
        reading.take_in(after, after + _STEP)
        alive(len(reading.told))
    return reading.told


def people_between(after: int, until: int) -> Everybody:
    """The newest details of all records after one id, up to and with another."""
    reading = _Reading()
    reading.take_in(after, until)
    return reading.told


def last_record() -> int:
    """The highest id of a source record; 0 when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(max(id), 0) FROM customers_sourcerecord")
        last: int = cursor.fetchone()[0]
        return last


class _Reading:
    """People as far as they are read."""

    def __init__(self) -> None:
        self.told = Everybody([], [], {name: [] for name in FIELDS})
        self._kept: list[dict[str, str]] = [{} for _ in FIELDS]

    @transaction.atomic
    def take_in(self, after: int, until: int) -> None:
        told = self.told
        columns = [told.columns[name] for name in FIELDS]
        with connection.cursor() as cursor:
            cursor.execute(_AFTER, {"after": after, "until": until, "today": timezone.localdate()})
            for record_id, customer_id, *values in cursor.fetchall():
                told.record_ids.append(record_id)
                told.customer_ids.append(customer_id)
                for column, texts, name, value in zip(columns, self._kept, FIELDS, values, strict=True):
                    if (text := texts.get(value)) is None:
                        text = texts[value] = "" if _barred(name, value) else value
                    column.append(text)


def _without_barred(values: Iterable[str]) -> dict[str, str]:
    """What somebody says, by the names of FIELDS."""
    says = dict(zip(FIELDS, values, strict=True))
    for name in _MAY_BE_BARRED:
        if _barred(name, says[name]):
            says[name] = ""
    return says


def _barred(name: str, value: str) -> bool:
    """Whether a value stands for nobody: the store's own telephone, the e-mail address a till was set up with."""
    kind = _MAY_BE_BARRED.get(name)
    # As it is barred, in small letters; whether it is an address at all need not be asked of each.
    return bool(value) and kind is not None and barring.book().bars(kind, value.strip().lower())
