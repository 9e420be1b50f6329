"""Contact moments as they stand in API documents."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.customers.serializers import IdentifiersSerializer
from apps.service.models import ContactMoment

_AHEAD = dt.timedelta(minutes=10)  # how far another system's clock may run ahead


class ContactSerializer(serializers.Serializer):
    external_id = serializers.CharField(max_length=128)
    channel = serializers.ChoiceField(ContactMoment.Channel.choices)
    direction = serializers.ChoiceField(ContactMoment.Direction.choices)
    occurred_at = serializers.DateTimeField()
    customer = IdentifiersSerializer(required=False, allow_null=True)
    topic = serializers.CharField(
        max_length=40,
        help_text="By the code, the name or another word of a topic that head office keeps; any other word is kept as it is.",
    )
    text = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    handling_seconds = serializers.IntegerField(min_value=0, max_value=86_400, required=False, allow_null=True)
    case = serializers.CharField(max_length=32, required=False, allow_null=True, allow_blank=True)

    def validate_occurred_at(self, at: dt.datetime) -> dt.datetime:
        if at > timezone.now() + _AHEAD:
            raise serializers.ValidationError(_("This lies in the future."), code="invalid")
        return at

    def validate_case(self, case: str | None) -> None:
        if case:
            detail = _("There is no case %(case)s.") % {"case": case}
            raise serializers.ValidationError(detail, code="does_not_exist")


class ContactAnswer(serializers.Serializer):
    id = serializers.UUIDField()
    external_id = serializers.CharField()
    customer = serializers.UUIDField(allow_null=True)
