"""Credit notes and what they reverse: the same customer's latest earlier purchase of the same article.

A purchase at the same price comes first, then one that cost at least as much, since nobody gets back more than was paid.
One with enough pieces left is taken whole; else the latest ones together. What no purchase covers stays unlinked.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from apps.core.money import ZERO

Key = tuple[int, int]  # source record, variant


@dataclass(frozen=True, slots=True)
class Credit:
    """Pieces that came back at a price."""

    source_record_id: int | None
    variant_id: int
    at: dt.datetime
    quantity: Decimal
    unit_price: Decimal


@dataclass(slots=True)
class Purchase:
    """An order line with pieces that have not come back."""

    order_line_id: int
    placed_at: dt.datetime
    unit_price: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class Link:
    """So many pieces of a credit, and the order line they reverse; None where there is none."""

    quantity: Decimal
    order_line_id: int | None


def link_credits(credits: Sequence[Credit], *, channel_id: int) -> list[list[Link]]:
    """For each credit, in the order they happened, the pieces of which purchases it reverses. One statement in all."""
    known = _purchases(credits, channel_id)
    links: list[list[Link]] = [[] for _ in credits]
    for n in sorted(range(len(credits)), key=lambda n: (credits[n].at, n)):
        credit = credits[n]
        purchases = known.get((credit.source_record_id, credit.variant_id), ()) if credit.source_record_id else ()
        links[n] = _link(credit, [p for p in purchases if p.left > 0 and p.placed_at <= credit.at])
    return links


def _link(credit: Credit, purchases: Sequence[Purchase]) -> list[Link]:
    """`purchases` are those before the credit, latest first. Uses them up."""
    same_price = [p for p in purchases if p.unit_price == credit.unit_price]
    dearer = [p for p in purchases if p.unit_price > credit.unit_price]
    for group in (same_price, dearer):
        enough = next((p for p in group if p.left >= credit.quantity), None)
        if enough is not None:
            enough.left -= credit.quantity
            return [Link(credit.quantity, enough.order_line_id)]
    links: list[Link] = []
    rest = credit.quantity
    for purchase in (*same_price, *dearer):
        part = min(rest, purchase.left)
        if part > 0:
            purchase.left -= part
            rest -= part
            links.append(Link(part, purchase.order_line_id))
    return [*links, Link(rest, None)] if rest > ZERO else links


_PURCHASES = """
SELECT o.source_record_id, line.variant_id, line.id, o.placed_at, line.unit_price,
       line.quantity_fulfilled - line.quantity_returned - line.quantity_returning
  FROM unnest(%s::bigint[]) AS wanted(source_record_id)
  JOIN orders_order AS o ON o.source_record_id = wanted.source_record_id AND o.channel_id = %s
  JOIN orders_orderline AS line ON line.order_id = o.id AND line.variant_id = ANY(%s)
 WHERE line.quantity_fulfilled > line.quantity_returned + line.quantity_returning
 ORDER BY o.placed_at DESC, o.id DESC, line.line DESC
"""


def _purchases(credits: Sequence[Credit], channel_id: int) -> dict[Key, list[Purchase]]:
    """What the customers of these credits bought of these articles and still have, latest first."""
    people = sorted({c.source_record_id for c in credits if c.source_record_id is not None})
    found: dict[Key, list[Purchase]] = defaultdict(list)
    if not people:
        return found
    variants = sorted({c.variant_id for c in credits})
    with connection.cursor() as cursor:
        cursor.execute(_PURCHASES, [people, channel_id, variants])
        for person, variant, *purchase in cursor.fetchall():
            found[person, variant].append(Purchase(*purchase))
    return found
