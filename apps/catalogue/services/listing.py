"""What an order needs to know of the variants it names, in one statement.

The rules are those of `pricing`, `vat` and `selling` (the lowest of a channel's lists, the rate of the day, the periods of
product and variant), put into one round trip because every order asks. tests/catalogue/test_listing.py holds them together.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import orjson
from django.db import connection

from apps.core.days import business_date
from apps.network.models import Channel


@dataclass(frozen=True, slots=True)
class Listing:
    """A variant as a channel sells it at a moment. `price` and `vat_rate` are None where there is none."""

    sku: str
    variant_id: int
    name: str
    allows_fractions: bool
    on_sale: bool
    price: Decimal | None
    vat_rate: Decimal | None


# The SKUs go as JSON: PostgreSQL then expects the same number of them each time, and keeps its plan.
_SQL = """
SELECT variant.sku, variant.id,
       concat_ws(', ', text.name, option.words), variant.unit <> 'piece',
       greatest(variant.active_from, product.active_from) <= %(day)s
         AND least(variant.active_until, product.active_until, 'infinity') >= %(day)s,
       price.amount, vat.rate
  FROM json_array_elements_text(%(skus)s) AS asked(sku)
  JOIN catalogue_variant AS variant ON variant.sku = asked.sku
  JOIN catalogue_product AS product ON product.id = variant.product_id
  LEFT JOIN LATERAL (
        SELECT name FROM catalogue_producttext AS t WHERE t.product_id = product.id
         ORDER BY t.locale <> %(locale)s, t.locale <> 'nl', t.locale LIMIT 1) AS text ON true
  LEFT JOIN LATERAL (
        SELECT string_agg(o.value, ', ') AS words FROM jsonb_each_text(variant.options) AS o) AS option ON true
  LEFT JOIN LATERAL (
        SELECT min(latest.amount) AS amount FROM (
            SELECT DISTINCT ON (p.price_list_id) p.amount FROM catalogue_price AS p
              JOIN catalogue_pricelist AS list ON list.id = p.price_list_id AND list.currency = %(currency)s
              JOIN catalogue_pricelist_channels AS c ON c.pricelist_id = list.id AND c.channel_id = %(channel)s
             WHERE p.variant_id = variant.id AND p.valid_from <= %(at)s
             ORDER BY p.price_list_id, p.valid_from DESC) AS latest) AS price ON true
  LEFT JOIN LATERAL (
        SELECT r.rate FROM catalogue_vatrate AS r
         WHERE r.country = %(country)s AND r.vat_class = product.vat_class AND r.valid_from <= %(day)s
         ORDER BY r.valid_from DESC LIMIT 1) AS vat ON %(vat_known)s
"""


def listings(*, channel: Channel, skus: Iterable[str], at: dt.datetime) -> dict[str, Listing]:
    """{sku: listing} for the SKUs that exist."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SQL,
            {
                "day": business_date(at, channel.time_zone),
                "at": at,
                "locale": channel.locale,
                "channel": channel.pk,
                "currency": channel.currency,
                "country": channel.country,
                "vat_known": channel.vat_basis == Channel.VatBasis.INCLUDED,
                "skus": orjson.dumps(sorted(set(skus))).decode(),
            },
        )
        return {row[0]: Listing(*row) for row in cursor.fetchall()}
