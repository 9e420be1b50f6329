"""Pages and the API each get the middleware that they need.

A page has a session, a form, a browser with policies; a call of the API has a key and nothing else, and there are hundreds of
them a second. Which runs for what stands in the settings: `PAGE_MIDDLEWARE` and `API_MIDDLEWARE`.
"""

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

from config.api_errors import is_api

Handler = Callable[[HttpRequest], HttpResponseBase]


class Surface:
    """One chain of middleware, built as Django builds its own: an exception becomes an answer at each step."""

    def __init__(self, paths: list[str], get_response: Handler) -> None:
        self.before_view: list[Callable[..., HttpResponseBase | None]] = []
        self.answer: Handler = get_response
        for path in reversed(paths):
            middleware = import_string(path)(self.answer)
            if hasattr(middleware, "process_view"):
                self.before_view.insert(0, middleware.process_view)
            self.answer = cast("Handler", convert_exception_to_response(middleware))


class SurfaceMiddleware:
    """Send a request through the middleware of its surface."""

    def __init__(self, get_response: Handler) -> None:
        self._pages = Surface(settings.PAGE_MIDDLEWARE, get_response)
        self._api = Surface(settings.API_MIDDLEWARE, get_response)

    def _of(self, request: HttpRequest) -> Surface:
        return self._api if is_api(request) else self._pages

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._of(request).answer(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
        """What Django asks of each middleware just before the view: the first that answers takes its place."""
        answers = (before(request, *view) for before in self._of(request).before_view)
        return next((answer for answer in answers if answer is not None), None)
