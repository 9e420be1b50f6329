"""Finding orders by what stands on a receipt, a confirmation or a phone."""

import re

from django.db.models import Q

from apps.core.numbers import ORDER, is_number
from apps.network.models import Channel
from apps.orders.models import Order
from apps.orders.querysets import OrderQuerySet

_GAPS = re.compile(r"[\s\-‐‑–.]+")
_NUMBER = re.compile(r"T\d{0,11}\Z")
_MOST = 50


def compact(text: str) -> str:
    """A number or code as it is stored: `t-4810 127 3642` is T48101273642."""
    return _GAPS.sub("", text).upper()


def is_order_number(text: str) -> bool:
    return is_number(compact(text), ORDER)


def matching(orders: OrderQuerySet, text: str) -> OrderQuerySet:
    """Orders whose number begins with `text`, or whose collect code or external id it is. Every step uses an index."""
    code = compact(text)
    # The external id is unique within a channel, so that is how its index is reached.
    channels = list(Channel.objects.values_list("pk", flat=True))
    named = Order.objects.filter(channel__in=channels, external_id=text.strip()).values_list("pk", flat=True)[:_MOST]
    shown = Order.objects.filter(collect_code=code).values_list("pk", flat=True)
    found = Q(pk__in=[*named, *shown])
    if _NUMBER.match(code):
        found |= Q(number__startswith=code)
    return orders.filter(found)
