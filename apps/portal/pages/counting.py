"""How many rows a list has: exactly while that is cheap, about where it is not."""

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.portal import formats

EXACTLY = 25_000
"""How many rows of a large table are counted one by one. Nobody leafs further, and counting a million takes longer than
the rest of the page."""


@dataclass(frozen=True)
class Total:
    """A number of rows. `is_about` where it is the planner's estimate, in three digits that mean something."""

    number: int
    is_about: bool = False

    def __str__(self) -> str:
        text = formats.quantity(self.number)
        return _("about %(number)s") % {"number": text} if self.is_about else text

    def __bool__(self) -> bool:
        return self.number > 0

    @property
    def at_least(self) -> str:
        """As it stands in a tab: 37, 10,000+."""
        return f"{formats.quantity(EXACTLY)}+" if self.is_about else formats.quantity(self.number)


def total_of(rows: QuerySet[Any], *, large: bool) -> Total:
    """How many rows there are; of a `large` table about how many, once there are more than `EXACTLY`."""
    if not large:
        return Total(rows.count())
    counted = rows.order_by().values("pk")[: EXACTLY + 1].count()
    if counted <= EXACTLY:
        return Total(counted)
    return Total(_rounded(max(_planned(rows), EXACTLY)), is_about=True)


def _planned(rows: QuerySet[Any]) -> int:
    """How many rows the planner expects; it knows from the last ANALYZE."""
    plan: Any = json.loads(rows.order_by().values("pk").explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])


def _rounded(number: int) -> int:
    unit: int = 10 ** max(len(str(number)) - 3, 0)
    return round(number / unit) * unit
