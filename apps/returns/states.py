"""How far a return is, as people read it: a tone, a word, and the steps of the way."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.returns.models import Return, ReturnStatus

WORDS = {
    ReturnStatus.ANNOUNCED: _("Announced"),
    ReturnStatus.RECEIVED: _("Received"),
    ReturnStatus.INSPECTED: _("Inspected"),
    ReturnStatus.SETTLED: _("Paid back"),
    ReturnStatus.WITHDRAWN: _("Withdrawn"),
}
TONES = {
    ReturnStatus.ANNOUNCED: "wait",
    ReturnStatus.RECEIVED: "busy",
    ReturnStatus.INSPECTED: "busy",
    ReturnStatus.SETTLED: "ok",
    ReturnStatus.WITHDRAWN: "idle",
}
STATUS_CHOICES = list(WORDS.items())
_WAY: list[ReturnStatus] = [status for status in WORDS if status != ReturnStatus.WITHDRAWN]


def state_of(rma: Return) -> tuple[str, Any]:
    """The state of a return as (tone, word)."""
    status = ReturnStatus(rma.status)
    return TONES[status], WORDS[status]


def steps_of(rma: Return) -> list[tuple[str, Any]]:
    """The way a return goes as (done, now or nothing yet; word). None for what was withdrawn."""
    if rma.status == ReturnStatus.WITHDRAWN:
        return []
    done = _WAY.index(ReturnStatus(rma.status))
    return [("done" if n <= done else "now" if n == done + 1 else "", WORDS[status]) for n, status in enumerate(_WAY)]
