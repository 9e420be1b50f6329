"""A job: work that takes longer than a page may, done by a worker for the person who asked for it."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.core.jobs.querysets import JobQuerySet


def file_place(job: "Job", filename: str) -> str:
    """Where a job's file is kept: in a folder nobody can guess, under the try that made it."""
    return f"jobs/{job.key}/{job.attempt}-{filename}"


class JobState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Stopped")


class Job(models.Model):
    """One piece of long work: what, for whom, how far, and what came of it.

    `parameters` hold ids, codes and filters, never names. `attempt` goes up each time a runner takes the job and is the
    fence: only the runner of the newest attempt may write. `lease_until` is how long its sign of life lasts. `cursor` is
    where the next try goes on, written in the transaction of the work before it; `counts` are tallies kept the same way.
    `lost` counts runners that vanished or were pushed aside since the last progress. Texts are in `language`, the
    owner's when they asked.
    """

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=64)
    title = models.CharField(_("job"), max_length=160)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs", db_index=False, verbose_name=_("owner")
    )
    language = models.CharField(max_length=8)
    parameters = models.JSONField(default=dict)
    once = models.CharField(max_length=120, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)

    state = models.CharField(_("status"), max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    message = models.CharField(max_length=240, blank=True)
    cursor = models.JSONField(null=True)
    counts = models.JSONField(default=dict)
    cancel_asked_at = models.DateTimeField(null=True)

    attempt = models.IntegerField(default=0)
    lost = models.SmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(default=timezone.now)
    resumed_at = models.DateTimeField(null=True)
    resumed_done = models.BigIntegerField(default=0)

    outcome = models.TextField(_("result"), blank=True)
    result = models.JSONField(default=dict)
    link = models.CharField(max_length=200, blank=True)
    error = models.TextField(_("reason"), blank=True)
    file = models.FileField(_("file"), upload_to=file_place, max_length=240, blank=True)
    file_name = models.CharField(max_length=160, blank=True)
    file_type = models.CharField(max_length=100, blank=True)
    file_expires_at = models.DateTimeField(_("file kept until"), null=True)

    queued_at = models.DateTimeField(_("asked for"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    seen_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-queued_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-queued_at"], name="job_of_owner"),
            models.Index(fields=["owner"], name="job_unseen", condition=Q(seen_at=None)),
            models.Index(fields=["sent_at"], name="job_active", condition=Q(state__in=["queued", "running"])),
            models.Index(fields=["finished_at"], name="job_finished", condition=Q(finished_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "once"],
                name="job_once",
                condition=Q(state__in=["queued", "running"]) & ~Q(once=""),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("jobs:job", kwargs={"key": self.key})

    @property
    def is_active(self) -> bool:
        return self.state in {JobState.QUEUED, JobState.RUNNING}

    @property
    def can_be_stopped(self) -> bool:
        return self.is_active and self.cancel_asked_at is None

    @property
    def can_be_tried_again(self) -> bool:
        return self.state in {JobState.FAILED, JobState.CANCELLED}

    @property
    def has_file(self) -> bool:
        """Whether there is something to download still."""
        return bool(self.file) and (self.file_expires_at is None or self.file_expires_at > timezone.now())

    @property
    def share(self) -> float | None:
        """How much of the work is done, 0 to 1; None while nobody knows how much there is."""
        return min(self.done / self.total, 1.0) if self.total else None

    @property
    def time_left(self) -> dt.timedelta | None:
        """At the pace of this try so far; None until there is a pace to go by."""
        if self.state != JobState.RUNNING or not self.total or self.resumed_at is None:
            return None
        since, taken = self.done - self.resumed_done, timezone.now() - self.resumed_at
        if since <= 0 or taken < dt.timedelta(seconds=2):
            return None
        return taken / since * max(self.total - self.done, 0)

    @property
    def took(self) -> dt.timedelta | None:
        """From the first start to the end, or until now."""
        if self.started_at is None:
            return None
        return (self.finished_at or timezone.now()) - self.started_at


class JobLine(models.Model):
    """One line of a job's log, in the owner's language."""

    class Level(models.TextChoices):
        INFO = "info", _("Information")
        WARNING = "warning", _("Warning")
        ERROR = "error", _("Error")

    job = models.ForeignKey(Job, models.CASCADE, related_name="lines")
    at = models.DateTimeField(default=timezone.now)
    level = models.CharField(max_length=8, choices=Level.choices, default=Level.INFO)
    text = models.TextField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


def fenced(job: Job) -> Any:
    """The job's row as long as this attempt at it is the newest: what a runner may write to."""
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, state=JobState.RUNNING)
