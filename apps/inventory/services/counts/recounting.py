"""Not taking a count as it is: asking for some of it once more, or for none of it."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, InvalidInput
from apps.core.events.log import Happened, record
from apps.inventory.models import Count, CountedLine, CountItem
from apps.inventory.services.counts.closing import check_to_approve
from apps.inventory.services.counts.opening import about, add_items, locked


@transaction.atomic
def ask_recount(*, count: Count, variant_ids: Collection[int], seen_round: int, actor: str) -> Count:
    """Have some variants counted once more, as blind as before; what was counted first stays beside it.

    `seen_round` is the round that whoever asks looked at: asked twice, it is one new round.
    """
    now = locked(count)
    if now.round > seen_round:
        return now
    check_to_approve(now)
    known = set(CountItem.objects.filter(count=now).values_list("variant_id", flat=True))
    known |= set(CountedLine.objects.filter(count=now).values_list("variant_id", flat=True))
    chosen = sorted(set(variant_ids))
    if not chosen or set(chosen) - known:
        raise InvalidInput(_("Choose what is to be counted again."), code="nothing_to_count")
    now.round += 1
    now.status = Count.Status.COUNTING
    now.save(update_fields=["round", "status"])
    add_items(now, chosen)
    record(Happened(topic="count.recount", **about(now, products=len(chosen), asked_by=actor)))
    return now


def check_withdrawable(count: Count) -> None:
    """Raise Conflict for a count that was booked."""
    if count.status == Count.Status.CLOSED:
        raise Conflict(_("This count was booked. Correct the stock, or count again."))
    if count.status == Count.Status.WITHDRAWN:
        raise Conflict(_("This count was withdrawn."))


@transaction.atomic
def withdraw_count(*, count: Count, actor: str) -> Count:
    """Nothing of it is booked; what was counted stays to be read. Once withdrawn it stays so."""
    now = locked(count)
    if now.status != Count.Status.WITHDRAWN:
        check_withdrawable(now)
        now.status = Count.Status.WITHDRAWN
        now.save(update_fields=["status"])
        record(Happened(topic="count.withdrawn", **about(now, withdrawn_by=actor)))
    return now
