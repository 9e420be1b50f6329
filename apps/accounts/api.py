"""What every API view has in common: a key, a scope, idempotent writes, cursor pages."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Self, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.pagination import CursorPagination
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from apps.accounts.api_auth import HasScope
from apps.accounts.models import ApiClient
from apps.core.actors import actor_of
from apps.core.events.sequencer import head
from apps.core.idempotency.service import Answer, fingerprint_of, once
from apps.core.retry import in_transaction

M = TypeVar("M", bound=Model)


class Pages(CursorPagination):
    """Cursor pages of 50, up to 500 by `page_size`."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
    ordering: str | tuple[str, ...] = "pk"


class SyncedPages(Pages):
    """Pages of a list that callers keep a copy of.

    `sync_token` says how far the event log had come before the first page was read, and goes along to the next pages: what
    changes meanwhile comes again with the next `since`, rather than never.
    """

    sync_token: int

    @classmethod
    def begun(cls, asked: Mapping[str, Any]) -> Self:
        """Pages from now on, or from where the first page began; `asked` is a validated `SyncQuery`."""
        pages, token = cls(), asked.get("sync_token")
        pages.sync_token = head() if token is None else token
        return pages

    def get_next_link(self) -> str | None:
        return self._carrying(super().get_next_link())

    def get_previous_link(self) -> str | None:
        return self._carrying(super().get_previous_link())

    def _carrying(self, link: str | None) -> str | None:
        return None if link is None else str(replace_query_param(link, "sync_token", self.sync_token))

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        response.data["sync_token"] = str(self.sync_token)
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page: dict[str, Any] = super().get_paginated_response_schema(schema)
        page["properties"]["sync_token"] = {"type": "string", "description": "Send it as `since` the next time."}
        page["required"] = [*page["required"], "sync_token"]
        return page


LATEST_POSITION = 2**62


class SyncQuery(serializers.Serializer[Any]):
    """What one may ask of a list with synced pages."""

    since = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LATEST_POSITION,
        help_text="A sync_token of an earlier answer: only what changed after it.",
    )
    sync_token = serializers.IntegerField(
        required=False, min_value=0, max_value=LATEST_POSITION, help_text="Comes with `next`; leave it as it is."
    )
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=Pages.max_page_size)
    cursor = serializers.CharField(required=False, help_text="Comes with `next`; leave it as it is.")


class NothingSerializer(serializers.Serializer[Any]):
    """An empty body."""


class OneFormat(DefaultContentNegotiation):
    """There is JSON and nothing else: whatever a caller accepts, it gets that."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class ApiView(APIView):
    """A view for API clients. `required_scopes` maps each method to its scope, or to a tuple of which any will do; a method
    left out is refused. A view that answers lists names the kind of pages in `pagination_class`.
    """

    permission_classes = [HasScope]
    content_negotiation_class = OneFormat
    required_scopes: ClassVar[dict[str, str | tuple[str, ...]]] = {}
    pagination_class: ClassVar[type[Pages]]

    @property
    def client(self) -> ApiClient:
        client = self.request.user
        assert isinstance(client, ApiClient)
        return client

    def page_of(
        self, rows: QuerySet[M], document: Callable[[M], dict[str, Any]], *, pages: Pages | None = None
    ) -> Response:
        """The page of rows that was asked for, each as `document` writes it."""
        pages = pages or self.pagination_class()
        page: list[M] = pages.paginate_queryset(rows, self.request, view=self) or []
        return pages.get_paginated_response([document(row) for row in page])


# One serializer of each kind for all requests: it keeps nothing of what it validates, and is dear to build.
_readers: dict[type, serializers.BaseSerializer[Any]] = {}


def _reader(kind: type[serializers.BaseSerializer[Any]]) -> serializers.BaseSerializer[Any]:
    if kind not in _readers:
        _readers[kind] = kind()
    return _readers[kind]


class WriteView(ApiView):
    """A POST that may be repeated.

    The body is validated by `serializer_class`, then `perform(data, **path)` does the work by calling a service and returns
    status and body. Both run in one transaction with the idempotency key, if one was sent.
    """

    serializer_class: ClassVar[type[serializers.BaseSerializer[Any]]]
    idempotency_required: ClassVar[bool] = False

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        raise NotImplementedError

    def post(self, request: Request, **path: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if self.idempotency_required and not key:
            raise ValidationError({"Idempotency-Key": [_("Send an Idempotency-Key with this request.")]}, "required")
        if len(key) > 200:
            raise ValidationError({"Idempotency-Key": [_("At most 200 characters.")]}, "max_length")
        data = _reader(self.serializer_class).run_validation(request.data)

        def perform() -> Answer:
            return Answer(*self.perform(data, **path))

        if key:
            answer = once(
                client=actor_of(self.client),
                path=request.path,
                key=key,
                fingerprint=fingerprint_of(request.data),
                perform=perform,
            )
        else:
            answer = in_transaction(perform)
        response = Response(answer.body, status=answer.status)
        if answer.replayed:
            response["Idempotent-Replayed"] = "true"
        return response
