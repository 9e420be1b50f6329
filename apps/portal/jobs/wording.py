"""A job in words: how far it is, how long it still takes, how it ended."""

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.models import Job, JobState
from apps.portal import formats

TONES = {"queued": "wait", "running": "busy", "done": "ok", "failed": "bad", "cancelled": "idle"}
_MINUTE, _HOUR = 60, 3600


def time_left(value: dt.timedelta) -> str:
    """How long it still takes, no finer than the guess is: about 20 seconds, about 3 minutes."""
    seconds = value.total_seconds()
    if seconds < 50:
        count = max(5, round(seconds / 5) * 5)
        return ngettext("about %(count)s second left", "about %(count)s seconds left", count) % {"count": count}
    if seconds < 90 * _MINUTE:
        count = max(1, round(seconds / _MINUTE))
        return ngettext("about %(count)s minute left", "about %(count)s minutes left", count) % {"count": count}
    count = round(seconds / _HOUR)
    return ngettext("about %(count)s hour left", "about %(count)s hours left", count) % {"count": count}


def share(job: Job) -> str:
    """How much of it is done, as a round percentage; empty while nobody knows how much there is."""
    return "" if job.share is None else f"{int(job.share * 100)}%"


def brief(job: Job) -> str:
    """The state of a job in a word or a figure."""
    return share(job) if job.state == JobState.RUNNING and job.share is not None else str(job.get_state_display())


def progress(job: Job) -> str:
    """How far a job is, in one line."""
    if job.cancel_asked_at is not None and job.is_active:
        return _("Stopping at the next step.")
    if job.state == JobState.QUEUED:
        return _("Starts as soon as a worker is free.")
    parts = []
    if job.total:
        parts.append(
            _("%(done)s of %(total)s") % {"done": formats.quantity(job.done), "total": formats.quantity(job.total)}
        )
    elif job.done:
        parts.append(_("%(done)s done") % {"done": formats.quantity(job.done)})
    if job.time_left is not None:
        parts.append(time_left(job.time_left))
    said = [f"{job.message.rstrip('.')}."] if job.message else []
    if parts:
        said.append(f"{', '.join(parts)}.")
    return " ".join(said) or _("At work.")


def ending(job: Job) -> str:
    """What came of a job, in a sentence."""
    if job.state == JobState.DONE:
        return job.outcome
    if job.state == JobState.FAILED:
        return job.error
    if job.state == JobState.CANCELLED:
        if job.counts and job.total:
            return _("Stopped after %(done)s of %(total)s; what was done stays.") % {
                "done": formats.quantity(job.done),
                "total": formats.quantity(job.total),
            }
        return _("Stopped before anything was changed.")
    return ""
