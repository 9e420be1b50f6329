"""Opening a purchase or a return by what the customer shows: an order number, a receipt, a collect code, a return code."""

from typing import Any

from django.db import transaction

from apps.accounts.services import grant_access
from apps.core.numbers import RETURN, is_number
from apps.core.reach import reach_of
from apps.customers.services.lookup import purpose_of
from apps.network.models import Channel
from apps.orders.finding import compact
from apps.orders.models import Order
from apps.orders.services.looking_up import open_by_collect_code, open_by_number
from apps.returns.models import Return

BY_NUMBER, BY_CODE, BY_RECEIPT = "return", "return_code", "receipt"
LONGEST = 128


def open_shown(*, text: str, principal: Any) -> Order | Return | None:
    """What a text from the counter stands for, open to the principal for half an hour if it was not; None for nothing."""
    purpose = purpose_of(principal)
    return (
        open_return(text=text, principal=principal)
        or open_by_number(number=text, purpose=purpose, principal=principal)
        or open_by_collect_code(code=text, purpose=purpose, principal=principal)
        or open_by_receipt(text=text, principal=principal)
    )


@transaction.atomic
def open_return(*, text: str, principal: Any) -> Return | None:
    """The return with this number or return code."""
    rma = by_shown(text)
    if rma is None or not reach_of(principal).may("returns.view"):
        return None
    _grant(rma, "return", BY_NUMBER if rma.number == compact(text) else BY_CODE, principal)
    return rma


def by_shown(text: str) -> Return | None:
    """The return with this number or return code, whoever asks."""
    code = compact(text)
    field = "number" if is_number(code, RETURN) else "return_code"
    return Return.objects.filter(**{field: code}).first() if code else None


@transaction.atomic
def open_by_receipt(*, text: str, principal: Any) -> Order | None:
    """The sale whose till receipt carries this text: its channel's own id. None when several channels use it."""
    shown = text.strip()[:LONGEST]
    channels = list(Channel.objects.filter(location__isnull=False).values_list("pk", flat=True))
    found = list(Order.objects.filter(channel__in=channels, external_id=shown)[:2]) if shown else []
    if len(found) != 1 or not reach_of(principal).may("orders.view"):
        return None
    _grant(found[0], "order", BY_RECEIPT, principal)
    return found[0]


def _grant(shown: Order | Return, kind: str, evidence: str, principal: Any) -> None:
    if not type(shown).objects.visible_to(principal).filter(pk=shown.pk).exists():
        grant_access(
            principal=principal,
            object_type=kind,
            object_key=shown.number,
            purpose=purpose_of(principal),
            evidence=evidence,
        )
