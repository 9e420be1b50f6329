"""Structured logs: every line is one JSON object, with the request's id where there is a request."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

# A query string can hold what somebody looked for (a name, an e-mail); logs must not.
_QUERY = re.compile(r"\?\S*")
# A signed value in a path opens what it names (a card, a receipt) to whoever has it.
_SIGNED = re.compile(r"(?<=/)[\w-]{6,}:[\w:-]{16,}")

# Where it went wrong, without what the variables held: those are requests, names and addresses.
_tracebacks = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


# What the database says of a row that it refused: its values.
_ROW = re.compile(r"(?:\n|\\n)(?:DETAIL|CONTEXT):.*", re.DOTALL)
_SAID = ("event", "error")


def _without_rows(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    raised = event.get("exception")
    if isinstance(raised, list):
        for one in raised:
            one["exc_value"] = _ROW.sub("", str(one.get("exc_value", "")))
    elif raised is not None:
        event["exception"] = _ROW.sub("", repr(raised))  # of a task whose worker is gone: there is no traceback
    for name in _SAID:
        if isinstance(said := event.get(name), str):
            event[name] = _ROW.sub("", said)
    if str(event.get("logger", "")).startswith("celery"):
        event.pop("data", None)  # the task's arguments, and the exception once more
    return event


def _without_query(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(request := event.get("request"), str):
        event["request"] = _SIGNED.sub("…", _QUERY.sub("?…", request))
    return event


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _without_query,
]


def logging_config(*, readable: bool, level: str) -> dict[str, Any]:
    """``LOGGING`` for Django, with structlog set up to go the same way. ``readable`` writes for eyes, not machines."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    last: list[structlog.typing.Processor] = (
        [_without_rows, structlog.dev.ConsoleRenderer()]
        if readable
        else [_tracebacks, _without_rows, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
                "foreign_pre_chain": [*_SHARED, structlog.stdlib.ExtraAdder()],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # The request middleware has already logged the request with its id.
            "django.request": {"level": "CRITICAL"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }
