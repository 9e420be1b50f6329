"""Opening a purchase or a return by what the customer shows: an order number, a receipt, a collect code, a return code."""

from typing import Any, TypeVar

from django.db import transaction

from apps.accounts.services import grant_access
from apps.core.numbers import RETURN, is_number
from apps.core.reach import reach_of
from apps.customers.review.noting import note_look_up
from apps.customers.services.lookup import purpose_of
from apps.customers.throttles import lets_look_up
from apps.network.models import Channel
from apps.orders.finding import compact, is_order_number
from apps.orders.models import Order
from apps.orders.services.looking_up import by_collect_code, open_by_collect_code, open_by_number
from apps.returns.models import Return

BY_NUMBER, BY_CODE, BY_RECEIPT = "return", "return_code", "receipt"
LONGEST = 128


def open_shown(*, text: str, principal: Any) -> Order | Return | None:
    """What a text from the counter stands for, open to the principal for half an hour if it was not; None for nothing.

    By its form it is tried as one thing, so that somebody who mistypes it made one attempt.
    """
    purpose, code = purpose_of(principal), compact(text)
    if is_number(code, RETURN) or by_shown(text) is not None:
        return open_return(text=text, principal=principal)
    if is_order_number(text):
        return open_by_number(number=text, purpose=purpose, principal=principal)
    if by_collect_code(text) is not None:
        return open_by_collect_code(code=text, purpose=purpose, principal=principal)
    return open_by_receipt(text=text, principal=principal)


@transaction.atomic
def open_return(*, text: str, principal: Any) -> Return | None:
    """The return with this number or return code, open to the principal for half an hour if it was not."""
    rma, code = by_shown(text), compact(text)
    if not code or not reach_of(principal).may("returns.view"):
        return None
    by_number = is_number(code, RETURN)
    return _opened(rma, "return", BY_NUMBER if by_number else BY_CODE, code, principal)


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
    if not shown or not reach_of(principal).may("orders.view"):
        return None
    return _opened(found[0] if len(found) == 1 else None, "order", BY_RECEIPT, shown, principal)


@transaction.atomic
def open_by_code(*, number: str, code: str, client: Any) -> Return | None:
    """The return with this number for a client in whose store it was not expected, if the customer's code is the right one."""
    rma = Return.objects.filter(number=number, return_code=code).first()
    return _opened(rma, "return", BY_CODE, code, client)


S = TypeVar("S", Order, Return)


def _opened(shown: S | None, kind: str, evidence: str, given: str, principal: Any) -> S | None:
    """What a number stands for, open to the principal. What is not theirs anyway is a look-up: counted, and written down."""
    if shown is not None and type(shown).objects.visible_to(principal).filter(pk=shown.pk).exists():
        return shown
    tried: dict[str, Any] = {"given": {evidence: given}, "purpose": purpose_of(principal)}
    if not lets_look_up(principal, **tried):
        return None
    if shown is None:
        note_look_up(principal=principal, outcome="none", **tried)
        return None
    grant = grant_access(
        principal=principal,
        object_type=kind,
        object_key=shown.number,
        purpose=purpose_of(principal),
        evidence=evidence,
    )
    record = shown.source_record
    note_look_up(
        principal=principal,
        outcome="one",
        customer_key=record.customer.key if record else None,
        grant_key=grant.key,
        **tried,
    )
    return shown
