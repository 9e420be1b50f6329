"""Running a job: taking it, doing it, writing down how it ended. Never two runners at once, however often it is sent.

Taking a job raises its `attempt` under the row's lock. Everything a runner writes later is fenced by that number: a
runner that was thought dead and wakes up finds that its update meets no row, and its transaction is undone.
"""

import datetime as dt
import logging
import tempfile
from pathlib import Path
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.core.acting import Act, Source, acting
from apps.core.errors import DomainError
from apps.core.jobs.kinds import JobKind, Result, kind_called
from apps.core.jobs.models import Job, JobState, fenced
from apps.core.jobs.pulse import LEASE_S, Pulse
from apps.core.jobs.run import CancelAsked, LeaseLost, Run
from apps.core.jobs.starting import send
from apps.core.reach import forget_reach, reach_of

log = logging.getLogger(__name__)

LOST_AT_MOST = 5  # runners that vanished or were pushed aside without any progress in between
PAUSE_S = 5


def run_job(key: Any) -> bool:
    """Run a job if it waits for a runner; False when there is nothing to do, because somebody else has it or it ended."""
    job = _take(key)
    if job is None:
        return False
    bound = {"job": str(job.key), **({"request_id": job.request_id} if job.request_id else {})}
    with structlog.contextvars.bound_contextvars(**bound), translation.override(job.language):
        _run(job)
    return True


@transaction.atomic
def _take(key: Any) -> Job | None:
    """Make this runner the job's only one; None if it is not to be had."""
    job: Job | None = Job.objects.takeable().select_for_update(skip_locked=True).filter(key=key).first()
    if job is None:
        return None
    now = timezone.now()
    if job.cancel_asked_at is not None:
        job.state, job.finished_at = JobState.CANCELLED, now
        job.save(update_fields=["state", "finished_at"])
        return None
    if job.state == JobState.RUNNING:
        job.lost += 1
        log.warning("job %s: its runner vanished (attempt %s)", job.key, job.attempt)
    if job.lost >= LOST_AT_MOST:
        with translation.override(job.language):
            job.error = _("The work was cut off %(count)s times without getting any further.") % {"count": job.lost}
        job.state, job.finished_at = JobState.FAILED, now
        job.save(update_fields=["state", "finished_at", "error", "lost"])
        return None
    job.attempt += 1
    job.state = JobState.RUNNING
    job.started_at = job.started_at or now
    if job.cursor is None and not job.counts:
        job.done = 0  # nothing was kept, so it starts over
    job.resumed_at, job.resumed_done = now, job.done
    job.save(update_fields=["attempt", "state", "started_at", "done", "resumed_at", "resumed_done", "lost"])
    # By the database's clock, which all runners share.
    fenced(job).update(lease_until=Now() + dt.timedelta(seconds=LEASE_S))
    return job


def _run(job: Job) -> None:
    """Do the work of a job that is ours, and write down how it ended, unless it is no longer ours by then."""
    try:
        _work(job)
    except LeaseLost:
        log.warning("job %s: another runner took it over; attempt %s left nothing", job.key, job.attempt)
    except CancelAsked:
        _end(job, JobState.CANCELLED)
    except SoftTimeLimitExceeded:
        _end(job, JobState.FAILED, _("The work took longer than a worker may take."))
    except DomainError as refusal:
        _end(job, JobState.FAILED, refusal.detail)
    except PermissionDenied:
        _end(job, JobState.FAILED, _("You no longer have the right to do this."))
    except (OperationalError, InterfaceError):
        _put_back(job)
    except Exception:
        log.exception("job %s failed", job.key)
        _end(job, JobState.FAILED, _("Something went wrong on our side."))


def _work(job: Job) -> None:
    kind = kind_called(job.kind)
    principal = job.owner
    forget_reach(principal)
    if not reach_of(principal).may(kind.permission):
        raise PermissionDenied(kind.permission)
    reason = str(job.parameters.get("reason", ""))
    act = Act(Source.JOB, lambda: principal, request=job.request_id, reason=reason)
    with acting(act), tempfile.TemporaryDirectory(prefix="toonbank-job-") as folder, Pulse(job) as pulse:
        run = Run(job, principal, pulse, Path(folder), whole=kind.whole)
        if kind.whole:
            with transaction.atomic():
                _finish(job, kind, kind.work(run))
        else:
            _finish(job, kind, kind.work(run))


def _finish(job: Job, kind: JobKind, result: Result) -> None:
    """Write down what came of it, in the running transaction if there is one. Raises LeaseLost when it is not ours."""
    job.state, job.finished_at = JobState.DONE, timezone.now()
    job.outcome, job.result, job.link, job.message, job.error = result.text, dict(result.data), result.link, "", ""
    if result.file is not None:
        with result.file.path.open("rb") as content:
            job.file.save(result.file.name, File(content), save=False)
        job.file_name, job.file_type = result.file.name, result.file.content_type
        job.file_expires_at = job.finished_at + kind.keep_file
    written = (
        *("state", "finished_at", "outcome", "result", "link", "message", "error", "done", "total"),
        *("file", "file_name", "file_type", "file_expires_at"),
    )
    if not fenced(job).update(**{name: getattr(job, name) for name in written}):
        if result.file is not None:
            job.file.delete(save=False)
        raise LeaseLost


def _end(job: Job, state: JobState, error: str = "") -> None:
    """Write down that it ended without a result. What chunks did before stays, and the next try goes on from there."""
    fenced(job).update(state=state, error=error, message="", finished_at=timezone.now(), lease_until=None)


def _put_back(job: Job) -> None:
    """The database gave up on us (a deadlock, a lock that took too long, a lost connection): try again in a moment."""
    log.warning("job %s: put back after a database error", job.key, exc_info=True)
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    if fenced(job).update(state=JobState.QUEUED, lost=F("lost") + 1, lease_until=None, sent_at=timezone.now()):
        send(job.key, pause_s=PAUSE_S)
