"""The fields of a customer, read from the newest details of their source records."""

from collections.abc import Iterable

from django.db import connection

from apps.customers.models import Customer


def name_sql(row: str) -> str:
    """The name of whom a row of details tells, in SQL: of the organisation, else first name or initials, infix, last name."""
    given = f"COALESCE(NULLIF({row}.first_name, ''), NULLIF({row}.initials, ''))"
    person = f"left(concat_ws(' ', {given}, NULLIF({row}.infix, ''), NULLIF({row}.last_name, '')), 160)"
    return f"COALESCE(NULLIF({row}.organisation, ''), {person})"


# Per field the value that is verified, then the newest, then of the source that ranks highest; a blank says nothing. Address
# fields come from one row; one that names no more than a town or country counts only where nobody told an address.
_TOLD = f"""
    told AS (
        SELECT DISTINCT ON (record.id)
               record.customer_id, details.*, {name_sql("details")} AS name,
               CASE record.source WHEN 'desk' THEN 0 WHEN 'loyalty' THEN 1 WHEN 'tills' THEN 3 ELSE 2 END AS rank,
               EXISTS (SELECT FROM customers_identifier AS held
                        WHERE held.source_record_id = record.id AND held.kind = 'email' AND held.valid_until IS NULL
                          AND held.value = details.email AND held.verified) AS email_is_verified,
               EXISTS (SELECT FROM customers_identifier AS held
                        WHERE held.source_record_id = record.id AND held.kind = 'phone' AND held.valid_until IS NULL
                          AND held.value = details.phone AND held.verified) AS phone_is_verified
          FROM customers_sourcerecord AS record
          JOIN customers_persondetails AS details ON details.source_record_id = record.id
         WHERE record.customer_id = ANY(%(ids)s::bigint[])
         ORDER BY record.id, details.id DESC
    ), name AS (
        SELECT DISTINCT ON (customer_id) customer_id, id AS row, name AS value, organisation <> '' AS is_organisation
          FROM told WHERE name <> '' ORDER BY customer_id, recorded_at DESC, rank, id DESC
    ), email AS (
        SELECT DISTINCT ON (customer_id) customer_id, id AS row, email AS value
          FROM told WHERE email <> '' ORDER BY customer_id, email_is_verified DESC, recorded_at DESC, rank, id DESC
    ), phone AS (
        SELECT DISTINCT ON (customer_id) customer_id, id AS row, phone AS value
          FROM told WHERE phone <> '' ORDER BY customer_id, phone_is_verified DESC, recorded_at DESC, rank, id DESC
    ), address AS (
        SELECT DISTINCT ON (customer_id) customer_id, id AS row, street, postcode, city, country,
               btrim(left(house_number || ' ' || house_number_suffix, 20)) AS house_number
          FROM told WHERE concat(street, house_number, postcode, city, country) <> ''
         ORDER BY customer_id, (street <> '' OR postcode <> '') DESC, recorded_at DESC, rank, id DESC
    )
"""
_FIELDS = {
    "name": "COALESCE(name.value, '')",
    "is_organisation": "COALESCE(name.is_organisation, false)",
    "email": "COALESCE(email.value, '')",
    "phone": "COALESCE(phone.value, '')",
    "street": "COALESCE(address.street, '')",
    "house_number": "COALESCE(address.house_number, '')",
    "postcode": "COALESCE(address.postcode, '')",
    "city": "COALESCE(address.city, '')",
    "country": "COALESCE(address.country, '')",
}
_WANTED = """
      FROM unnest(%(ids)s::bigint[]) AS wanted(customer_id)
      LEFT JOIN name USING (customer_id) LEFT JOIN email USING (customer_id)
      LEFT JOIN phone USING (customer_id) LEFT JOIN address USING (customer_id)
"""
_PROJECT = f"""
    WITH {_TOLD}
    UPDATE customers_customer AS customer SET {", ".join(f"{name} = {told}" for name, told in _FIELDS.items())}
    {_WANTED} WHERE customer.id = wanted.customer_id
"""
_ROWS = f"""
    WITH {_TOLD}
    SELECT name.row, email.row, phone.row, address.row {_WANTED}
"""
_UNLIKE = f"""
    WITH {_TOLD}
    SELECT customer.key::text, field {_WANTED}
      JOIN customers_customer AS customer ON customer.id = wanted.customer_id
     CROSS JOIN LATERAL (VALUES {", ".join(f"('{name}', customer.{name} <> {told})" for name, told in _FIELDS.items())})
           AS compared(field, differs)
     WHERE differs ORDER BY customer.id LIMIT %(limit)s
"""
_CHUNK = 20_000


def unlike_their_records(limit: int) -> list[tuple[str, str]]:
    """Customers that are not what their records say: (key, name of the field), at most so many."""
    found: list[tuple[str, str]] = []
    after = 0
    while len(found) < limit:
        ids = list(Customer.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:_CHUNK])
        if not ids:
            break
        after = ids[-1]
        with connection.cursor() as cursor:
            cursor.execute(_UNLIKE, {"ids": ids, "limit": limit - len(found)})
            found += cursor.fetchall()
    return found


def rows_behind(customer: Customer) -> dict[str, int]:
    """Which row of details each field of a customer comes from: {"name" | "email" | "phone" | "address": its id}."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"ids": [customer.pk]})
        [rows] = cursor.fetchall()
    return {field: row for field, row in zip(("name", "email", "phone", "address"), rows, strict=True) if row}


def refresh_customers(customer_ids: Iterable[int]) -> None:
    """Bring customers in line with their source records, in the caller's transaction. Also rebuilds them after a loss.

    The rows are locked in a statement of its own: the update must see what a writer before us committed.
    """
    ids = sorted(set(customer_ids))
    if not ids:
        return
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    project(ids)


def project(customer_ids: Iterable[int]) -> None:
    """Write the fields of customers anew from their source records. The caller holds the customers."""
    with connection.cursor() as cursor:
        cursor.execute(_PROJECT, {"ids": list(customer_ids)})
