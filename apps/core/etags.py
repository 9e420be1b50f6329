"""Answers that a client need not fetch again while they are the same."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiResponse

UNCHANGED = OpenApiResponse(description="The `ETag` of `If-None-Match` still holds.")


def tagged(
    request: HttpRequest, results: Any, *, around: Mapping[str, Any], tagged_by: Any = None, vary: str = ""
) -> HttpResponse:
    """`{**around, "results": results}` as JSON with an ETag over `results` alone; 304 when the client has just that.

    `tagged_by` stands in for `results` under the ETag where those hold clocks or ages. `vary` names request headers that
    change the answer, beside `Authorization`.
    """
    body = orjson.dumps(results)
    seen = body if tagged_by is None else orjson.dumps(tagged_by)
    head = orjson.dumps(around)[1:-1]
    whole = b"{" + head + (b"," if head else b"") + b'"results":' + body + b"}"
    return _unless_known(request, whole, seen, vary)


def tagged_document(request: HttpRequest, document: Mapping[str, Any], *, vary: str = "") -> HttpResponse:
    """One object as JSON, with an ETag over all of it."""
    body = orjson.dumps(document)
    return _unless_known(request, body, body, vary)


def _unless_known(request: HttpRequest, body: bytes, seen: bytes, vary: str) -> HttpResponse:
    etag = f'"{hashlib.blake2b(seen, digest_size=16).hexdigest()}"'
    asked = request.META.get("HTTP_IF_NONE_MATCH")
    response: HttpResponse
    if asked and ("*" in (known := parse_etags(asked)) or etag in {tag.removeprefix("W/") for tag in known}):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(body, content_type="application/json")
    response["ETag"] = etag
    response["Vary"] = f"Authorization, {vary}" if vary else "Authorization"
    response["Cache-Control"] = "private, no-cache"
    return response
