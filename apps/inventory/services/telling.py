"""Telling others what can be promised, when that changed."""

from collections import defaultdict

from django.db import connection, transaction

from apps.accounts.webhooks.queueing import tell
from apps.accounts.webhooks.topics import topic_called
from apps.catalogue.models import Variant
from apps.inventory.models.news import TOPIC

_LOCK = 7_300_002  # advisory lock key: one teller at a time, so that messages are written in the order of the changes
_TAKE = """
DELETE FROM inventory_stocknews
 WHERE id IN (SELECT id FROM inventory_stocknews ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING variant_id, location_id
"""


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
        where[variant_id].add(location_id)
    skus = dict(Variant.objects.filter(pk__in=list(where)).values_list("pk", "sku"))
    tell(topic, {skus[variant_id]: where[variant_id] for variant_id in skus})
    return len(changes)
