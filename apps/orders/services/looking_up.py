"""Opening an order to whoever a customer shows its number or collect code to, wherever it was placed."""

from typing import Any

from django.db import transaction

from apps.accounts.services import grant_access
from apps.core.reach import reach_of
from apps.customers.review.noting import note_look_up
from apps.customers.throttles import lets_look_up
from apps.orders.finding import compact, is_order_number
from apps.orders.models import Order

BY_NUMBER, BY_COLLECT_CODE = "order", "collect_code"


def open_by_number(*, number: str, purpose: str, principal: Any) -> Order | None:
    """The order with this number, open to the principal for half an hour if it was not; None when there is none."""
    if not is_order_number(number):
        return None
    return _opened(Order.objects.filter(number=compact(number)).first(), BY_NUMBER, compact(number), purpose, principal)


def open_by_collect_code(*, code: str, purpose: str, principal: Any) -> Order | None:
    """The order with this collect code, open to the principal for half an hour if it was not; None when there is none."""
    return _opened(by_collect_code(code), BY_COLLECT_CODE, compact(code), purpose, principal)


def by_collect_code(code: str) -> Order | None:
    """The order with this collect code, whoever asks."""
    return Order.objects.filter(collect_code=compact(code)).first()


@transaction.atomic
def _opened(order: Order | None, evidence: str, given: str, purpose: str, principal: Any) -> Order | None:
    if order is not None and Order.objects.visible_to(principal).filter(pk=order.pk).exists():
        return order
    reach = reach_of(principal)
    tried: dict[str, Any] = {"given": {evidence: given}, "purpose": purpose}
    if not (reach.may("orders.view") and reach.may("customers.lookup")):
        return None
    if not lets_look_up(principal, **tried):
        return None
    if order is None:
        note_look_up(principal=principal, outcome="none", **tried)
        return None
    grant = grant_access(
        principal=principal, object_type="order", object_key=order.number, purpose=purpose, evidence=evidence
    )
    record = order.source_record
    note_look_up(
        principal=principal,
        outcome="one",
        customer_key=record.customer.key if record else None,
        grant_key=grant.key,
        **tried,
    )
    return order


def person_of_order(number: str, principal: Any) -> int | None:
    """The source record of who placed the order with this number."""
    return Order.objects.filter(number=compact(number)).values_list("source_record", flat=True).first()


def person_of_collect_code(code: str, principal: Any) -> int | None:
    """The source record of who may collect with this code."""
    return Order.objects.filter(collect_code=compact(code)).values_list("source_record", flat=True).first()
