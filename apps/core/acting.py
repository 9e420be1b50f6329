"""Who acts, through what and in which request: known to everything below without being handed down.

A request, a job or a command says it once; events and the audit trail write it down with what they record.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import structlog
from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from apps.core.actors import SYSTEM, actor_of


class Source(models.TextChoices):
    """Through what something was done."""

    PAGE = "page", _("page")
    API = "api", _("API")
    IMPORT = "import", _("import")
    JOB = "job", _("job")
    SYSTEM = "system", _("by itself")


@dataclass(frozen=True)
class Act:
    """What is being done. `principal` is asked late: an API client is known only once its key was read."""

    source: str = Source.SYSTEM
    principal: Callable[[], Any] = lambda: None
    request: str = ""
    reason: str = ""

    @property
    def actor(self) -> str:
        """`user:12`, `client:3` or `system`."""
        principal = self.principal()
        return actor_of(principal) if getattr(principal, "pk", None) is not None else SYSTEM

    @property
    def request_id(self) -> str:
        """What joins all changes of one act: the id of the request, or of the one a job was asked for in."""
        return self.request or str(structlog.contextvars.get_contextvars().get("request_id", ""))


_BY_ITSELF = Act()
_current: ContextVar[Act] = ContextVar("act", default=_BY_ITSELF)


def current_act() -> Act:
    """The act that is going on; outside a request, job or command Toonbank acts by itself."""
    return _current.get()


@contextmanager
def acting(act: Act) -> Iterator[None]:
    """Everything inside belongs to this act."""
    token = _current.set(act)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def because(reason: str) -> Iterator[None]:
    """Everything inside is part of the act that goes on, with this reason; as it was without one."""
    with acting(replace(current_act(), reason=reason) if reason else current_act()):
        yield


class ActingMiddleware:
    """Everything a request does is the act of whoever sent it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        source = Source.API if request.path.startswith("/api/") else Source.PAGE
        with acting(Act(source, lambda: getattr(request, "user", None))):
            return self.get_response(request)
