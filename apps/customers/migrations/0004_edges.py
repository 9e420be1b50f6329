"""Records that belong to one customer today get the edges that say so, and addresses their households."""

from django.db import migrations

from apps.customers.services.digests import household_secret

# What joined each record is kept in its first match event; the oldest record of a customer is where the edges begin.
_EDGES = """
    INSERT INTO customers_edge (left_id, right_id, kind, basis, evidence, explanation, rule_version, actor, reason, recorded_at)
    SELECT first.id, record.id, 'same', 'recognised', COALESCE(event.evidence, ''), '[]', COALESCE(event.rule_version, '1'),
           COALESCE(event.actor, 'system'), '', COALESCE(event.recorded_at, record.recorded_at)
      FROM customers_sourcerecord AS record
      JOIN (SELECT customer_id, min(id) AS id FROM customers_sourcerecord GROUP BY customer_id) AS first
        ON first.customer_id = record.customer_id AND first.id < record.id
      LEFT JOIN LATERAL (SELECT * FROM customers_matchevent AS made
                          WHERE made.source_record_id = record.id ORDER BY made.id LIMIT 1) AS event ON true
     ORDER BY record.id
"""

_HOUSEHOLDS = """
    CREATE TEMP TABLE living ON COMMIT DROP AS
    SELECT newest.source_record_id, newest.recorded_at,
           encode(substr(sha256(%s::bytea || convert_to(concat_ws('|',
               CASE WHEN newest.country IN ('', 'NL') THEN 'NL' ELSE newest.country END,
               newest.postcode, newest.house_number, newest.house_number_suffix), 'UTF8')), 1, 16), 'hex')::uuid AS household
      FROM (SELECT DISTINCT ON (source_record_id) * FROM customers_persondetails ORDER BY source_record_id, id DESC) AS newest
     WHERE newest.postcode <> '' AND newest.house_number <> ''
"""

def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_EDGES)
        cursor.execute(_HOUSEHOLDS, [household_secret()])
        cursor.execute(
            "INSERT INTO customers_household (key, since) SELECT household, min(recorded_at) FROM living GROUP BY household"
        )
        cursor.execute(
            "INSERT INTO customers_residence (source_record_id, household_id, since)"
            " SELECT source_record_id, household, recorded_at FROM living ORDER BY source_record_id"
        )


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_identity")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
