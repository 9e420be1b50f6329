"""Sets of customers as SQL: what a condition selects, and how conditions go together.

A set is a SELECT of customer ids. Sets are put together by INTERSECT, UNION and EXCEPT, so counting three million
customers is one statement and nothing is read into memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL


@dataclass(frozen=True)
class People:
    """Customer ids, as a statement with its parameters. NULL is nobody."""

    sql: str
    params: tuple[Any, ...] = ()

    @classmethod
    def of(cls, ids: "QuerySet[Any, Any]") -> "People":
        """Those of a queryset of one column."""
        try:
            sql, params = ids.query.sql_with_params()
        except EmptyResultSet:
            return NOBODY
        return cls(sql, tuple(params))

    @property
    def ids(self) -> RawSQL:
        """To look up by: `Customer.objects.filter(pk__in=people.ids)`."""
        return RawSQL(self.sql, self.params)  # noqa: S611  (of querysets, whose values travel as parameters)

    def but_not(self, others: "People") -> "People":
        return _joined("EXCEPT", [self, others])

    def count(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(DISTINCT id) FROM ({self.sql}) AS people (id)", self.params)
            return int(cursor.fetchone()[0])


NOBODY = People("SELECT NULL::bigint WHERE false")


def all_of(sets: Sequence[People]) -> People:
    """Whoever is in every one of the sets."""
    return _joined("INTERSECT", sets)


def any_of(sets: Sequence[People]) -> People:
    """Whoever is in at least one of the sets."""
    return _joined("UNION", sets)


def _joined(word: str, sets: Sequence[People]) -> People:
    if len(sets) == 1:
        return sets[0]
    sql = f" {word} ".join(f"({people.sql})" for people in sets)
    return People(sql, tuple(param for people in sets for param in people.params))
