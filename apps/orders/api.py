"""Orders for webshops, apps and store apps."""

from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import ApiView, NothingSerializer, Pages, SyncedPages, SyncQuery, WriteView
from apps.accounts.api_fields import ZonedTime
from apps.accounts.roles import Scope
from apps.core.acting import because
from apps.core.actors import actor_of
from apps.core.errors import Fault, InvalidInput
from apps.core.idempotency.service import fingerprint_of
from apps.core.reach import reach_of
from apps.network.models import Location
from apps.orders import serializers as accepts
from apps.orders.api_documents import OrderAnswer, of_order, of_placed, with_address, with_arrivals, with_parts
from apps.orders.models import Method, Order
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from apps.orders.services.paying import pay
from apps.orders.services.placing import place_order
from apps.orders.services.shipping import ship
from apps.orders.services.shortages import refuse
from apps.orders.services.types import OrderDocument
from apps.orders.views.listing import OrderList
from apps.portal.pages.viewing import rows_in_view, view_field

_TAGS = ["orders"]


class NewestFirst(Pages):
    ordering = ("-placed_at", "-id")


class OrderPages(NewestFirst, SyncedPages):
    """The newest order first, with a `sync_token`."""


class OrderQuery(SyncQuery):
    external_id = serializers.CharField(required=False, max_length=128)
    updated_since = ZonedTime(required=False, help_text="At least once; overlap five minutes.")
    view = view_field(of="orders")


class OrdersView(WriteView):
    """Place an order, or list the channel's."""

    required_scopes: ClassVar = {"GET": Scope.ORDERS_READ, "POST": Scope.ORDERS_WRITE}
    serializer_class = accepts.OrderSerializer
    idempotency_required = True
    pagination_class = OrderPages

    @extend_schema(tags=_TAGS, request=accepts.OrderSerializer, responses={201: OrderAnswer, 200: OrderAnswer})
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        channel, body = self.client.channel, self.request.data
        document = accepts.order_document(data, channel=channel, fingerprint=fingerprint_of(body))
        if document.consents and not self.client.has_scope(Scope.CUSTOMERS_WRITE):
            raise PermissionDenied(_("Consents take the scope %(scope)s.") % {"scope": Scope.CUSTOMERS_WRITE})
        self.check_taken_along(document)
        placed = place_order(channel=channel, document=document, actor=actor_of(self.client))
        if placed.is_new:
            return 201, of_placed(placed, document, channel)
        return 200, of_order(
            with_parts(Order.objects.visible_to(self.client)).get(pk=placed.order_id), reader=self.client
        )

    def check_taken_along(self, document: OrderDocument) -> None:
        """Only who works in a store lets goods be taken along from it."""
        if Method.CARRY_OUT not in document.methods:
            return
        reach = reach_of(self.client)
        if not reach.may("orders.fulfil"):
            raise PermissionDenied("orders.fulfil")
        if document.location and not Location.objects.filter(reach.q("pk"), code=document.location).exists():
            detail = _("There is no store %(code)s.") % {"code": document.location}
            raise InvalidInput(
                detail, code="does_not_exist", faults=[Fault("does_not_exist", detail, "fulfilment.location")]
            )

    @extend_schema(tags=_TAGS, parameters=[OrderQuery], responses=OrderAnswer(many=True))
    def get(self, request: Request) -> Response:
        query = OrderQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        pages = OrderPages.begun(asked)
        orders = with_parts(Order.objects.visible_to(self.client))
        if "external_id" in asked:
            orders = orders.filter(external_id=asked["external_id"])
        if "view" in asked:
            orders = rows_in_view(OrderList, asked["view"], orders, self.client)
        if "since" in asked:
            orders = orders.changed_since(asked["since"])
        if "updated_since" in asked:
            orders = orders.touched_since(asked["updated_since"])
        return self.page_of(orders, partial(of_order, reader=self.client), pages=pages)


class OrderView(ApiView):
    """One order, of the channel or of the stores that the key works for."""

    required_scopes: ClassVar = {"GET": Scope.ORDERS_READ}

    @extend_schema(tags=_TAGS, responses=OrderAnswer)
    def get(self, request: Request, number: str) -> Response:
        return Response(_answer(self, number))


def _answer(view: ApiView, number: str) -> dict[str, Any]:
    for order in with_parts(Order.objects.visible_to(view.client)).filter(number=number):
        return with_address(with_arrivals(of_order(order, reader=view.client), order), order, view.client)
    raise Http404


class OrderAct(WriteView):
    """A step on one order: find it within reach, let the service do it, answer the order as it is then."""

    # Whether the order must be the client's own, not merely one that it picks or sends for somebody else.
    in_charge: ClassVar = False

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        number = path["number"]
        seen = Order.objects.in_charge if self.in_charge else Order.objects.visible_to
        if not seen(self.client).filter(number=number).exists():
            raise Http404
        self.act(number, data)
        return 200, self.answer(number)

    def answer(self, number: str) -> dict[str, Any]:
        return _answer(self, number)

    def act(self, number: str, data: Any) -> None:
        raise NotImplementedError

    @property
    def places(self) -> frozenset[int] | None:
        """The locations that the client works for; None for all."""
        reach = reach_of(self.client)
        return None if reach.every_location else reach.location_ids

    @extend_schema(tags=_TAGS, responses=OrderAnswer)
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)


class PaymentsView(OrderAct):
    """Tell of payments of an order that was placed before; once it is paid it goes on to the store."""

    required_scopes: ClassVar = {"POST": Scope.ORDERS_WRITE}
    in_charge = True
    serializer_class = accepts.PaymentsSerializer

    def act(self, number: str, data: Any) -> None:
        pay(number=number, payments=[accepts.tendered(p) for p in data["payments"]], actor=actor_of(self.client))


class CancelView(OrderAct):
    """Cancel the order, lines of it, or pieces of lines; what was paid for them goes back, to the cent."""

    required_scopes: ClassVar = {"POST": Scope.ORDERS_WRITE}
    in_charge = True
    serializer_class = accepts.CancelSerializer

    def act(self, number: str, data: Any) -> None:
        lines = set(data["lines"]) if data["lines"] is not None else None
        named = data["pieces"]
        pieces = None if named is None else {part["line"]: part["quantity"] for part in named}
        try:
            with because(data["reason"]):
                cancel(number=number, line_numbers=lines, pieces=pieces, actor=actor_of(self.client))
        except InvalidInput as refused:
            at = {f"pieces.{part['line']}": f"pieces.{n}.quantity" for n, part in enumerate(named or ())}
            refused.faults = [replace(fault, attr=at.get(fault.attr or "", fault.attr)) for fault in refused.faults]
            raise


class PickView(OrderAct):
    """The goods were taken from the shelf: all that is ordered, or so many of the lines that are named."""

    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}
    serializer_class = accepts.PickSerializer

    def act(self, number: str, data: Any) -> None:
        lines = data["lines"]
        quantities = None if lines is None else {ln["line"]: ln["quantity"] for ln in lines}
        pick(number=number, quantities=quantities, places=self.places, actor=actor_of(self.client))


class ShortView(OrderAct):
    """A location cannot give a line, or anything of the order; other stock is looked for at once."""

    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}
    serializer_class = accepts.ShortSerializer

    def act(self, number: str, data: Any) -> None:
        refuse(
            number=number,
            reason=data["reason"],
            line_numbers=[data["line"]] if "line" in data else None,
            places=self.places,
            actor=actor_of(self.client),
        )

    def answer(self, number: str) -> dict[str, Any]:
        """The order as it is now, also when another location has it by now and the client no longer sees it."""
        return of_order(with_parts(Order.objects.all()).get(number=number), reader=self.client)


class ReadyView(OrderAct):
    """All that was picked lies ready; the customer is told."""

    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}
    in_charge = True
    serializer_class = NothingSerializer

    def act(self, number: str, data: Any) -> None:
        mark_ready(number=number, actor=actor_of(self.client))


class HandOverView(OrderAct):
    """Hand the goods to whoever shows the collect code or identifies themselves, and take what is still due."""

    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}
    in_charge = True
    serializer_class = accepts.HandOverSerializer

    def act(self, number: str, data: Any) -> None:
        hand_over(
            number=number,
            collect_code=data["collect_code"],
            identified=accepts.identified(data),
            tenders=[accepts.tendered(p) for p in data["payments"]],
            actor=actor_of(self.client),
        )


class ShipView(OrderAct):
    """What was to be sent from where the key works left: in the parcels that are named, else all of it in one."""

    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}
    serializer_class = accepts.ShipSerializer

    def act(self, number: str, data: Any) -> None:
        parcels = accepts.packed_parcels(data)
        ship(number=number, parcels=parcels, places=self.places, actor=actor_of(self.client))
