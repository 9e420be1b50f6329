"""Returns as the API shows them."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from apps.accounts.api_fields import Amount, Percentage, Quantity, UnitPrice
from apps.core.money import ZERO, plain, price_text
from apps.returns.models import GRADE_CHOICES, Reason, Return, ReturnLine, ReturnStatus
from apps.returns.services.paying import refunded_by


class ReturnLineAnswer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    order = serializers.CharField(allow_null=True, help_text="Null where the purchase is not known.")
    order_line = serializers.IntegerField(allow_null=True)
    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = Quantity()
    unit_price = UnitPrice()
    amount = Amount(help_text="What is given back for the line.")
    vat_rate = Percentage(allow_null=True)
    vat = Amount(allow_null=True)
    reason = serializers.ChoiceField(Reason.choices)
    grade = serializers.ChoiceField(GRADE_CHOICES, allow_null=True)


class ReturnAnswer(serializers.Serializer[Any]):
    """A return as `of_return` writes it."""

    number = serializers.CharField()
    external_id = serializers.CharField()
    channel = serializers.CharField()
    status = serializers.ChoiceField(ReturnStatus.choices)
    return_code = serializers.CharField(allow_null=True)
    location = serializers.CharField(allow_null=True, help_text="Where the goods are expected, or arrived.")
    business_date = serializers.DateField()
    announced_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    currency = serializers.CharField()
    refund_expected = Amount()
    refunded = Amount()
    lines = ReturnLineAnswer(many=True)


def with_parts(returns: QuerySet[Return]) -> QuerySet[Return]:
    """Returns with all that `of_return` reads of them."""
    return returns.select_related("channel", "location").prefetch_related("lines__order", "lines__order_line")


def of_return(rma: Return) -> dict[str, Any]:
    """A stored return; wants `with_parts`."""
    refunded = refunded_by([rma.number]).get(rma.number, ZERO)
    return {
        "number": rma.number,
        "external_id": rma.external_id,
        "channel": rma.channel.code,
        "status": rma.status,
        "return_code": rma.return_code,
        "location": rma.location.code if rma.location else None,
        "business_date": rma.business_date.isoformat(),
        "announced_at": rma.occurred_at.isoformat(),
        "received_at": rma.received_at.isoformat() if rma.received_at else None,
        "settled_at": rma.settled_at.isoformat() if rma.settled_at else None,
        "currency": rma.currency,
        "refund_expected": f"{rma.total:.2f}",
        "refunded": f"{refunded:.2f}",
        "lines": [_line(line) for line in sorted(rma.lines.all(), key=lambda line: line.line)],
    }


def _line(line: ReturnLine) -> dict[str, Any]:
    return {
        "line": line.line,
        "order": line.order.number if line.order else None,
        "order_line": line.order_line.line if line.order_line else None,
        "sku": line.sku,
        "name": line.name,
        "quantity": plain(line.quantity),
        "unit_price": price_text(line.unit_price),
        "amount": f"{line.amount:.2f}",
        "vat_rate": None if line.vat_rate is None else f"{line.vat_rate:.2f}",
        "vat": None if line.vat_amount is None else f"{line.vat_amount:.2f}",
        "reason": line.reason,
        "grade": line.grade or None,
    }
