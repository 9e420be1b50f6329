"""What the API document says beyond the views themselves: how a key is shown, repeats, and the one shape of refusals."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiParameter

from apps.accounts.api import SyncedPages

_WRITES = {"POST", "PUT", "PATCH", "DELETE"}
_WITH_BODY = _WRITES - {"DELETE"}

REFUSALS = {
    "400": ("Malformed", "Malformed, or a reference in the body that does not exist (`does_not_exist`)."),
    "401": ("NoKey", "No key, or one that is not known."),
    "403": ("NoScope", "The key has not the scope for this."),
    "404": ("NotFound", "What the path names is unknown or out of reach."),
    "409": ("Conflict", "The state of things, or the stock, does not allow it. The same request may succeed later."),
    "413": ("TooLarge", "The body is too large."),
    "415": ("WrongType", "The body is not `application/json`."),
    "422": ("KeyReused", "This `Idempotency-Key` was used before with another body."),
    "429": ("TooMany", "Too many of these; wait as long as `Retry-After` says."),
    "503": ("Busy", "Too many at once; send the same request again after `Retry-After` seconds."),
}
_RETRY = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}


class Schema(AutoSchema):
    """The document of one operation, with the refusals that it may answer."""

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), *self._repeats()]

    def get_paginated_name(self, serializer_name: str) -> str:
        """Lists that are kept a copy of have pages of their own, also where another list shows the same rows."""
        synced = issubclass(getattr(self.view, "pagination_class", object), SyncedPages)
        return f"{'Synced' if synced else 'Paginated'}{serializer_name}List"

    def _repeats(self) -> Iterator[OpenApiParameter]:
        """A write may be repeated with its key; some want one."""
        needed = getattr(self.view, "idempotency_required", None)
        if needed is None or self.method != "POST":
            return
        yield OpenApiParameter(
            "Idempotency-Key",
            location=OpenApiParameter.HEADER,
            required=needed,
            description="The same key and body get the first 2xx answer again; kept for 7 days per client and path.",
        )
        yield OpenApiParameter(
            "Idempotent-Replayed",
            location=OpenApiParameter.HEADER,
            response=[200, 201, 202],
            description="`true` when this is the first answer, given again.",
        )

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        answers: dict[str, Any] = super()._get_response_bodies(direction)
        refusals = {
            code: {"$ref": f"#/components/responses/{REFUSALS[code][0]}"}
            for code in self._refusals()
            if code not in answers
        }
        return dict(sorted((answers | refusals).items()))

    def _refusals(self) -> Iterator[str]:
        writes, has_body = self.method in _WRITES, self.method in _WITH_BODY
        parameters = {parameter["in"] for parameter in self._get_parameters()}
        if has_body or "query" in parameters:
            yield "400"
        yield from ("401", "403")
        if "path" in parameters or self._is_list_view():
            yield "404"
        if writes:
            yield from ("409", "503")
        if has_body:
            yield from ("413", "415")
        if hasattr(self.view, "idempotency_required") and self.method == "POST":
            yield "422"
        if self.view.get_throttles():
            yield "429"


def add_refusals(result: dict[str, Any], **_generation: Any) -> dict[str, Any]:
    """The one shape of every refusal, and an answer for each status that operations refer to."""
    text = {"type": "string"}
    result["components"]["schemas"] |= {
        "Fault": {
            "type": "object",
            "description": "One thing that is wrong. Some say more, as `available` does of a line that stock falls short for.",
            "required": ["code", "detail", "attr"],
            "properties": {
                "code": text | {"description": "Stable, for machines."},
                "detail": text | {"description": "For people, in the language asked for."},
                "attr": text | {"nullable": True, "description": "Path of the field, such as `lines.1.quantity`."},
                "available": text | {"description": "How many can still be promised."},
            },
            "additionalProperties": True,
        },
        "Refusal": {
            "type": "object",
            "required": ["type", "errors"],
            "properties": {
                "type": text | {"enum": ["validation_error", "client_error", "server_error"]},
                "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
            },
        },
    }
    result["components"]["responses"] = {
        name: {
            "description": description,
            **({"headers": _RETRY} if code in {"429", "503"} else {}),
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}},
        }
        for code, (name, description) in REFUSALS.items()
    }
    return result


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the package has no types here
    """How a client shows its key."""

    target_class = "apps.accounts.api_auth.BearerAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "The key of an API client."}
