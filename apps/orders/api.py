"""Orders for webshops, apps and store apps."""

import datetime as dt
from typing import Any, ClassVar

from django.http import Http404
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import ApiView, Pages, WriteView
from apps.accounts.roles import Scope
from apps.core.actors import actor_of
from apps.core.events.sequencer import head
from apps.orders import serializers as accepts
from apps.orders.api_documents import of_order, of_placed
from apps.orders.models import Order
from apps.orders.querysets import OrderQuerySet
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import hand_over, mark_ready, pick, ship
from apps.orders.services.paying import pay
from apps.orders.services.placing import place_order
from apps.orders.services.shortages import report_short

_TAGS = ["orders"]


class OrderAnswer(serializers.Serializer[Any]):
    """The parts of an order that callers may rely on; the API contract names them all."""

    number = serializers.CharField()
    external_id = serializers.CharField()
    channel = serializers.CharField()
    status = serializers.CharField()
    placed_at = serializers.DateTimeField()
    business_date = serializers.DateField()
    currency = serializers.CharField()
    total = serializers.CharField()
    paid = serializers.CharField()
    payment_terms = serializers.CharField()
    vat = serializers.ListField(child=serializers.DictField())
    fulfilment = serializers.DictField()
    lines = serializers.ListField(child=serializers.DictField())
    charges = serializers.ListField(child=serializers.DictField())
    collect_code = serializers.CharField(allow_null=True)


def _with_parts(orders: OrderQuerySet[Order]) -> OrderQuerySet[Order]:
    return orders.select_related("channel", "location", "payment_account").prefetch_related(
        "lines__location", "charges"
    )


class NewestFirst(Pages):
    ordering = ("-placed_at", "-id")


class OrdersView(WriteView):
    """Place an order, or list the channel's."""

    required_scopes: ClassVar = {"GET": Scope.ORDERS_READ, "POST": Scope.ORDERS_WRITE}
    serializer_class = accepts.OrderSerializer
    idempotency_required = True

    @extend_schema(tags=_TAGS, request=accepts.OrderSerializer, responses={201: OrderAnswer, 200: OrderAnswer})
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        serializer = accepts.OrderSerializer(context={"client": self.client})
        serializer.initial_data = self.request.data
        document = serializer.document(data)
        placed = place_order(channel=self.client.channel, document=document, actor=actor_of(self.client))
        if placed.is_new:
            return 201, of_placed(placed, document, self.client.channel.code)
        return 200, of_order(_with_parts(Order.objects.visible_to(self.client)).get(pk=placed.order_id))

    @extend_schema(
        tags=_TAGS,
        responses=OrderAnswer(many=True),
        parameters=[
            OpenApiParameter("external_id", str),
            OpenApiParameter("since", int, description="A sync_token: only orders that changed after it."),
            OpenApiParameter("updated_since", dt.datetime, description="At least once; overlap five minutes."),
        ],
    )
    def get(self, request: Request) -> Response:
        orders = _with_parts(Order.objects.visible_to(self.client))
        if external_id := request.query_params.get("external_id"):
            orders = orders.filter(external_id=external_id)
        token = head()
        if since := request.query_params.get("since"):
            if not since.isdigit():
                raise ValidationError({"since": [_("Send the sync_token of an earlier answer.")]})
            orders = orders.changed_since(int(since))
        if updated := request.query_params.get("updated_since"):
            moment = parse_datetime(updated)
            if moment is None or moment.tzinfo is None:
                raise ValidationError(
                    {"updated_since": [_("Send a time with its zone, as in 2026-11-21T12:00:00+01:00.")]}
                )
            orders = orders.touched_since(moment)
        paginator = NewestFirst()
        page = paginator.paginate_queryset(orders, request, view=self)
        response = paginator.get_paginated_response([of_order(order) for order in page or []])
        response.data["sync_token"] = str(token)
        return response


class OrderView(ApiView):
    required_scopes: ClassVar = {"GET": Scope.ORDERS_READ}

    @extend_schema(tags=_TAGS, responses=OrderAnswer)
    def get(self, request: Request, number: str) -> Response:
        return Response(of_order(_visible(self, number)))


def _visible(view: ApiView, number: str) -> Order:
    for order in _with_parts(Order.objects.visible_to(view.client)).filter(number=number):
        return order
    raise Http404


class OrderAct(WriteView):
    """A step on one order: find it within reach, let the service do it, answer the order as it is then."""

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        number = path["number"]
        _visible(self, number)
        self.act(number, data)
        return 200, of_order(_visible(self, number))

    def act(self, number: str, data: Any) -> None:
        raise NotImplementedError

    @extend_schema(tags=_TAGS, responses=OrderAnswer)
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)


class PaymentsView(OrderAct):
    required_scopes: ClassVar = {"POST": Scope.ORDERS_WRITE}
    serializer_class = accepts.PaymentsSerializer

    def act(self, number: str, data: Any) -> None:
        payment = accepts.PaymentSerializer()
        pay(number=number, payments=[payment.tendered(p) for p in data["payments"]], actor=actor_of(self.client))


class CancelView(OrderAct):
    required_scopes: ClassVar = {"POST": Scope.ORDERS_WRITE}
    serializer_class = accepts.CancelSerializer

    def act(self, number: str, data: Any) -> None:
        lines = set(data["lines"]) if data["lines"] is not None else None
        cancel(number=number, line_numbers=lines, actor=actor_of(self.client))


class PickView(OrderAct):
    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}
    serializer_class = accepts.PickSerializer

    def act(self, number: str, data: Any) -> None:
        lines = data["lines"]
        quantities = None if lines is None else {ln["line"]: ln["quantity"] for ln in lines}
        pick(number=number, quantities=quantities, actor=actor_of(self.client))


class ShortView(OrderAct):
    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}
    serializer_class = accepts.ShortSerializer

    def act(self, number: str, data: Any) -> None:
        report_short(number=number, line=data["line"], actor=actor_of(self.client))


class ReadyView(OrderAct):
    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}
    serializer_class = accepts.NothingSerializer

    def act(self, number: str, data: Any) -> None:
        mark_ready(number=number, actor=actor_of(self.client))


class HandOverView(OrderAct):
    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}
    serializer_class = accepts.HandOverSerializer

    def act(self, number: str, data: Any) -> None:
        payment = accepts.PaymentSerializer()
        hand_over(
            number=number,
            collect_code=data["collect_code"],
            tenders=[payment.tendered(p) for p in data["payments"]],
            actor=actor_of(self.client),
        )


class ShipView(OrderAct):
    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}
    serializer_class = accepts.NothingSerializer

    def act(self, number: str, data: Any) -> None:
        ship(number=number, actor=actor_of(self.client))
