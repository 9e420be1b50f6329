"""Parcels for store apps: packed, booked by their carrier, labelled, unpacked."""

from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import ApiView, NothingSerializer
from apps.accounts.roles import Scope
from apps.core.actors import actor_of
from apps.core.reach import reach_of
from apps.orders import serializers as accepts
from apps.orders.api import OrderAct
from apps.orders.api_documents import OrderAnswer
from apps.orders.models import Order, Parcel
from apps.orders.services.packing import pack_parcels, unpack
from apps.orders.views.parcels import LABEL_TYPES

_TAGS = ["orders"]


class PackView(OrderAct):
    """Put picked goods into parcels that leave later. An outside carrier books them, within seconds mostly: until then
    `status` is `asked`. They leave by `ship/`.
    """

    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}
    serializer_class = accepts.PackSerializer
    idempotency_required = True

    @extend_schema(tags=_TAGS, request=accepts.PackSerializer, responses=OrderAnswer)
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def act(self, number: str, data: Any) -> None:
        parcels = accepts.packed_parcels(data)
        pack_parcels(number=number, parcels=parcels, places=self.places, actor=actor_of(self.client))


class UnpackView(OrderAct):
    """Take the goods out of a parcel again, while it stands here. Doing it again changes nothing."""

    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}
    serializer_class = NothingSerializer

    @extend_schema(tags=_TAGS, request=NothingSerializer, responses=OrderAnswer)
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        unpack(number=_parcel_here(self.client, path["number"], path["parcel"]).number, actor=actor_of(self.client))
        return 200, self.answer(path["number"])


class LabelView(ApiView):
    """The label that the carrier gave: `label_type` of the parcel says what kind of file. Only while the parcel stands here."""

    required_scopes: ClassVar = {"GET": Scope.STORE_OPERATE}

    @extend_schema(tags=_TAGS, responses={(200, kind): OpenApiTypes.BINARY for kind in LABEL_TYPES})
    def get(self, request: Request, number: str, parcel: str) -> HttpResponse:
        found = _parcel_here(self.client, number, parcel)
        if not found.is_here or not found.label or found.label_type not in LABEL_TYPES:
            raise Http404
        response = HttpResponse(bytes(found.label), content_type=found.label_type)
        response["Content-Disposition"] = f'inline; filename="{found.number}.{LABEL_TYPES[found.label_type]}"'
        response["Cache-Control"] = "private, no-store"
        return response


def _parcel_here(client: Any, number: str, parcel: str) -> Parcel:
    """A parcel of the order that stands, or stood, where the client works."""
    reach = reach_of(client)
    parcels = Parcel.objects.filter(order__in=Order.objects.visible_to(client), order__number=number, number=parcel)
    if not reach.every_location:
        parcels = parcels.filter(location__in=reach.location_ids)
    found = parcels.first()
    if found is None:
        raise Http404
    return found
