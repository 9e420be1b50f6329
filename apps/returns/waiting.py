"""Returns of a customer that are not over: on their way, or looked at and still to be paid back."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.customers.services.open_work import MOST, OpenItem
from apps.returns.models import Return, ReturnStatus
from apps.returns.states import state_of

_OVER = (ReturnStatus.SETTLED, ReturnStatus.WITHDRAWN)


def returns_waiting(principal: Any, source_record_ids: Sequence[int]) -> Iterable[OpenItem]:
    """Newest first, with what the customer still gets back."""
    returns = Return.objects.visible_to(principal).filter(source_record__in=source_record_ids)
    for rma in returns.exclude(status__in=_OVER).order_by("-occurred_at", "-id")[:MOST]:
        tone, word = state_of(rma)
        due = rma.status == ReturnStatus.INSPECTED
        yield OpenItem(
            title=_("Return %(number)s") % {"number": rma.number},
            since=rma.occurred_at,
            status=_("To be paid back") if due else word,
            tone="bad" if due else tone,
            url=rma.get_absolute_url(),
            amount=rma.total,
            currency=rma.currency,
        )
