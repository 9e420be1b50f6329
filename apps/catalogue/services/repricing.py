"""Giving one variant another price in a channel, from a moment on."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Price, PriceList, Variant
from apps.catalogue.services.maintaining import NewPrice, set_prices
from apps.core.errors import Conflict, InvalidInput
from apps.network.models import Channel


@transaction.atomic
def change_price(*, variant: Variant, channel: Channel, amount: Decimal, day: dt.date | None = None) -> PriceList:
    """Put a price on the list that customers of the channel pay by: from now on, or from the start of a later day there.

    Raises InvalidInput for a day that has been, Conflict for a channel without a list in its currency, or when there is a price
    from that very moment already.
    """
    price_list = list_in_force(variant=variant, channel=channel)
    now = timezone.now()
    zone = ZoneInfo(channel.time_zone)
    today = now.astimezone(zone).date()
    if day is not None and day < today:
        raise InvalidInput(_("What was paid before stays as it was. Let the price hold from today or later."))
    later = day is not None and day > today
    since = dt.datetime.combine(day, dt.time(), zone) if later and day is not None else now
    set_prices(price_list=price_list, prices=[NewPrice(variant, amount, since)])
    return price_list


def list_in_force(*, variant: Variant, channel: Channel) -> PriceList:
    """The list whose price of a variant is paid in a channel, the lowest of them; the channel's first where it has none."""
    lists = PriceList.objects.filter(channels=channel, currency=channel.currency).order_by("pk")
    latest = (
        Price.objects.filter(variant=variant, price_list__in=lists, valid_from__lte=timezone.now())
        .order_by("price_list_id", "-valid_from")
        .distinct("price_list_id")
    )
    paid = min(latest.select_related("price_list"), key=lambda price: price.amount, default=None)
    found = paid.price_list if paid is not None else lists.first()
    if found is None:
        raise Conflict(
            _("%(channel)s has no price list in %(currency)s.") % {"channel": channel, "currency": channel.currency}
        )
    return found
