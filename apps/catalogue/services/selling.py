"""Whether a channel sells a variant, at what price, and if not, why not."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.catalogue.services.pricing import in_force, price_steps
from apps.catalogue.services.vat import vat_rates_in
from apps.core.days import business_date
from apps.network.models import Channel


class NotSellable(models.TextChoices):
    """Why a channel does not sell a variant."""

    NOT_YET = "not_yet", _("Not on sale yet")
    ENDED = "ended", _("No longer on sale")
    NO_PRICE = "no_price", _("Has no price in this channel")


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant in a channel. `price` and `vat_rate` are empty where unknown; `because` says why it is not sold."""

    price: Decimal | None
    currency: str
    vat_rate: Decimal | None
    lowest_price_30_days: Decimal | None
    because: NotSellable | None

    @property
    def is_sellable(self) -> bool:
        return self.because is None


def period_fault(variant: Variant, day: dt.date) -> NotSellable | None:
    """Whether the variant or its product is not on sale yet, or no longer, on a day."""
    for thing in (variant.product, variant):
        if thing.active_from > day:
            return NotSellable.NOT_YET
        if thing.active_until is not None and thing.active_until < day:
            return NotSellable.ENDED
    return None


def sellable_in(channel: Channel, *, variants: Iterable[Variant], at: dt.datetime | None = None) -> dict[int, Offer]:
    """What a channel makes of variants (with `product` at hand) at a moment: {variant id: offer}. Two queries."""
    at = at or timezone.now()
    variants = list(variants)
    day = business_date(at, channel.time_zone)
    rates = vat_rates_in(channel, on=day)
    steps = price_steps(channel=channel, variant_ids=[v.pk for v in variants], at=at)
    offers = {}
    for variant in variants:
        price = in_force(steps[variant.pk]) if variant.pk in steps else None
        because = period_fault(variant, day) or (None if price else NotSellable.NO_PRICE)
        offers[variant.pk] = Offer(
            price=price.amount if price else None,
            currency=channel.currency,
            vat_rate=rates.get(variant.product.vat_class),
            lowest_price_30_days=price.before_reduction if price else None,
            because=because,
        )
    return offers
