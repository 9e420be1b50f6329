"""What the API accepts for returns. Strict: unknown types, absurd lengths and impossible numbers never reach a service."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.accounts.api_fields import SomeQuantity
from apps.returns.models import GRADE_CHOICES, GRADES, Reason
from apps.returns.services.purchases import LONGEST_RETURN
from apps.returns.services.types import Announced, Graded


class AnnouncedLineSerializer(serializers.Serializer):
    order = serializers.CharField(max_length=16)
    line = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, allow_null=True, default=None)
    sku = serializers.CharField(max_length=40, required=False, allow_null=True, allow_blank=True, default="")
    quantity = SomeQuantity()
    reason = serializers.CharField(max_length=200, required=False, allow_null=True, allow_blank=True, default="")

    def validate(self, line: dict[str, Any]) -> dict[str, Any]:
        if line["line"] is None and not line["sku"]:
            raise serializers.ValidationError({"line": [_("Name the line or the SKU.")]}, "required")
        return line

    @staticmethod
    def announced(line: dict[str, Any]) -> Announced:
        """The line for the service. A reason in words of the caller's own counts as not known."""
        reason = (line["reason"] or "").strip().lower().replace(" ", "_").replace("-", "_")
        return Announced(
            order=line["order"],
            quantity=line["quantity"],
            line=line["line"],
            sku=line["sku"] or "",
            reason=reason if reason in Reason.values else Reason.UNKNOWN,
        )


class DestinationSerializer(serializers.Serializer):
    method = serializers.ChoiceField(choices=["parcel", "store"])
    location = serializers.CharField(max_length=16, required=False, allow_null=True, default=None)


class ReturnSerializer(serializers.Serializer):
    external_id = serializers.CharField(max_length=128)
    channel = serializers.CharField(max_length=32, required=False, allow_null=True, default=None)
    lines = serializers.ListField(child=AnnouncedLineSerializer(), allow_empty=False, max_length=LONGEST_RETURN)
    destination = DestinationSerializer(required=False, allow_null=True, default=None)


class ReceiveSerializer(serializers.Serializer):
    """`return_code` is what the customer shows where the return was not expected."""

    location = serializers.CharField(max_length=16, required=False, allow_null=True, default=None)
    return_code = serializers.CharField(max_length=12, required=False, allow_null=True, default=None)


LONGEST_GRADING = LONGEST_RETURN * len(GRADES)


class GradedSerializer(serializers.Serializer):
    line = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    grade = serializers.ChoiceField(choices=GRADE_CHOICES)
    quantity = SomeQuantity()


class InspectSerializer(serializers.Serializer):
    """The gradings as a bare array, or as `{"lines": [...]}`."""

    lines = serializers.ListField(child=GradedSerializer(), allow_empty=False, max_length=LONGEST_GRADING)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value({"lines": data} if isinstance(data, list) else data)

    @staticmethod
    def gradings(data: dict[str, Any]) -> list[Graded]:
        return [Graded(line["line"], line["grade"], line["quantity"]) for line in data["lines"]]
