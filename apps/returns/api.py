"""Returns for webshops, apps and store apps."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import ApiView, NothingSerializer, WriteView
from apps.accounts.models import ApiClient
from apps.accounts.roles import Scope
from apps.core.actors import actor_of
from apps.core.errors import Fault, InvalidInput
from apps.core.idempotency.service import fingerprint_of
from apps.core.reach import reach_of
from apps.network.models import Channel, Location
from apps.returns import serializers as accepts
from apps.returns.api_documents import ReturnAnswer, of_return, with_parts
from apps.returns.models import Return
from apps.returns.services.announcing import announce_return
from apps.returns.services.inspecting import inspect_return
from apps.returns.services.looking_up import open_by_code
from apps.returns.services.receiving import receive_return
from apps.returns.services.settling import settle_return

_TAGS = ["returns"]


class ReturnsView(WriteView):
    """Announce a return of purchases in any channel, store sales included."""

    required_scopes: ClassVar = {"POST": Scope.RETURNS_WRITE}
    serializer_class = accepts.ReturnSerializer
    idempotency_required = True

    @extend_schema(tags=_TAGS, request=accepts.ReturnSerializer, responses={201: ReturnAnswer, 200: ReturnAnswer})
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        rma, is_new = announce_return(
            channel=_channel(self.client, data["channel"]),
            external_id=data["external_id"],
            fingerprint=fingerprint_of(self.request.data),
            lines=[accepts.AnnouncedLineSerializer.announced(line) for line in data["lines"]],
            destination=_destination(data["destination"]),
            occurred_at=timezone.now(),
        )
        return 201 if is_new else 200, of_return(with_parts(Return.objects.all()).get(pk=rma.pk))


class ReturnView(ApiView):
    """One return, of the channel or of the stores that the key works for."""

    required_scopes: ClassVar = {"GET": (Scope.RETURNS_WRITE, Scope.STORE_OPERATE)}

    @extend_schema(tags=_TAGS, responses=ReturnAnswer)
    def get(self, request: Request, number: str) -> Response:
        return Response(of_return(_visible(self.client, number)))


class ReturnAct(WriteView):
    """A step of one return: find it within reach, let the service do it, answer the return as it is then."""

    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        self.act(self.find(path["number"], data), data)
        return 200, of_return(_visible(self.client, path["number"]))

    def find(self, number: str, data: Any) -> Return:
        return _visible(self.client, number)

    def act(self, rma: Return, data: Any) -> None:
        raise NotImplementedError

    @extend_schema(tags=_TAGS, responses=ReturnAnswer)
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)


class ReceiveView(ReturnAct):
    """The goods arrived: at `location`, else where they were expected, else in the client's own store.

    A store that did not expect them sends the `return_code` that the customer shows.
    """

    serializer_class = accepts.ReceiveSerializer

    @extend_schema(tags=_TAGS, responses=ReturnAnswer)
    def post(self, request: Request, **path: Any) -> Response:
        said = request.data.get("return_code") if isinstance(request.data, Mapping) else None
        code = said.strip().upper() if isinstance(said, str) else ""
        # Outside the transaction, so that an attempt with a wrong code is written down though it is refused.
        if code.isascii() and code.isalnum() and not self._is_open(path["number"]):
            open_by_code(number=path["number"], code=code, client=self.client)
        return super().post(request, **path)

    def _is_open(self, number: str) -> bool:
        return Return.objects.visible_to(self.client).filter(number=number).exists()

    def act(self, rma: Return, data: Any) -> None:
        receive_return(rma=rma, location=self._place(rma, data["location"]), occurred_at=timezone.now())

    def _place(self, rma: Return, code: str | None) -> Location:
        places = Location.objects.visible_to(self.client)
        if code:
            place = places.filter(code=code).first()
            if place is None:
                raise _refused("location", "does_not_exist", _("There is no such location in your reach."))
            return place
        expected = places.filter(pk=rma.location_id or 0).first()
        own = reach_of(self.client)
        only = own.location_ids if not own.every_location and len(own.location_ids) == 1 else ()
        place = expected or places.filter(pk__in=only).first()
        if place is None:
            raise _refused("location", "required", _("Say where the goods arrived."))
        return place


class InspectView(ReturnAct):
    """Grade what arrived, line by line; several grades per line are allowed. What no grading names did not come."""

    serializer_class = accepts.InspectSerializer

    @extend_schema(tags=_TAGS, request=accepts.GradedSerializer(many=True), responses=ReturnAnswer)
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def act(self, rma: Return, data: Any) -> None:
        inspect_return(
            rma=rma,
            gradings=accepts.InspectSerializer.gradings(data),
            occurred_at=timezone.now(),
            actor=actor_of(self.client),
        )


class RefundView(ReturnAct):
    """Pay back what was inspected, the way it was paid."""

    serializer_class = NothingSerializer

    def act(self, rma: Return, data: Any) -> None:
        settle_return(rma=rma, occurred_at=timezone.now(), actor=actor_of(self.client))


def _visible(client: ApiClient, number: str) -> Return:
    rma = with_parts(Return.objects.visible_to(client)).filter(number=number).first()
    if rma is None:
        raise Http404
    return rma


def _channel(client: ApiClient, named: str | None) -> Channel:
    """The channel in which the return is announced: the client's own, or that of a store it works for."""
    own = client.channel
    if not named or named.lower() in {own.code.lower(), own.kind}:
        return own
    channel = Channel.objects.visible_to(client).select_related("location").filter(code=named).first()
    works_there = (
        channel is not None
        and channel.location_id is not None
        and client.has_scope(Scope.STORE_OPERATE)
        and Location.objects.visible_to(client).filter(pk=channel.location_id).exists()
    )
    if channel is None or not works_there:
        raise _refused("channel", "does_not_exist", _("Your key does not announce returns in this channel."))
    return channel


def _destination(destination: dict[str, Any] | None) -> Location | None:
    if destination is None or not destination["location"]:
        if destination is not None and destination["method"] == "store":
            raise _refused("destination.location", "required", _("Say to which store the goods are brought."))
        return None
    place = Location.objects.active_on(timezone.localdate()).filter(code=destination["location"]).first()
    if place is None:
        raise _refused("destination.location", "does_not_exist", _("There is no such location."))
    return place


def _refused(attr: str, code: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, code=code, faults=[Fault(code, detail, attr)])
