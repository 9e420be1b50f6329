"""Conditions on values that another query gives, worked out once."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, QuerySet


def one_of(path: str, values: QuerySet[Any, Any]) -> Q:
    """A condition: what is at `path` is one of these values, a queryset of one column.

    They come as one array, read when the first row asks. So `location IN … OR id = ANY …` reads an index for each of the two,
    where a join or a subquery beside an OR would read every row there is, and everybody it might join.
    """
    return Q(
        Func(
            F(path),
            ArraySubquery(values.order_by()),
            template="%(expressions)s)",
            arg_joiner=" = ANY(",
            output_field=BooleanField(),
        )
    )
