"""Errors that arise before or outside an API view, in the API's one shape."""

from django.http import HttpRequest, JsonResponse


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def api_error(status: int, code: str, detail: str) -> JsonResponse:
    """One error about the request as a whole, in the shape of every API error."""
    kind = "server_error" if status >= 500 else "client_error"
    return JsonResponse({"type": kind, "errors": [{"code": code, "detail": detail, "attr": None}]}, status=status)
