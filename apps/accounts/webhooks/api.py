"""Webhooks over HTTP: endpoints of the client that calls, and what they were told."""

import datetime as dt
import uuid
from typing import Any, ClassVar

import orjson
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import ApiView, NothingSerializer, Pages, WriteView
from apps.accounts.api_fields import ZonedTime
from apps.accounts.roles import Scope
from apps.accounts.webhooks.models import DeliveryStatus, WebhookDelivery, WebhookEndpoint
from apps.accounts.webhooks.registering import (
    change_endpoint,
    register_endpoint,
    remove_endpoint,
    rotate_secret,
    send_test,
)
from apps.accounts.webhooks.replaying import replay, replay_given_up
from apps.accounts.webhooks.secrets import secret_of
from apps.core.errors import Fault, InvalidInput
from apps.core.retry import in_transaction

_TAGS = ["webhooks"]


class _Topics(serializers.ListField):
    child = serializers.CharField(max_length=48)


class EndpointSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(max_length=500)
    topics = _Topics(allow_empty=False, max_length=50, help_text="Such as `order.updated` and `stock.changed`.")


class EndpointChanges(serializers.Serializer[Any]):
    url = serializers.CharField(max_length=500, required=False)
    topics = _Topics(allow_empty=False, max_length=50, required=False)
    enabled = serializers.BooleanField(required=False)


class EndpointAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    url = serializers.CharField()
    topics = serializers.ListField(child=serializers.CharField())
    enabled = serializers.BooleanField()
    disabled_because = serializers.ChoiceField(WebhookEndpoint.Off.choices, allow_null=True)
    disabled_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    secret_changed_at = serializers.DateTimeField(allow_null=True)
    failing_since = serializers.DateTimeField(allow_null=True, help_text="Since when nothing has arrived.")
    last_delivered_at = serializers.DateTimeField(allow_null=True)


class EndpointWithSecret(EndpointAnswer):
    secret = serializers.CharField(help_text="`whsec_…`: shown in this answer only.")


class DeliveryAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="The `webhook-id`.")
    topic = serializers.CharField()
    object = serializers.CharField()
    status = serializers.ChoiceField(DeliveryStatus.choices)
    attempts = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    problem = serializers.ChoiceField(WebhookDelivery.Problem.choices, allow_null=True)
    answer_status = serializers.IntegerField(allow_null=True)
    answer = serializers.CharField(help_text="The beginning of what the receiver answered.")
    body = serializers.DictField(child=serializers.JSONField(), help_text="What is sent, as JSON.")


class ReplayPeriod(serializers.Serializer[Any]):
    since = ZonedTime()
    until = ZonedTime(required=False)


class Replayed(serializers.Serializer[Any]):
    replayed = serializers.IntegerField()


class DeliveryQuery(serializers.Serializer[Any]):
    status = serializers.ChoiceField(DeliveryStatus.choices, required=False)
    topic = serializers.CharField(required=False, max_length=48)
    object = serializers.CharField(required=False, max_length=64)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=Pages.max_page_size)
    cursor = serializers.CharField(required=False, help_text="Comes with `next`; leave it as it is.")


class PageQuery(serializers.Serializer[Any]):
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=Pages.max_page_size)
    cursor = serializers.CharField(required=False, help_text="Comes with `next`; leave it as it is.")


class NewestDeliveriesFirst(Pages):
    ordering = ("-made_at", "-id")


class NewestEndpointsFirst(Pages):
    ordering = ("-created_at", "-id")


def of_endpoint(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {
        "id": str(endpoint.key),
        "url": endpoint.url,
        "topics": endpoint.topics,
        "enabled": endpoint.is_on,
        "disabled_because": endpoint.off_because or None,
        "disabled_at": _moment(endpoint.off_at),
        "created_at": _moment(endpoint.created_at),
        "secret_changed_at": _moment(endpoint.rotated_at),
        "failing_since": _moment(endpoint.failing_since),
        "last_delivered_at": _moment(endpoint.delivered_at),
    }


def of_delivery(delivery: WebhookDelivery) -> dict[str, Any]:
    is_open = delivery.status in {DeliveryStatus.WAITING, DeliveryStatus.SENDING}
    return {
        "id": str(delivery.key),
        "topic": delivery.topic,
        "object": delivery.object_key,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "made_at": _moment(delivery.made_at),
        "due_at": _moment(delivery.due_at) if is_open else None,
        "delivered_at": _moment(delivery.delivered_at),
        "problem": delivery.problem or None,
        "answer_status": delivery.answer_status,
        "answer": delivery.answer,
        "body": orjson.loads(delivery.body),
    }


def _moment(at: dt.datetime | None) -> str | None:
    return at.astimezone(dt.UTC).isoformat() if at else None


class EndpointsView(WriteView):
    """Register an address that is told of topics, or list the client's."""

    required_scopes: ClassVar = {"GET": Scope.WEBHOOKS_MANAGE, "POST": Scope.WEBHOOKS_MANAGE}
    serializer_class = EndpointSerializer
    pagination_class = NewestEndpointsFirst

    @extend_schema(tags=_TAGS, request=EndpointSerializer, responses={201: EndpointWithSecret})
    def post(self, request: Request, **path: Any) -> Response:
        return _with_secret(super().post(request, **path), self)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        endpoint = register_endpoint(client=self.client, url=data["url"], topics=data["topics"])
        return 201, of_endpoint(endpoint)

    @extend_schema(tags=_TAGS, parameters=[PageQuery], responses=EndpointAnswer(many=True))
    def get(self, request: Request) -> Response:
        PageQuery(data=request.query_params).is_valid(raise_exception=True)
        return self.page_of(WebhookEndpoint.objects.visible_to(self.client), of_endpoint)


def _endpoint(view: ApiView, key: uuid.UUID) -> WebhookEndpoint:
    found: WebhookEndpoint | None = WebhookEndpoint.objects.visible_to(view.client).filter(key=key).first()
    if found is None:
        raise Http404
    return found


def _with_secret(response: Response, view: ApiView) -> Response:
    """The answer with the secret, which is never kept with the answer to an `Idempotency-Key`."""
    if response.status_code < 300:
        response.data = {**response.data, "secret": secret_of(_endpoint(view, uuid.UUID(response.data["id"])))}
    return response


class EndpointView(ApiView):
    """One endpoint: read, change, switch off and on, remove."""

    required_scopes: ClassVar = dict.fromkeys(("GET", "PATCH", "DELETE"), Scope.WEBHOOKS_MANAGE)

    @extend_schema(tags=_TAGS, responses=EndpointAnswer)
    def get(self, request: Request, key: uuid.UUID) -> Response:
        return Response(of_endpoint(_endpoint(self, key)))

    @extend_schema(tags=_TAGS, request=EndpointChanges, responses=EndpointAnswer)
    def patch(self, request: Request, key: uuid.UUID) -> Response:
        endpoint = _endpoint(self, key)
        asked = EndpointChanges(data=request.data)
        asked.is_valid(raise_exception=True)
        changes = asked.validated_data
        changed = in_transaction(
            lambda: change_endpoint(
                endpoint=endpoint, url=changes.get("url"), topics=changes.get("topics"), is_on=changes.get("enabled")
            )
        )
        return Response(of_endpoint(changed))

    @extend_schema(tags=_TAGS, responses={204: None})
    def delete(self, request: Request, key: uuid.UUID) -> Response:
        endpoint = _endpoint(self, key)
        in_transaction(lambda: remove_endpoint(endpoint=endpoint))
        return Response(status=status.HTTP_204_NO_CONTENT)


class _EndpointAct(WriteView):
    required_scopes: ClassVar = {"POST": Scope.WEBHOOKS_MANAGE}
    serializer_class: ClassVar[type[serializers.BaseSerializer[Any]]] = NothingSerializer


class RotateSecretView(_EndpointAct):
    """Another secret. For a day messages carry the signatures of both."""

    @extend_schema(tags=_TAGS, request=NothingSerializer, responses=EndpointWithSecret)
    def post(self, request: Request, **path: Any) -> Response:
        return _with_secret(super().post(request, **path), self)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        return 200, of_endpoint(rotate_secret(endpoint=_endpoint(self, path["key"])))


class TestView(_EndpointAct):
    """Send a message of the topic `webhook.test`."""

    @extend_schema(tags=_TAGS, request=NothingSerializer, responses={202: DeliveryAnswer})
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        return 202, of_delivery(send_test(endpoint=_endpoint(self, path["key"])))


class DeliveriesView(ApiView):
    """What an endpoint was told, and is to be told; the newest first. Kept for 30 days."""

    required_scopes: ClassVar = {"GET": Scope.WEBHOOKS_MANAGE}
    pagination_class = NewestDeliveriesFirst

    @extend_schema(tags=_TAGS, parameters=[DeliveryQuery], responses=DeliveryAnswer(many=True))
    def get(self, request: Request, key: uuid.UUID) -> Response:
        query = DeliveryQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        columns = {"status": "status", "topic": "topic", "object": "object_key"}
        narrowed = {column: asked[name] for name, column in columns.items() if name in asked}
        rows = WebhookDelivery.objects.visible_to(self.client).filter(endpoint=_endpoint(self, key), **narrowed)
        return self.page_of(rows, of_delivery)


class ReplayView(_EndpointAct):
    """Send one delivery again, under the same `webhook-id`. What would undo newer news is refused."""

    @extend_schema(tags=_TAGS, request=NothingSerializer, responses={202: DeliveryAnswer})
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        of_ours = WebhookDelivery.objects.visible_to(self.client).filter(endpoint=_endpoint(self, path["key"]))
        delivery = of_ours.filter(key=path["delivery"]).first()
        if delivery is None:
            raise Http404
        return 202, of_delivery(replay(delivery=delivery))


class ReplayManyView(_EndpointAct):
    """Send again all that was given up in a period, but for what would undo newer news."""

    serializer_class = ReplayPeriod

    @extend_schema(tags=_TAGS, request=ReplayPeriod, responses={202: Replayed})
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        endpoint, since, until = _endpoint(self, path["key"]), data["since"], data.get("until")
        if until is not None and until <= since:
            detail = _("A period ends after it begins.")
            raise InvalidInput(detail, faults=[Fault("invalid", detail, "until")])
        return 202, {"replayed": replay_given_up(endpoint=endpoint, since=since, until=until)}
