"""Starting and lifting a recall."""

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.core.actors import SYSTEM
from apps.core.errors import Conflict, InvalidInput
from apps.core.events.log import Happened, record
from apps.core.numbers import RECALL, next_number
from apps.core.retry import retried
from apps.inventory.models import Recall, RecalledVariant, StoreTask
from apps.inventory.services.levels import key_of, lock
from apps.inventory.services.recalls.moving import CAUSE_TYPE, give_back, held_by, hold_all
from apps.inventory.services.types import Spot


@retried
@transaction.atomic
def start_recall(*, variants: Sequence[Variant], why: str, advice: str, batch: str = "", actor: str) -> Recall:
    """Take variants out of sale in all locations at once, in one transaction. Raises Conflict for what is recalled already.

    Call it last in a transaction: it locks all stock levels of the variants.
    """
    if not variants:
        raise InvalidInput(_("Say which products are recalled."), code="no_lines")
    now = timezone.now()
    recall = Recall.objects.create(
        number=next_number(RECALL), why=why, advice=advice, batch=batch, started_at=now, started_by=actor
    )
    try:
        with transaction.atomic():
            RecalledVariant.objects.bulk_create(RecalledVariant(recall=recall, variant=v) for v in variants)
    except IntegrityError as error:
        raise Conflict(_("One of these is recalled already.")) from error
    _tell("recall.started", recall, [v.sku for v in variants], now)
    hold_all(recall, actor=actor, at=now)
    return recall


def check_in_force(recall: Recall) -> None:
    """Raise Conflict for a recall that was lifted."""
    if recall.lifted_at is not None:
        raise Conflict(_("This recall was lifted."))


@retried
@transaction.atomic
def lift_recall(*, recall: Recall, actor: str) -> Recall:
    """Put what the recall holds back for sale again; tasks that nobody did are no longer needed. Raises Conflict when lifted."""
    locked = Recall.objects.select_for_update().get(pk=recall.pk)
    check_in_force(locked)
    now = timezone.now()
    locked.lifted_at, locked.lifted_by = now, actor
    locked.save(update_fields=["lifted_at", "lifted_by"])
    locked.variants.update(lifted_at=now)
    tasks = StoreTask.objects.open().filter(cause_type=CAUSE_TYPE, cause_id=locked.number)
    tasks.update(done_at=now, done_by=actor)
    skus = list(locked.variants.order_by("variant__sku").values_list("variant__sku", flat=True))
    _tell("recall.lifted", locked, skus, now)
    both = ("quality", "saleable")
    lock(
        key_of(one.variant_id, Spot(one.spot.location_id, one.spot.owner_id, condition))
        for one in held_by(locked)
        for condition in both
    )
    give_back(locked, held=held_by(locked), actor=actor, at=now)
    return locked


def hold_what_slipped_through() -> int:
    """Hold back what became saleable in a transaction that began before its recall did; how many levels.

    What was promised of it in that moment is oversold then, as what was promised before the recall.
    """
    return sum(_hold_again(recall_id) for recall_id in Recall.objects.in_force().values_list("pk", flat=True))


@retried
@transaction.atomic
def _hold_again(recall_id: int) -> int:
    # Whoever lifts it meanwhile is waited for: what is lifted stays for sale.
    recall = Recall.objects.select_for_update(of=("self",)).in_force().filter(pk=recall_id).first()
    return len(hold_all(recall, actor=SYSTEM, at=timezone.now())) if recall is not None else 0


def _tell(topic: str, recall: Recall, skus: Sequence[str], at: dt.datetime) -> None:
    record(
        Happened(
            topic=topic,
            object_type="recall",
            object_key=recall.number,
            occurred_at=at,
            payload={"recall": recall.number, "skus": list(skus)},
        )
    )
