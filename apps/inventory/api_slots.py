"""Time slots of stores near by, over HTTP."""

from collections import defaultdict
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import ApiView
from apps.accounts.api_fields import SomeQuantity
from apps.accounts.roles import Scope
from apps.catalogue.models import Variant
from apps.inventory.api import MOST_SKUS, lists, named_point, unknown_skus
from apps.inventory.services.slots import Offer, offered
from apps.network.local_delivery import LONGEST_AHEAD, clock


class SlotsQuery(serializers.Serializer[Any]):
    postcode = serializers.CharField(max_length=10)
    country = serializers.CharField(
        min_length=2, max_length=2, required=False, help_text="Left out, that of the channel."
    )
    sku = serializers.ListField(
        child=serializers.CharField(max_length=40),
        max_length=MOST_SKUS,
        required=False,
        default=list,
        help_text="Only locations that have all of it.",
    )
    quantity = serializers.ListField(
        child=SomeQuantity(),
        max_length=MOST_SKUS,
        required=False,
        default=list,
        help_text="Of each `sku`, in the same order; left out, one of each.",
    )
    days = serializers.IntegerField(
        min_value=1, max_value=LONGEST_AHEAD, required=False, default=2, help_text="From today."
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if data["quantity"] and len(data["quantity"]) != len(data["sku"]):
            said = serializers.ErrorDetail(_("Send a quantity for each SKU, or none."), "invalid")
            raise serializers.ValidationError({"quantity": said})
        return data


class SlotLocation(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class SlotAnswer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="To be sent as `fulfilment.slot` of the order.")
    location = SlotLocation()
    distance_km = serializers.FloatField()
    date = serializers.DateField()
    until = serializers.CharField(help_text="By the clock of the location, as `from`: 16:00.")
    order_by = serializers.DateTimeField(help_text="Until when it can be chosen.")
    left = serializers.IntegerField(help_text="So many orders can still choose it.")

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.CharField(), **super().get_fields()}


class SlotsAnswer(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField()
    results = SlotAnswer(many=True)


class DeliverySlotsView(ApiView):
    """The times at which stores near a postcode can bring an order, the first time first."""

    required_scopes = {"GET": Scope.STOCK_READ}

    @extend_schema(tags=["stock"], parameters=[SlotsQuery], responses=SlotsAnswer)
    def get(self, request: Request) -> Response:
        query = SlotsQuery(data=lists(request, "sku", "quantity"))
        query.is_valid(raise_exception=True)
        asked, channel, now = query.validated_data, self.client.channel, timezone.now()
        offers = offered(
            near=named_point(asked["postcode"], country=asked.get("country", channel.country).upper()),
            now=now,
            days=asked["days"],
            wants=_wants(asked["sku"], asked["quantity"]),
            channel=channel.code,
        )
        return Response({"as_of": now.isoformat(), "results": [_offer(offer) for offer in offers]})


def _wants(skus: list[str], quantities: list[Decimal]) -> dict[int, Decimal]:
    """{variant id: quantity}. Raises `InvalidInput` for SKUs that do not exist."""
    known = dict(Variant.objects.filter(sku__in=skus).values_list("sku", "pk")) if skus else {}
    if len(known) < len(set(skus)):
        raise unknown_skus(skus, known)
    wants: dict[int, Decimal] = defaultdict(Decimal)
    for sku, quantity in zip(skus, quantities or [Decimal(1)] * len(skus), strict=True):
        wants[known[sku]] += quantity
    return dict(wants)


def _offer(offer: Offer) -> dict[str, Any]:
    times, place = offer.times, offer.place
    return {
        "id": times.id,
        "location": {"code": place.code, "name": place.name},
        "distance_km": offer.km,
        "date": times.day.isoformat(),
        "from": clock(times.starts_at, time_zone=place.time_zone),
        "until": clock(times.ends_at, time_zone=place.time_zone),
        "order_by": times.order_by.astimezone(ZoneInfo(place.time_zone)).isoformat(),
        "left": offer.left,
    }
