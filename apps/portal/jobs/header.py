"""One's jobs at the top of every page: those at work, and those that ended since one last looked."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import ngettext

from apps.core.models import Job
from apps.portal.jobs.wording import TONES, brief

SHOWN_AT_MOST = 50


@dataclass(frozen=True)
class JobsInHeader:
    """The jobs of one person, newest first. The page asks for news as long as one is `active`."""

    jobs: Sequence[Job]

    @classmethod
    def of(cls, user: Any) -> "JobsInHeader":
        return cls(list(Job.objects.visible_to(user).unseen().order_by("-id")[:SHOWN_AT_MOST]))

    @cached_property
    def active(self) -> list[Job]:
        return [job for job in self.jobs if job.is_active]

    @property
    def url(self) -> str:
        """The one job there is, or the list."""
        return self.jobs[0].get_absolute_url() if len(self.jobs) == 1 else reverse("jobs:jobs")

    @property
    def news_url(self) -> str:
        """Where the page asks for news: what was at work when it asked last tells it what ended since."""
        return f"{reverse('jobs:header')}?{urlencode([('was', job.key) for job in self.active])}"

    @property
    def label(self) -> str:
        if len(self.jobs) == 1:
            return self.jobs[0].title
        return ngettext("%(count)s job", "%(count)s jobs", len(self.jobs)) % {"count": len(self.jobs)}

    @property
    def brief(self) -> str:
        """How far it is: of the one job, or of all that are at work together."""
        if len(self.jobs) == 1:
            return brief(self.jobs[0])
        total = sum(job.total or 0 for job in self.active)
        done = sum(job.done for job in self.active if job.total)
        return f"{int(done / total * 100)}%" if total else ""

    @property
    def tone(self) -> str:
        """The most urgent of all: what failed, else what is at work, else what is done."""
        tones = {TONES[job.state] for job in self.jobs}
        return next((tone for tone in ("bad", "busy", "wait", "ok") if tone in tones), "idle")
