"""Which VAT a sale carries."""

import datetime as dt
from decimal import Decimal

from apps.catalogue.models import VatRate
from apps.network.models import Channel


def vat_rates(*, country: str, on: dt.date) -> dict[str, Decimal]:
    """The percentage of each VAT class in a country on a day; a class without a rate (unknown) is not in it."""
    in_force = (
        VatRate.objects.filter(country=country, valid_from__lte=on)
        .order_by("vat_class", "-valid_from")
        .distinct("vat_class")
    )
    return dict(in_force.values_list("vat_class", "rate"))


def vat_rates_in(channel: Channel, *, on: dt.date) -> dict[str, Decimal]:
    """As `vat_rates`, for sales through a channel; empty where the channel's VAT is unknown."""
    if channel.vat_basis == Channel.VatBasis.UNKNOWN:
        return {}
    return vat_rates(country=channel.country, on=on)
