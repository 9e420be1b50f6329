"""Domain errors in the API's one shape: {"type", "errors": [{"code", "detail", "attr", …}]}."""

import logging
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework.exceptions import APIException

from apps.core.errors import Busy, DomainError

log = logging.getLogger(__name__)


class RefusedByDomain(APIException):
    """A `DomainError` on its way to the formatter."""

    def __init__(self, error: DomainError) -> None:
        self.error = error
        self.status_code = error.status
        super().__init__(detail=error.detail, code=error.code)
        if isinstance(error, Busy):
            self.wait = 1  # answered as Retry-After


class DomainAwareHandler(ExceptionHandler):
    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, OperationalError | InterfaceError):
            # The server went away, or starts: whoever repeats the request with its key in a moment loses nothing.
            log.error("the database did not answer", exc_info=exc)
            exc = Busy(_("Very busy right now. Try again in a moment."))
        if isinstance(exc, DomainError):
            return RefusedByDomain(exc)
        return super().convert_known_exceptions(exc)


class DomainAwareFormatter(ExceptionFormatter):
    def run(self) -> Any:
        if not isinstance(self.exc, RefusedByDomain):
            body = super().run()
            for error in body["errors"]:
                error["attr"] = _path(error["attr"])
            return body
        error = self.exc.error
        kind = "validation_error" if error.status == 400 else "server_error" if error.status >= 500 else "client_error"
        return {
            "type": kind,
            "errors": [{"code": f.code, "detail": f.detail, "attr": f.attr, **f.extra} for f in error.faults],
        }


_WHOLE = "non_field_errors"


def _path(attr: str | None) -> str | None:
    """An error about a list or object as a whole is about that field; about the whole body, about no field."""
    if attr is None or attr == _WHOLE:
        return None
    return attr.removesuffix(f".{_WHOLE}")
