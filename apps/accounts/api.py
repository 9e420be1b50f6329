"""What every API view has in common: a key, a scope, idempotent writes, cursor pages."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.api_auth import HasScope
from apps.accounts.models import ApiClient
from apps.core.actors import actor_of
from apps.core.idempotency.service import Answer, fingerprint_of, once
from apps.core.retry import in_transaction


class ApiView(APIView):
    """A view for API clients. `required_scopes` maps each method to its scope, or to a tuple of which any will do; a method
    left out is refused.
    """

    permission_classes = [HasScope]
    required_scopes: ClassVar[dict[str, str | tuple[str, ...]]] = {}

    @property
    def client(self) -> ApiClient:
        client = self.request.user
        assert isinstance(client, ApiClient)
        return client


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
        serializer = self.serializer_class(data=request.data, context={"client": self.client, "request": request})
        serializer.is_valid(raise_exception=True)

        def perform() -> Answer:
            return Answer(*self.perform(serializer.validated_data, **path))

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


class Pages(CursorPagination):
    """Cursor pages of 50, up to 500 by `page_size`."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
    ordering: str | tuple[str, ...] = "pk"
