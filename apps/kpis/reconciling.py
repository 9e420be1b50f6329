"""Proof that the dashboard's roll-ups say what orders and returns say."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from apps.core.reconcile import Difference, check
from apps.kpis.services.rolling_up import SUBSCRIBER, Deviation, deviations_of_days, deviations_of_spend


def days_unlike_their_orders() -> Sequence[Difference]:
    return [_difference("sales", deviation) for deviation in deviations_of_days()]


def spending_unlike_its_orders() -> Sequence[Difference]:
    return [_difference("spending", deviation) for deviation in deviations_of_spend()]


def _difference(what: str, deviation: Deviation) -> Difference:
    key, kept, due = (" ".join(str(part) for part in side) for side in vars(deviation).values())
    return Difference(f"{what} {key}", kept, due)


check(
    "daily sales = orders and returns",
    days_unlike_their_orders,
    label=_("Sales per day are what orders and returns say"),
    subscribers={SUBSCRIBER},
)
check(
    "monthly spending = orders and returns",
    spending_unlike_its_orders,
    label=_("What customers spend a month is what orders and returns say"),
    subscribers={SUBSCRIBER},
)
