"""From a figure to its rows: addresses of the lists of orders and returns."""

from collections.abc import Collection
from urllib.parse import urlencode

from django.urls import reverse

from apps.network.models import Channel
from apps.portal.periods import Period

ONLINE = tuple(sorted(Channel.ONLINE))
STORE = (Channel.Kind.STORE.value,)
EVERYWHERE = (*ONLINE, *STORE)


def orders_url(
    *, currency: str, period: Period, kinds: Collection[str] = (), method: str = "", known: bool = False
) -> str:
    """The orders that figures count: those of which something was handed over."""
    query = [
        ("handed", "true"),
        ("currency", currency),
        ("from", period.start.isoformat()),
        ("to", period.end.isoformat()),
    ]
    query += [("kind", kind) for kind in kinds]
    query += [("method", method)] if method else []
    query += [("known", "true")] if known else []
    return f"{reverse('orders:orders')}?{urlencode(query)}"


def returns_url(*, currency: str, period: Period, kinds: Collection[str] = EVERYWHERE) -> str:
    """The returns of goods that figures count: those paid back. `kinds` are of the channels that had sold them."""
    days = [("day_after", period.start.isoformat()), ("day_before", period.end.isoformat())]
    query = [("status", "settled"), ("currency", currency), *days, *(("sold", kind) for kind in kinds)]
    return f"{reverse('returns:returns')}?{urlencode(query)}"
