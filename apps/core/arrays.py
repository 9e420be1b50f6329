"""Conditions on values that come as one array, however many they are."""

from collections.abc import Collection
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value

from apps.core.blanks import Blanks


def one_of(path: str, values: QuerySet[Any, Any]) -> Q:
    """A condition: what is at `path` is one of these values, a queryset of one column.

    They are read once, when the first row asks. So `location IN … OR id = ANY …` reads an index for each of the two, where a
    join or a subquery beside an OR would read every row there is, and everybody it might join.
    """
    return _any(path, ArraySubquery(values.order_by()), "")


def one_of_keys(path: str, keys: Collection[str]) -> Q:
    """A condition: the UUID at `path` is one of these keys, or of the blanks for them; of any number in one statement."""
    if not keys:
        return Q(pk__in=[])
    return _any(path, keys.array if isinstance(keys, Blanks) else Value(list(keys)), "::uuid[]")


def _any(path: str, array: Any, cast: str) -> Q:
    template = f"%(expressions)s{cast})"
    return Q(Func(F(path), array, template=template, arg_joiner=" = ANY(", output_field=BooleanField()))
