"""Writing many rows at once, by COPY: the way a hundred thousand sales go through the same code as one."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def copy_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a model's table, in the caller's transaction. `fields` are model field names, rows hold raw values.

    Foreign keys take ids; JSON takes `psycopg.types.json.Jsonb`. Database defaults apply to fields left out, Django
    defaults do not.
    """
    columns = [model._meta.get_field(name).column for name in fields]
    names = ", ".join(connection.ops.quote_name(c) for c in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Draw `count` primary keys from the model's sequence, so that rows can refer to each other before they are copied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        sequence = cursor.fetchone()[0]
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence, count])
        return [row[0] for row in cursor.fetchall()]
