"""Asking for a job, stopping it, trying it again."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.core.jobs.kinds import kind_called
from apps.core.jobs.models import Job, JobState
from apps.core.reach import reach_of

log = logging.getLogger(__name__)


@transaction.atomic
def start_job(
    *, kind: str, owner: Any, parameters: Mapping[str, Any] | None = None, title: Any = "", once: str = ""
) -> Job:
    """Write down that `owner` asked for a job, in the caller's transaction, and send it to a worker on commit.

    `parameters` are JSON: ids, codes, filters. `title` says which one it is ("Export of 48,210 orders") and is the
    kind's label when empty. With `once` no second job of that kind runs at the same time under that name: whoever asks
    again gets the one there is, if it is theirs; otherwise a Conflict. Raises PermissionDenied without the kind's
    permission.
    """
    found = kind_called(kind)
    if not reach_of(owner).may(found.permission):
        raise PermissionDenied(found.permission)
    job = Job(
        kind=kind,
        title=str(title or found.label)[:160],
        owner=owner,
        language=translation.get_language() or owner.language,
        parameters=dict(parameters or {}),
        once=once,
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
    )
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:
        running: Job | None = Job.objects.active().filter(kind=kind, once=once).first()
        if running is None or not once:
            raise
        if running.owner_id != owner.pk:
            raise Conflict(_("Somebody else is having this done at the moment.")) from None
        return running
    _send_on_commit(job)
    return job


@transaction.atomic
def cancel_job(*, job: Job) -> Job:
    """Ask a job to stop. One that waits stops at once; one at work at its next step. Raises Conflict once it ended."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    if not job.is_active:
        raise Conflict(_("This job has already ended."))
    now = timezone.now()
    job.cancel_asked_at = job.cancel_asked_at or now
    if job.state == JobState.QUEUED:
        job.state, job.finished_at = JobState.CANCELLED, now
    job.save(update_fields=["cancel_asked_at", "state", "finished_at"])
    return job


@transaction.atomic
def retry_job(*, job: Job) -> Job:
    """Have a job that failed or was stopped tried again, from where it was. Raises Conflict for any other."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    if not job.can_be_tried_again:
        raise Conflict(_("Only a job that failed or was stopped can be tried again."))
    if job.once and Job.objects.active().filter(kind=job.kind, once=job.once).exists():
        raise Conflict(_("The same work was asked for again and is being done."))
    now = timezone.now()
    job.state, job.error, job.message, job.lost = JobState.QUEUED, "", "", 0
    job.cancel_asked_at = job.finished_at = job.seen_at = job.lease_until = None
    job.sent_at = now
    job.save()
    _send_on_commit(job)
    return job


def _send_on_commit(job: Job) -> None:
    transaction.on_commit(partial(send, job.key), robust=True)


def send(key: Any, *, pause_s: float = 0) -> None:
    """Hand a job to a worker, after a pause. If the broker is away, the clock sends it again."""
    from apps.core.tasks import run_queued_job  # the task imports what runs jobs, which imports this module

    try:
        run_queued_job.apply_async(args=[str(key)], countdown=pause_s or None, retry=False)
    except Exception:
        log.warning("could not send job %s; the clock will", key, exc_info=True)


def mark_seen(*, job: Job) -> None:
    """The owner has seen how it ended: it leaves the top of the page."""
    Job.objects.filter(pk=job.pk, seen_at=None, finished_at__isnull=False).update(seen_at=timezone.now())
