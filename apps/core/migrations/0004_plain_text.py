"""`core_plain(text)`: lower case without accents, as an index can hold it.

`unaccent` is only stable because its dictionary could be changed; ours never is. Names are written out in full, because a
dump is restored without a search path.
"""

from django.db import migrations

CREATE = """
DO $$
DECLARE home text;
BEGIN
    SELECT quote_ident(n.nspname) INTO home
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'unaccent';
    EXECUTE format(
        'CREATE FUNCTION core_plain(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE '
        'AS $body$ SELECT lower(%1$s.unaccent(''%1$s.unaccent''::regdictionary, $1)) $body$', home);
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0003_jobs")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION core_plain(text)")]
