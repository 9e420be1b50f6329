"""How many points: whole ones, by cumulative amounts, so that parts always add up and a full return leaves nothing."""

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from apps.core.money import ZERO, spread
from apps.loyalty.models import EarnRule


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """What a line was in all: its goods amount, VAT included, after discount."""

    quantity: Decimal
    amount: Decimal

    def worth_of_first(self, pieces: Decimal) -> Decimal:
        return spread(self.amount, [pieces, self.quantity - pieces])[0]


def points_for(rule: EarnRule, *, before: Decimal, after: Decimal) -> int:
    """The points that goods bring when they take the order's handed-over amount from `before` to `after`."""
    return _whole(rule.points_per_unit * after) - _whole(rule.points_per_unit * before)


def points_to_reverse(*, earned: int, returned: Decimal, handed_over: Decimal) -> int:
    """How many of an order's points are gone in all once `returned` of `handed_over` came back."""
    if handed_over <= ZERO:
        return 0
    share = earned * min(returned, handed_over) / handed_over
    return int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def rule_on(rules: Iterable[EarnRule], *, currency: str, day: dt.date) -> EarnRule | None:
    """The rule in force for a currency on a day."""
    in_force = [rule for rule in rules if rule.currency == currency and rule.valid_from <= day]
    return max(in_force, key=lambda rule: (rule.valid_from, rule.pk), default=None)


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of the month so many months on, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _whole(points: Decimal) -> int:
    return int(points.to_integral_value(rounding=ROUND_FLOOR))
