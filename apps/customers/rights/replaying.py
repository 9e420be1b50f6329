"""Erasing again after a restore of the database: whoever the file names and the back-up brought back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from apps.core.errors import Conflict
from apps.customers.models import Erasure, SourceRecord
from apps.customers.rights import keeping
from apps.customers.rights.erasing import erase_again

_BATCH = 500


@dataclass
class Replayed:
    """What a replay came to: erasures the database did not know, people erased again, and who waits: {customer key: why}."""

    unknown: int = 0
    erased: int = 0
    waiting: dict[str, str] = field(default_factory=dict)


def replay(*, principal: Any) -> Replayed:
    """Erase again whoever was forgotten and is still there, each in a transaction of its own; a second time it finds nobody.

    What imports must not bring back is known before anybody is erased, so a replay that was broken off holds that too.
    """
    kept = keeping.read()
    known = set(Erasure.objects.values_list("pk", flat=True))
    unknown = [erasure for erasure in kept if erasure.pk not in known]
    Erasure.objects.bulk_create(unknown, ignore_conflicts=True)
    keeping.write_down()
    done = Replayed(unknown=len(unknown))
    for erasure in _still_there():
        try:
            erase_again(erasure=erasure, principal=principal)
            done.erased += 1
        except Conflict as conflict:
            done.waiting[str(erasure.customer_key)] = str(conflict)
    return done


def _still_there() -> Iterator[Erasure]:
    """Erasures of which a record still has its key in another system, which an erasure takes away."""
    gone = Concat(Value("~"), Cast("pk", CharField()))
    erasures = list(Erasure.objects.order_by("erased_at", "pk"))
    for start in range(0, len(erasures), _BATCH):
        batch = erasures[start : start + _BATCH]
        keys = {key for erasure in batch for key in erasure.records}
        left = set(SourceRecord.objects.filter(key__in=keys).exclude(external_id=gone).values_list("key", flat=True))
        yield from (erasure for erasure in batch if left.intersection(erasure.records))
