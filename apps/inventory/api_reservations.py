"""Reservations of a basket, while the customer pays."""

import datetime as dt
import uuid
from functools import partial
from typing import Any, ClassVar

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import ApiView, WriteView
from apps.accounts.api_fields import Quantity, SomeQuantity
from apps.accounts.roles import Scope
from apps.catalogue.models import Variant
from apps.core.errors import Fault, InvalidInput
from apps.core.money import plain
from apps.inventory.models import Reservation
from apps.inventory.services.collecting import reserve_for_collecting
from apps.inventory.services.decisions import Occasion
from apps.inventory.services.promising import cancel_reservation, reserve
from apps.inventory.services.types import Want
from apps.network.directory import locations
from apps.network.models import Location


class WantedLineSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField(max_length=40)
    quantity = SomeQuantity(max_digits=9)


class ReservationSerializer(serializers.Serializer[Any]):
    reference = serializers.CharField(max_length=128)
    lines = serializers.ListField(child=WantedLineSerializer(), allow_empty=False, max_length=500)
    location = serializers.CharField(max_length=16, required=False, allow_null=True, default=None)
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field of this serializer, not where it reads from
        choices=["store", "any"],
        required=False,
        default="store",
        help_text="With a location: whether what it has not got may come from any other one, to be collected there.",
    )
    ttl_s = serializers.IntegerField(min_value=30, max_value=3600, default=600)


class ReservedLine(serializers.Serializer[Any]):
    sku = serializers.CharField()
    quantity = Quantity()
    location = serializers.CharField()


class ReservationAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    reference = serializers.CharField()
    expires_at = serializers.DateTimeField()
    lines = ReservedLine(many=True)


class ReservationsView(WriteView):
    """Hold goods for a basket. All lines or none; without a location the lines are sourced."""

    required_scopes: ClassVar = {"POST": Scope.ORDERS_WRITE}
    serializer_class = ReservationSerializer

    @extend_schema(tags=["stock"], request=ReservationSerializer, responses={201: ReservationAnswer})
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        variants = {v.sku: v for v in Variant.objects.filter(sku__in={ln["sku"] for ln in data["lines"]})}
        faults = [
            Fault("does_not_exist", _("There is no product with SKU %(sku)s.") % {"sku": ln["sku"]}, f"lines.{n}.sku")
            for n, ln in enumerate(data["lines"])
            if ln["sku"] not in variants
        ]
        for n, ln in enumerate(data["lines"]):
            variant = variants.get(ln["sku"])
            if variant and not variant.allows_fractions and ln["quantity"] != ln["quantity"].to_integral_value():
                detail = _("This is sold by the piece: send a whole number.")
                faults.append(Fault("invalid", detail, f"lines.{n}.quantity"))
        location = Location.objects.filter(code=data["location"]).first() if data["location"] else None
        if data["location"] and location is None:
            detail = _("There is no store %(code)s.") % {"code": data["location"]}
            faults.append(Fault("does_not_exist", detail, "location"))
        if faults:
            raise InvalidInput(faults[0].detail, code=faults[0].code, faults=faults)
        hold: Any = reserve
        if location is not None and data["source"] == "any":
            hold = partial(reserve_for_collecting, at=locations(knowing=[location.pk]).by_id[location.pk])
        reservation, promises = hold(
            channel_id=self.client.channel_id,
            reference=data["reference"],
            wants=[
                Want(n, variants[ln["sku"]].pk, ln["quantity"], location.pk if location else None)
                for n, ln in enumerate(data["lines"], start=1)
            ],
            expires_at=timezone.now() + dt.timedelta(seconds=data["ttl_s"]),
            occasion=Occasion(channel=self.client.channel.code, country=self.client.channel.country),
            divides=True,
        )
        codes: dict[int | None, str] = dict(
            Location.objects.filter(pk__in={p.location_id for p in promises}).values_list("pk", "code")
        )
        assert reservation.expires_at is not None
        return 201, {
            "id": str(reservation.key),
            "reference": reservation.reference,
            "expires_at": reservation.expires_at.isoformat(),
            "lines": [
                {
                    "sku": data["lines"][(p.part_of or p.line) - 1]["sku"],
                    "quantity": plain(p.quantity),
                    "location": codes[p.location_id],
                }
                for p in promises
            ],
        }


class ReservationView(ApiView):
    """Let the goods of a basket go. What an order has taken over stays with the order."""

    required_scopes: ClassVar = {"DELETE": Scope.ORDERS_WRITE}

    @extend_schema(tags=["stock"], responses={204: None})
    def delete(self, request: Request, key: uuid.UUID) -> Response:
        with transaction.atomic():
            mine = Reservation.objects.of_baskets().filter(key=key, channel=self.client.channel_id)
            if not mine.exists():
                raise Http404
            cancel_reservation(key=str(key))
        return Response(status=204)
