"""What the clock does for jobs: sending again what was lost on the way, and clearing up."""

import datetime as dt
import logging

from django.core.files.storage import default_storage
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from apps.core.jobs.models import Job
from apps.core.jobs.starting import send

log = logging.getLogger(__name__)

SEND_AGAIN_AFTER = dt.timedelta(minutes=1)
TAKE_OVER_AFTER = dt.timedelta(seconds=15)  # between two messages about a job whose runner vanished
KEEP_JOBS = dt.timedelta(days=90)
AT_ONCE = 100


def send_waiting() -> int:
    """Send jobs that wait longer than a message takes, and those whose runner vanished; return how many.

    A message too many does no harm: the second runner finds that there is nothing to take.
    """
    now = timezone.now()
    waiting = Q(state="queued", sent_at__lt=now - SEND_AGAIN_AFTER)
    vanished = Q(state="running", lease_until__lt=Now(), sent_at__lt=now - TAKE_OVER_AFTER)
    keys = list(Job.objects.filter(waiting | vanished).order_by("sent_at").values_list("key", flat=True)[:AT_ONCE])
    Job.objects.filter(key__in=keys).update(sent_at=now)
    for key in keys:
        send(key)
    return len(keys)


def clear_up() -> None:
    """Delete files that nobody may download any more, and jobs that ended long ago."""
    now = timezone.now()
    for job in Job.objects.filter(file_expires_at__lt=now).exclude(file="").iterator():
        _delete_files(job)
        Job.objects.filter(pk=job.pk).update(file="")
    for job in Job.objects.filter(finished_at__lt=now - KEEP_JOBS).iterator():
        _delete_files(job)
        job.delete()


def _delete_files(job: Job) -> None:
    """All files of all tries, also of one that ended between writing its file and writing that down."""
    folder = f"jobs/{job.key}"
    try:
        _folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        default_storage.delete(f"{folder}/{name}")
    default_storage.delete(folder)
