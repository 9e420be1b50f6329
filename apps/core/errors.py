"""What can go wrong in the domain. Pages and the API each translate these once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    `attr` is the path of the field in the caller's document (`lines.1.quantity`); `extra` holds data that helps to mend
    it, for instance the quantity still available.
    """

    code: str
    detail: str
    attr: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class DomainError(Exception):
    """The request is understood but the domain refuses it.

    `code` is stable and machine-readable, `detail` a translated sentence that says what happened and what to do.
    `status` is what HTTP callers see: 409 for a state or stock conflict, 400 for a reference that does not exist.
    """

    code = "refused"
    status = 409

    def __init__(self, detail: Any = "", *, code: str | None = None, faults: Sequence[Fault] = ()) -> None:
        self.detail = str(detail)
        if code is not None:
            self.code = code
        self.faults = list(faults) or [Fault(self.code, self.detail)]
        super().__init__(self.detail)


class InvalidInput(DomainError):
    """A value cannot be used, or names something that does not exist. Nothing was written."""

    code = "invalid"
    status = 400


class Conflict(DomainError):
    """The object is not in a state that allows this."""

    code = "conflict"


class LinkGone(DomainError):
    """A link or code was never ours, is too old, was used or was stopped."""

    code = "link_gone"
    status = 410


class Busy(DomainError):
    """Too many at once; the same request can be sent again in a moment."""

    code = "busy"
    status = 503
