"""Finding orders by what stands on a receipt, a confirmation or a phone."""

import re
from typing import Any

from django.db.models import Q, QuerySet

from apps.core.numbers import ORDER, is_number
from apps.network.models import Channel
from apps.orders.models import Order
from apps.orders.querysets import OrderQuerySet

_GAPS = re.compile(r"[\s\-‐‑–.]+")
_NUMBER = re.compile(r"T?(\d{3,11})\Z")
_MOST = 50
_LENGTH = 12  # of a document number: a letter, ten digits and the check digit
_FEW = 2000


def compact(text: str) -> str:
    """A number or code as it is stored: `t-4810 127 3642` is T48101273642."""
    return _GAPS.sub("", text).upper()


def is_order_number(text: str) -> bool:
    return is_number(compact(text), ORDER)


def matching(orders: OrderQuerySet, text: str) -> OrderQuerySet:
    """Orders whose number begins with `text`, or whose collect code or external id it is. Every step uses an index.

    People read digits aloud, so the letter of the number may be left out.
    """
    code = compact(text)
    # The external id is unique within a channel, so that is how its index is reached.
    channels = Channel.objects.order_by().values("pk")
    named = Order.objects.filter(channel__in=channels, external_id=text.strip()).values_list("pk", flat=True)[:_MOST]
    shown = Order.objects.filter(collect_code=code).values_list("pk", flat=True)
    found = Q(pk__in=[*named, *shown])
    if begun := _NUMBER.match(code):
        found |= begins_with(Order.objects.all(), f"{ORDER}{begun[1]}")
    return orders.filter(found)


def begins_with(rows: QuerySet[Any], begun: str) -> Q:
    """A condition: the document number of a row begins like this.

    The rows are found here and now. In one statement with an order and a limit the planner, which does not know how few
    numbers begin so, would read the newest rows until some match. Where many do, that is the quickest way.
    """
    between = Q(number__range=(begun.ljust(_LENGTH, "0"), begun.ljust(_LENGTH, "9")))
    few = list(rows.filter(between).order_by().values_list("pk", flat=True)[: _FEW + 1])
    return Q(pk__in=few) if len(few) <= _FEW else between
