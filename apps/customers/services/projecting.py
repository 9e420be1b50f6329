"""The fields of a customer, read from the newest details of their source records."""

from collections.abc import Iterable

from django.db import connection

from apps.customers.models import Customer


def name_sql(row: str) -> str:
    """The name of whom a row of details tells, in SQL: of the organisation, else first name or initials, infix, last name."""
    given = f"COALESCE(NULLIF({row}.first_name, ''), NULLIF({row}.initials, ''))"
    person = f"left(concat_ws(' ', {given}, NULLIF({row}.infix, ''), NULLIF({row}.last_name, '')), 160)"
    return f"COALESCE(NULLIF({row}.organisation, ''), {person})"


# Per field the newest value that is not blank; a verified e-mail address goes before one that somebody typed.
_PROJECT = f"""
    WITH told AS (
        SELECT DISTINCT ON (record.id)
               record.customer_id, details.*,
               {name_sql("details")} AS name,
               EXISTS (SELECT FROM customers_identifier AS held
                        WHERE held.source_record_id = record.id AND held.kind = 'email'
                          AND held.value = details.email AND held.verified) AS email_is_verified
          FROM customers_sourcerecord AS record
          JOIN customers_persondetails AS details ON details.source_record_id = record.id
         WHERE record.customer_id = ANY(%(ids)s)
         ORDER BY record.id, details.id DESC
    ), name AS (
        SELECT DISTINCT ON (customer_id) customer_id, name AS value, organisation <> '' AS is_organisation
          FROM told WHERE name <> '' ORDER BY customer_id, id DESC
    ), email AS (
        SELECT DISTINCT ON (customer_id) customer_id, email AS value
          FROM told WHERE email <> '' ORDER BY customer_id, email_is_verified DESC, id DESC
    ), phone AS (
        SELECT DISTINCT ON (customer_id) customer_id, phone AS value
          FROM told WHERE phone <> '' ORDER BY customer_id, id DESC
    ), address AS (
        SELECT DISTINCT ON (customer_id) customer_id, street, postcode, city, country,
               btrim(left(house_number || ' ' || house_number_suffix, 20)) AS house_number
          FROM told WHERE postcode <> '' OR street <> '' ORDER BY customer_id, id DESC
    )
    UPDATE customers_customer AS customer
       SET name = COALESCE(name.value, ''), is_organisation = COALESCE(name.is_organisation, false),
           email = COALESCE(email.value, ''), phone = COALESCE(phone.value, ''),
           street = COALESCE(address.street, ''), house_number = COALESCE(address.house_number, ''),
           postcode = COALESCE(address.postcode, ''), city = COALESCE(address.city, ''),
           country = COALESCE(address.country, '')
      FROM unnest(%(ids)s::bigint[]) AS wanted(customer_id)
      LEFT JOIN name USING (customer_id) LEFT JOIN email USING (customer_id)
      LEFT JOIN phone USING (customer_id) LEFT JOIN address USING (customer_id)
     WHERE customer.id = wanted.customer_id
"""


def refresh_customers(customer_ids: Iterable[int]) -> None:
    """Bring customers in line with their source records, in the caller's transaction. Also rebuilds them after a loss.

    The rows are locked in a statement of its own: the update must see what a writer before us committed.
    """
    ids = sorted(set(customer_ids))
    if not ids:
        return
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute(_PROJECT, {"ids": ids})
