"""Telling others what can be promised, when that changed."""

from collections import defaultdict

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef

from apps.accounts.webhooks.models import WebhookEndpoint
from apps.accounts.webhooks.queueing import tell
from apps.accounts.webhooks.topics import topic_called
from apps.catalogue.models import Variant
from apps.core.bulk import insert_rows
from apps.inventory.models import ChannelThreshold, StockLevel, StockNews
from apps.inventory.models.news import TOPIC
from apps.inventory.services import keeping

_LOCK = 7_300_002  # advisory lock key: one teller at a time, so that messages are written in the order of the changes
_TAKE = """
DELETE FROM inventory_stocknews
 WHERE id IN (SELECT id FROM inventory_stocknews ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING variant_id, location_id
"""


@transaction.atomic
def put_threshold(*, threshold: ChannelThreshold) -> None:
    """Save a threshold, new or changed, and tell what it changes. Raises what `put_rule` does."""
    for before in ChannelThreshold.objects.filter(pk=threshold.pk):
        note_threshold(before)
    keeping.put_rule(rule=threshold)
    note_threshold(threshold)


@transaction.atomic
def drop_threshold(*, threshold: ChannelThreshold) -> None:
    """Take a threshold out, and tell what that changes."""
    note_threshold(threshold)
    keeping.drop_rule(rule=threshold)


def note_threshold(threshold: ChannelThreshold) -> None:
    """What a threshold keeps back of what there is changed: whoever is told of stock is told of those variants."""
    if not WebhookEndpoint.objects.told_of(TOPIC).filter(client__channel=threshold.channel_id).exists():
        return
    there = StockLevel.objects.saleable().filter(variant=OuterRef("pk"), on_hand__gt=F("reserved"))
    variants = Variant.objects.filter(Exists(there))
    if threshold.variant_id is not None:
        variants = variants.filter(pk=threshold.variant_id)
    elif threshold.category_id is not None:
        variants = variants.filter(product__category__in=keeping.below(threshold.category_id))
    rows = [(id_, None) for id_ in variants.values_list("pk", flat=True).iterator()]
    insert_rows(StockNews, ("variant_id", "location_id"), rows)


@transaction.atomic
def tell_stock(*, limit: int = 5_000) -> int:
    """Take what changed out of the queue and tell it, one message a variant; return how many changes were taken.

    Both are one transaction: a change is told of, or still in the queue.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_TAKE, [limit])
        changes = cursor.fetchall()
    topic = topic_called(TOPIC)
    if not changes or topic is None:
        return len(changes)
    where: dict[int, set[int]] = defaultdict(set)
    for variant_id, location_id in changes:
        where[variant_id] |= {location_id} - {None}
    if any(location_id is None for _variant_id, location_id in changes):
        keeping.forget()  # it may be a threshold that changed, in another process
    skus = dict(Variant.objects.filter(pk__in=list(where)).values_list("pk", "sku"))
    tell(topic, {skus[variant_id]: where[variant_id] for variant_id in skus})
    return len(changes)
