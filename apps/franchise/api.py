"""Attribution for store apps and partners: every share in cents, with the rule and the evidence."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import ApiView
from apps.accounts.api_fields import Amount
from apps.accounts.models import ApiClient
from apps.accounts.roles import Scope
from apps.core.money import net_of
from apps.franchise.models import Attribution, Evidence, RevenueShare
from apps.franchise.services.explaining import Step, steps_of
from apps.orders.models import Order, OrderLine


class RuleSetAnswer(serializers.Serializer[Any]):
    version = serializers.CharField()
    name = serializers.CharField()
    valid_from = serializers.DateField()
    waterfall = serializers.ListField(child=serializers.ChoiceField(Evidence.choices))


class StepAnswer(serializers.Serializer[Any]):
    evidence = serializers.ChoiceField(Evidence.choices)
    present = serializers.BooleanField()
    taken = serializers.BooleanField()
    store = serializers.CharField(allow_null=True)
    because = serializers.CharField()


class ShareAnswer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(RevenueShare.Kind.choices)
    store = serializers.CharField(allow_null=True)
    legal_entity = serializers.CharField()
    cents = serializers.IntegerField()
    amount = Amount()
    evidence = serializers.ChoiceField(Evidence.choices)
    rule_set = serializers.CharField()
    business_date = serializers.DateField()

    def get_fields(self) -> dict[str, Any]:
        # `return` cannot be a name in a class body.
        return {**super().get_fields(), "return": serializers.CharField(allow_null=True)}


class AttributedLineAnswer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    sku = serializers.CharField()
    net = Amount(help_text="What the line was sold for, without VAT.")
    cents = serializers.IntegerField(help_text="What of it is credited, less what came back.")
    shares = ShareAnswer(many=True)


class AttributionAnswer(serializers.Serializer[Any]):
    """What of an order is credited to the stores in the client's reach."""

    order = serializers.CharField()
    currency = serializers.CharField()
    rule_set = RuleSetAnswer(allow_null=True)
    evidence = serializers.ChoiceField(Evidence.choices, allow_null=True)
    store = serializers.CharField(allow_null=True)
    legal_entity = serializers.CharField(allow_null=True)
    waterfall = StepAnswer(many=True)
    lines = AttributedLineAnswer(many=True)


class AttributionView(ApiView):
    """Which store an order is credited to, and why. Charges are not shared; amounts are net of VAT."""

    required_scopes: ClassVar = {"GET": Scope.STORE_OPERATE}

    @extend_schema(tags=["franchise"], responses=AttributionAnswer)
    def get(self, request: Request, number: str) -> Response:
        order = Order.objects.visible_to(self.client).prefetch_related("lines").filter(number=number).first()
        if order is None:
            raise Http404
        attribution = (
            Attribution.objects.visible_to(self.client)
            .select_related("rule_set", "location", "legal_entity")
            .filter(order_number=number)
            .first()
        )
        shares = (
            RevenueShare.objects.visible_to(self.client)
            .select_related("rule_set", "location", "legal_entity")
            .filter(order_number=number)
            .order_by("id")
        )
        return Response(_document(order, attribution, list(shares), self.client))


def _document(
    order: Order, attribution: Attribution | None, shares: list[RevenueShare], client: ApiClient
) -> dict[str, Any]:
    decided: dict[str, Any] = {"rule_set": None, "evidence": None, "store": None, "legal_entity": None, "waterfall": []}
    if attribution is not None:
        rules = attribution.rule_set
        decided = {
            "rule_set": {
                "version": rules.version,
                "name": rules.name,
                "valid_from": rules.valid_from,
                "waterfall": rules.waterfall,
            },
            "evidence": attribution.evidence,
            "store": attribution.location.code if attribution.location else None,
            "legal_entity": attribution.legal_entity.code,
            "waterfall": [_step(step) for step in steps_of(attribution, client)],
        }
    lines = [_line(line, [s for s in shares if s.order_line == line.line]) for line in order.lines.all()]
    return {"order": order.number, "currency": order.currency, **decided, "lines": lines}


def _step(step: Step) -> dict[str, Any]:
    return {
        "evidence": step.kind.value,
        "present": step.is_present,
        "taken": step.is_taken,
        "store": step.code,
        "because": step.text,
    }


def _line(line: OrderLine, shares: list[RevenueShare]) -> dict[str, Any]:
    return {
        "line": line.line,
        "sku": line.sku,
        "net": str(net_of(line.amount, line.vat_amount)),
        "cents": sum(_cents(share) for share in shares),
        "shares": [
            {
                "kind": share.kind,
                "store": share.location.code if share.location else None,
                "legal_entity": share.legal_entity.code,
                "cents": _cents(share),
                "amount": str(share.amount),
                "evidence": share.evidence,
                "rule_set": share.rule_set.version,
                "business_date": share.business_date,
                "return": share.return_number or None,
            }
            for share in shares
        ],
    }


def _cents(share: RevenueShare) -> int:
    return int(share.amount * 100)
