"""What a request of the API may weigh."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from config.api_errors import api_error


class BodyLimitMiddleware:
    """Refuse an API body that is too large by its announced length, before reading any of it.

    A body without an announced length is refused too: the server could not tell an empty one from an endless one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or ""
        if request.META.get("HTTP_TRANSFER_ENCODING") and not length:
            return api_error(411, "length_required", _("Send the length of the body."))
        if length.isdecimal() and int(length) > settings.API_BODY_LIMIT:
            limit = settings.API_BODY_LIMIT // (1024 * 1024)
            detail = _("The body is larger than %(limit)s MB.") % {"limit": limit}
            return api_error(413, "too_large", detail)
        return self.get_response(request)
