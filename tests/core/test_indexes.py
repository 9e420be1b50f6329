"""Every index is paid for at each write."""

from django.apps import apps
from django.db import connection

_COVERED = """
    SELECT small.indexrelid::regclass::text || ' is the beginning of ' || large.indexrelid::regclass::text
      FROM pg_index AS small
      JOIN pg_index AS large ON large.indrelid = small.indrelid AND large.indexrelid <> small.indexrelid
      JOIN pg_class AS table_ ON table_.oid = small.indrelid
      JOIN pg_class AS small_class ON small_class.oid = small.indexrelid
      JOIN pg_class AS large_class ON large_class.oid = large.indexrelid AND large_class.relam = small_class.relam
      JOIN pg_am ON pg_am.oid = small_class.relam AND pg_am.amname = 'btree'
     WHERE table_.relname = ANY(%s) AND NOT small.indisunique
       AND small.indpred IS NULL AND large.indpred IS NULL AND small.indexprs IS NULL AND large.indexprs IS NULL
       AND large.indkey::text || ' ' LIKE small.indkey::text || ' %%'
       AND large.indclass::text || ' ' LIKE small.indclass::text || ' %%'
       AND (large.indnkeyatts > small.indnkeyatts OR large.indisunique OR large.indexrelid < small.indexrelid)
     ORDER BY 1"""


def test_no_index_is_the_beginning_of_another(db):
    # given
    tables = [model._meta.db_table for model in apps.get_models() if model.__module__.startswith("apps.")]

    # when
    with connection.cursor() as cursor:
        cursor.execute(_COVERED, [tables])
        covered = [row[0] for row in cursor.fetchall()]

    # then
    assert covered == []
