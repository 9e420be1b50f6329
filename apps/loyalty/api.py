"""A customer's points over HTTP."""

import uuid
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.roles import Scope
from apps.customers.api import CustomerPart
from apps.loyalty.standing import Standing, standings_of


class LotAnswer(serializers.Serializer[Any]):
    order = serializers.CharField()
    points = serializers.IntegerField()
    counts = serializers.BooleanField()
    counts_from = serializers.DateField()
    expires_on = serializers.DateField()


class AccountAnswer(serializers.Serializer[Any]):
    card = serializers.CharField()
    opened_at = serializers.DateTimeField()
    issued_by = serializers.CharField(allow_null=True)
    balance = serializers.IntegerField()
    pending = serializers.IntegerField()
    lots = LotAnswer(many=True)


class LoyaltyAnswer(serializers.Serializer[Any]):
    """`balance` and `pending` add up over the accounts; `card` is the oldest one's, null without an account."""

    card = serializers.CharField(allow_null=True)
    balance = serializers.IntegerField()
    pending = serializers.IntegerField()
    accounts = AccountAnswer(many=True)


class CustomerLoyaltyView(CustomerPart):
    """Balance, waiting points and open lots of a customer that a look-up opened to this client."""

    required_scopes: ClassVar = {"GET": Scope.CUSTOMERS_READ}
    datum = "loyalty.points"

    @extend_schema(tags=["customers"], operation_id="customers_loyalty_retrieve", responses=LoyaltyAnswer)
    def get(self, request: Request, key: uuid.UUID) -> Response:
        standings = standings_of(self.source_record_ids)
        return Response(
            {
                "card": standings[0].account.card_number if standings else None,
                "balance": sum(standing.account.balance for standing in standings),
                "pending": sum(standing.account.pending for standing in standings),
                "accounts": [_account(standing) for standing in standings],
            }
        )


def _account(standing: Standing) -> dict[str, Any]:
    account = standing.account
    return {
        "card": account.card_number,
        "opened_at": account.opened_at.isoformat(),
        "issued_by": account.issued_by.code if account.issued_by else None,
        "balance": account.balance,
        "pending": account.pending,
        "lots": [
            {
                "order": lot.order_number,
                "points": lot.remaining,
                "counts": lot.is_active,
                "counts_from": lot.active_from.isoformat(),
                "expires_on": lot.expires_on.isoformat(),
            }
            for lot in standing.open_lots
        ],
    }
