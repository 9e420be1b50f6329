"""Prices in force: channel → price lists → price rows.

A channel may have several price lists in its currency; the customer pays the lowest of them. Prices in another currency
are never converted: they do not count.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.utils import timezone

from apps.catalogue.models import Price
from apps.network.models import Channel

REFERENCE_PERIOD = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class PriceInForce:
    """What a variant costs, since when, and, when that is a reduction, the lowest price of the 30 days before it."""

    amount: Decimal
    since: dt.datetime
    before_reduction: Decimal | None


@dataclass(frozen=True, slots=True)
class PriceStep:
    """A price from a moment on."""

    since: dt.datetime
    amount: Decimal


def prices_in_force(
    *, channel: Channel, variant_ids: Iterable[int], at: dt.datetime | None = None
) -> dict[int, Decimal]:
    """The price of each variant in a channel at a moment (default now): {variant id: price}. Those without a price
    are not in it. One query."""
    in_force = (
        Price.objects.filter(
            variant__in=list(variant_ids),
            price_list__channels=channel,
            price_list__currency=channel.currency,
            valid_from__lte=at or timezone.now(),
        )
        .order_by("variant_id", "price_list_id", "-valid_from")
        .distinct("variant_id", "price_list_id")
    )
    lowest: dict[int, Decimal] = {}
    for variant_id, amount in in_force.values_list("variant_id", "amount"):
        lowest[variant_id] = min(amount, lowest.get(variant_id, amount))
    return lowest


def price_steps(
    *, channel: Channel, variant_ids: Iterable[int], at: dt.datetime | None = None
) -> dict[int, list[PriceStep]]:
    """How the price of each variant in a channel developed until `at`, oldest first; equal neighbours are one step."""
    rows = (
        Price.objects.filter(
            variant__in=list(variant_ids),
            price_list__channels=channel,
            price_list__currency=channel.currency,
            valid_from__lte=at or timezone.now(),
        )
        .order_by("variant_id", "valid_from", "price_list_id")
        .values_list("variant_id", "price_list_id", "valid_from", "amount")
    )
    steps: dict[int, list[PriceStep]] = defaultdict(list)
    on_lists: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for variant_id, list_id, since, amount in rows:
        on_lists[variant_id][list_id] = amount
        lowest = min(on_lists[variant_id].values())
        known = steps[variant_id]
        if known and known[-1].since == since:  # several lists changed at once
            known.pop()
        if not known or known[-1].amount != lowest:
            known.append(PriceStep(since, lowest))
    return dict(steps)


def in_force(steps: list[PriceStep]) -> PriceInForce:
    """The last of the steps, with the lowest price of the 30 days before it when it went down."""
    now = steps[-1]
    if len(steps) == 1 or now.amount >= steps[-2].amount:
        return PriceInForce(now.amount, now.since, None)
    window_start = now.since - REFERENCE_PERIOD
    lowest = min(step.amount for step, following in pairwise(steps) if following.since > window_start)
    return PriceInForce(now.amount, now.since, lowest)
