"""Opening a count: what is to be counted is written down, so that everybody counts the same."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.bulk import insert_rows
from apps.core.errors import InvalidInput
from apps.core.events.log import Happened, record
from apps.core.numbers import COUNT, next_number
from apps.inventory.models import Count, CountItem, PlaceLevel
from apps.inventory.services.counts.deserving import asked_for, fastest_sellers
from apps.network.models import Location

MOST_ITEMS = 1000
"""More than this is no cycle count: choose shelves, or print sheets."""


@transaction.atomic
def open_count(
    *,
    location: Location,
    basis: str,
    actor: str,
    token: uuid.UUID,
    blind: bool = True,
    shelf: str = "",
    variant_ids: Sequence[int] = (),
    uncounted_days: int = 0,
    limit: int = MOST_ITEMS,
) -> Count:
    """Open a count of what `basis` says, `limit` variants at most; the same token opens it once.

    `shelf` is how the codes of the shelves begin, `variant_ids` are the chosen variants, `uncounted_days` leaves out best
    sellers that were counted so lately. Raises InvalidInput when that is nothing, or more than `MOST_ITEMS`.
    """
    known = Count.objects.filter(token=token).first()
    if known is not None:
        return known
    chosen = _chosen(location, basis, shelf=shelf, variant_ids=variant_ids, days=uncounted_days, limit=limit)
    if not chosen:
        raise InvalidInput(_("There is nothing to count by this choice."), code="nothing_to_count")
    if len(chosen) > MOST_ITEMS:
        told = _("More than %(most)s products answer to this choice. Choose fewer shelves.") % {"most": MOST_ITEMS}
        raise InvalidInput(told, code="too_much_to_count")
    # A twin of the same form waits here until this one is booked, and then finds it.
    count, is_new = Count.objects.get_or_create(
        token=token,
        defaults={
            "number": next_number(COUNT),
            "location": location,
            "basis": basis,
            "shelf": shelf if basis == Count.Basis.SHELVES else "",
            "blind": blind,
            "created_by": actor,
        },
    )
    if is_new:
        add_items(count, chosen)
        record(Happened(topic="count.opened", **about(count, products=len(chosen))))
    return count


def _chosen(
    location: Location, basis: str, *, shelf: str, variant_ids: Sequence[int], days: int, limit: int
) -> list[int]:
    if basis == Count.Basis.GIVEN:
        return list(dict.fromkeys(variant_ids))
    if basis == Count.Basis.SHELVES:
        placed = PlaceLevel.objects.filter(location=location, condition="saleable", place__code__istartswith=shelf)
        return list(placed.order_by("variant_id").values_list("variant_id", flat=True).distinct()[: MOST_ITEMS + 1])
    limit = min(limit, MOST_ITEMS)
    if basis == Count.Basis.FASTEST:
        return fastest_sellers(location=location, limit=limit, uncounted_days=days)
    asked = asked_for(location=location)[:limit]
    if basis == Count.Basis.TASKS:
        return asked
    return [*asked, *fastest_sellers(location=location, limit=limit - len(asked), but=asked)]


def add_items(count: Count, variant_ids: Collection[int]) -> None:
    """Write down what is to be counted in the round that the count is in."""
    rows = [(count.pk, count.round, variant_id) for variant_id in variant_ids]
    insert_rows(CountItem, ("count", "round", "variant"), rows, on_conflict="DO NOTHING")


def about(count: Count, **figures: int | str) -> dict[str, Any]:
    """What every event of a count says beside its topic. The caller has locked the count, or made it."""
    return {
        "object_type": "count",
        "object_key": count.number,
        "occurred_at": timezone.now(),
        "payload": {"location": count.location.code, "round": count.round, **figures},
    }


def locked(count: Count) -> Count:
    """The count as it is now, kept as it is until the transaction ends."""
    return Count.objects.select_for_update(of=("self",), no_key=True).select_related("location").get(pk=count.pk)
