"""What of the catalogue changed since a position in the event log: by an event, or because its day has come."""

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Price, Variant
from apps.core.days import business_date
from apps.core.errors import InvalidInput
from apps.core.events.models import Event
from apps.core.events.sequencer import head
from apps.network.models import Channel

_TOPICS = ("product.changed", "price.changed")


def touched_since(variants: QuerySet[Variant], *, moment: dt.datetime, channel: Channel) -> QuerySet[Variant]:
    """Narrow variants to those whose entry in a channel may differ from what it was at a moment, by the clock."""
    return _narrowed(variants, Event.objects.filter(recorded_at__gte=moment), moment, channel)


def changed_since(variants: QuerySet[Variant], *, position: int, channel: Channel) -> QuerySet[Variant]:
    """Narrow variants to those whose entry in a channel may differ from what it was at a position of the log.

    Rather one too many than one too few: whoever keeps a copy misses nothing. Raises `InvalidInput` for a position that
    the log has not reached, since a copy made from another log must be made anew.
    """
    if position > head():
        raise InvalidInput(_("This sync_token is not from this log. Fetch everything again."), code="unknown_token")
    last_seen = Event.objects.filter(position=position).values_list("recorded_at", flat=True).first()
    if last_seen is None:
        return variants
    return _narrowed(variants, Event.objects.filter(position__gt=position), last_seen, channel)


def _narrowed(
    variants: QuerySet[Variant], events: QuerySet[Event], last_seen: dt.datetime, channel: Channel
) -> QuerySet[Variant]:
    events = events.filter(topic__in=_TOPICS)
    by_event = Q(sku__in=events.filter(object_type="variant").values("object_key")) | Q(
        product__code__in=events.filter(object_type="product").values("object_key")
    )
    now = timezone.now()
    days = (business_date(last_seen, channel.time_zone), business_date(now, channel.time_zone))
    prices = Price.objects.filter(price_list__channels=channel, valid_from__gte=last_seen, valid_from__lte=now)
    by_time = Q(pk__in=prices.values("variant"))
    for field in ("active_from", "active_until", "product__active_from", "product__active_until"):
        by_time |= Q(**{f"{field}__range": days})
    return variants.filter(by_event | by_time)
