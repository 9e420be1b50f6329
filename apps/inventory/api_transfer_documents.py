"""A transfer as the API and webhooks write it."""

from typing import Any

from rest_framework import serializers

from apps.accounts.api_fields import Quantity
from apps.core.money import plain
from apps.inventory.models import Difference, Transfer, TransferStatus, Unsent
from apps.inventory.querysets import TransferQuerySet


class TransferLineAnswer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    sku = serializers.CharField()
    requested = Quantity()
    sent = Quantity()
    not_sent = Quantity(help_text="Stays at the sender for good; `not_sent_because` says why.")
    received = Quantity()
    to_send = Quantity()
    on_the_way = Quantity()
    not_sent_because = serializers.ChoiceField(Unsent.choices, allow_blank=True)
    differs_because = serializers.ChoiceField(Difference.choices, allow_blank=True)


class TransferAnswer(serializers.Serializer[Any]):
    number = serializers.CharField()
    status = serializers.ChoiceField(TransferStatus.choices)
    to = serializers.CharField()
    reference = serializers.CharField(allow_blank=True)
    sendings = serializers.IntegerField(help_text="In how many goes goods left so far.")
    receipts = serializers.IntegerField(help_text="In how many goes goods came so far.")
    requested_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(
        allow_null=True, help_text="Since when goods are on their way; of a cancelled one, when it was."
    )
    received_at = serializers.DateTimeField(allow_null=True, help_text="When some last came.")
    lines = TransferLineAnswer(many=True)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        return {"number": fields.pop("number"), "from": serializers.CharField(), **fields}


def with_parts(transfers: TransferQuerySet) -> TransferQuerySet:
    """Transfers with all that their documents say."""
    return transfers.select_related("sender", "receiver").prefetch_related("lines__variant")


def of_transfer(transfer: Transfer) -> dict[str, Any]:
    return {
        "number": transfer.number,
        "status": transfer.status,
        "from": transfer.sender.code,
        "to": transfer.receiver.code,
        "reference": transfer.reference,
        "sendings": transfer.sendings,
        "receipts": transfer.receipts,
        "requested_at": transfer.requested_at.isoformat(),
        "sent_at": transfer.sent_at.isoformat() if transfer.sent_at else None,
        "received_at": transfer.received_at.isoformat() if transfer.received_at else None,
        "lines": [
            {
                "line": line.line,
                "sku": line.variant.sku,
                "requested": plain(line.requested),
                "sent": plain(line.sent),
                "not_sent": plain(line.unsent),
                "received": plain(line.received),
                "to_send": plain(line.to_send),
                "on_the_way": plain(line.on_the_way),
                "not_sent_because": line.unsent_because,
                "differs_because": line.differs_because,
            }
            for line in transfer.lines.all()
        ],
    }
