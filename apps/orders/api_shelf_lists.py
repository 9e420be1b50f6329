"""Shelf lists for webshops: a customer put a list together at home and picks it in a store."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import ApiView
from apps.accounts.api_fields import Quantity
from apps.accounts.roles import Scope
from apps.catalogue.models import Variant
from apps.core.errors import Fault, InvalidInput
from apps.core.money import plain
from apps.inventory.handing_out import Stand, shelf_list
from apps.inventory.typed_goods import MOST_LINES
from apps.network.models import Location
from apps.orders.shelf_lists import Goods, shelf_list_url


class WishSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField(max_length=40)
    quantity = serializers.DecimalField(max_digits=12, decimal_places=3, min_value=Decimal("0.001"), default=Decimal(1))


class ShelfListBody(serializers.Serializer[Any]):
    location = serializers.CharField(max_length=16)
    lines = serializers.ListField(child=WishSerializer(), allow_empty=False, max_length=MOST_LINES)


class ElsewhereAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    distance_km = serializers.FloatField(allow_null=True)
    available = Quantity()


class StandAnswer(serializers.Serializer[Any]):
    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = Quantity()
    shelves = serializers.ListField(child=serializers.CharField(), help_text="Codes, in walking order.")
    here = Quantity(help_text="How many of these can be taken in the store.")
    missing = Quantity()
    nearest = ElsewhereAnswer(allow_null=True, help_text="Another store with what is missing, all of it if any has.")
    can_be_sent = serializers.BooleanField(help_text="Whether an order for what is missing can be delivered.")


class ShelfListAnswer(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField()
    location = serializers.CharField()
    link = serializers.URLField(help_text="Opens the list for the people of the store, as a link or a QR code.")
    lines = StandAnswer(many=True, help_text="In walking order; what has no shelf comes last.")


class ShelfListsView(ApiView):
    """Where each article of a list stands in a store. A question: nothing is reserved, and nothing is kept."""

    required_scopes = {"POST": Scope.STOCK_READ}

    @extend_schema(tags=["stock"], request=ShelfListBody, responses=ShelfListAnswer)
    def post(self, request: Request) -> Response:
        body = ShelfListBody(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        store = (
            Location.objects.visible_to(self.client).filter(code=asked["location"], kind=Location.Kind.STORE).first()
        )
        if store is None:
            detail = _("There is no location %(code)s.") % {"code": asked["location"]}
            raise InvalidInput(detail, faults=[Fault("does_not_exist", detail, "location")])
        goods = self._goods(asked["lines"])
        answer = {
            "as_of": timezone.now().isoformat(),
            "location": store.code,
            "link": settings.BASE_URL + shelf_list_url([(v.sku, q) for v, q in goods], location=store.code),
            "lines": [_as_answered(one) for one in shelf_list(location=store, goods=goods)],
        }
        return Response(answer)

    def _goods(self, lines: list[dict[str, Any]]) -> Goods:
        variants = Variant.objects.visible_to(self.client).select_related("product").prefetch_related("product__texts")
        known = {variant.sku: variant for variant in variants.filter(sku__in={line["sku"] for line in lines})}
        faults = [
            Fault("does_not_exist", _("There is no SKU %(sku)s.") % {"sku": line["sku"]}, f"lines.{n}.sku")
            for n, line in enumerate(lines)
            if line["sku"] not in known
        ]
        if faults:
            raise InvalidInput(faults[0].detail, faults=faults)
        wanted: dict[str, Decimal] = {}
        for line in lines:
            wanted[line["sku"]] = wanted.get(line["sku"], Decimal(0)) + line["quantity"]
        return [(known[sku], quantity) for sku, quantity in wanted.items()]


def _as_answered(one: Stand) -> dict[str, Any]:
    near = one.nearest
    return {
        "sku": one.variant.sku,
        "name": one.variant.name,
        "quantity": plain(one.wanted),
        "shelves": list(one.shelves),
        "here": plain(one.here),
        "missing": plain(one.missing),
        "nearest": None
        if near is None
        else {
            "code": near.location.code,
            "name": near.location.name,
            "distance_km": near.km,
            "available": plain(near.available),
        },
        "can_be_sent": one.is_sent,
    }
