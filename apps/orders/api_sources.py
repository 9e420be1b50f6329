"""Sourcing for store apps and partners: every location that was looked at, and why not that one."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import ApiView
from apps.accounts.roles import Scope
from apps.inventory.services.decisions import Verdict
from apps.orders.models import Method, Order
from apps.orders.sources import Choice, choices_of


class LookedAnswer(serializers.Serializer[Any]):
    location = serializers.CharField()
    verdict = serializers.ChoiceField(Verdict.choices)
    why = serializers.CharField(help_text="The verdict in words.")
    km = serializers.FloatField(allow_null=True)
    skus = serializers.ListField(child=serializers.CharField(), help_text="What it sends.")


class ChoiceAnswer(serializers.Serializer[Any]):
    decided_at = serializers.DateTimeField()
    profile = serializers.CharField(allow_null=True, help_text="Version; null for the built-in rule.")
    strategy = serializers.CharField()
    in_vain = serializers.ListField(child=serializers.CharField(), help_text="Strategies that could not send it.")
    without_day = serializers.BooleanField(
        help_text="Nobody could make the promised day; what has waited was tried again without it."
    )
    candidates = LookedAnswer(many=True)
    others = serializers.DictField(child=serializers.IntegerField(), help_text="Locations left out here, by verdict.")


class SourcedLineAnswer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    sku = serializers.CharField()
    location = serializers.CharField(allow_null=True)


class SourcesAnswer(serializers.Serializer[Any]):
    order = serializers.CharField()
    method = serializers.ChoiceField(Method.choices)
    lines = SourcedLineAnswer(many=True)
    choices = ChoiceAnswer(many=True, help_text="Empty where the customer chose the store.")


class SourcesView(ApiView):
    """Where the goods of an order come from, and why."""

    required_scopes: ClassVar = {"GET": Scope.STORE_OPERATE}

    @extend_schema(tags=["orders"], responses=SourcesAnswer)
    def get(self, request: Request, number: str) -> Response:
        orders = Order.objects.visible_to(self.client).prefetch_related("lines__demand", "lines__location")
        for order in orders.filter(number=number):
            lines = sorted(order.lines.all(), key=lambda line: line.line)
            answer = {
                "order": order.number,
                "method": order.method,
                "lines": [
                    {"line": ln.line, "sku": ln.sku, "location": ln.location.code if ln.location else None}
                    for ln in lines
                ],
                "choices": [_as_answered(choice) for choice in choices_of(order)],
            }
            return Response(answer)
        raise Http404


def _as_answered(choice: Choice) -> dict[str, Any]:
    return {
        "decided_at": choice.decided_at.isoformat(),
        "profile": choice.profile.version if choice.profile else None,
        "strategy": choice.strategy,
        "in_vain": choice.in_vain,
        "without_day": choice.without_day,
        "candidates": [
            {"location": one.code, "verdict": one.verdict, "why": one.why, "km": one.km, "skus": one.skus}
            for one in choice.looked_at
        ],
        "others": choice.others,
    }
