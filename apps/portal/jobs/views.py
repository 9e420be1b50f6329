"""The pages of one's own jobs."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HTMX_STOP_POLLING

from apps.core.errors import DomainError
from apps.core.jobs.starting import cancel_job, mark_seen, retry_job
from apps.core.models import Job, JobState
from apps.portal import formats
from apps.portal.jobs.filters import JobFilter
from apps.portal.jobs.header import JobsInHeader
from apps.portal.jobs.tables import JobTable
from apps.portal.jobs.wording import TONES, ending, progress, share
from apps.portal.pages import SIGNED_IN, ActionPage, DetailPage, Fact, ListPage, ObjectPage, PlainPage, Preset


class JobList(ListPage):
    """Everything one had done in the background, newest first."""

    permission = SIGNED_IN
    model = Job
    table_class = JobTable
    filterset_class = JobFilter
    search_fields = ("title",)
    views = (
        Preset("all", gettext_lazy("All")),
        Preset("active", gettext_lazy("At work"), {"state": ["queued", "running"]}),
        Preset("failed", gettext_lazy("Failed"), {"state": "failed"}, late=True),
    )
    ordering = ("-queued_at",)
    empty_title = gettext_lazy("No jobs yet")
    empty_text = gettext_lazy("What takes longer, such as an export or an import, goes on here while you work.")
    empty_icon = "loader"


class JobPage(DetailPage):
    """One job: how far it is, what came of it, and what one can do about it."""

    permission = SIGNED_IN
    model = Job
    lookup = "key"
    template_name = "portal/jobs/job.html"
    back = ("jobs:jobs", gettext_lazy("Jobs"))

    def get_facts(self) -> list[Fact]:
        job = self.object
        facts = [
            Fact(_("Asked for"), formats.when(job.queued_at)),
            Fact(_("Started"), formats.when(job.started_at) or "–"),
        ]
        if job.finished_at:
            facts.append(Fact(_("Ended"), formats.when(job.finished_at)))
            facts.append(Fact(_("Took"), formats.duration(job.took) or "–"))
        if job.attempt > 1:
            facts.append(Fact(_("Attempts"), job.attempt))
        if job.request_id:
            facts.append(Fact(_("Report"), job.request_id))
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        job = self.object
        if not job.is_active:
            mark_seen(job=job)
        return super().get_context_data(
            tone=TONES[job.state],
            share=share(job),
            said=progress(job) if job.is_active else ending(job),
            failed=job.state == JobState.FAILED,
            lines=job.lines.all()[:500],
            **kwargs,
        )


class JobNews(JobPage):
    """How far a job is now, asked for every second by its page; the last answer brings the rest of the page along."""

    template_name = "portal/jobs/_live.html"
    ended_template = "portal/jobs/_job.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(**kwargs)
        if self.object.is_active:
            return self.render_to_response(context)
        response = self.response_class(request, [self.ended_template], context, status=HTMX_STOP_POLLING)
        response["HX-Retarget"], response["HX-Reswap"] = "#job", "outerHTML"
        return response


class JobsNews(PlainPage):
    """What the top of the page shows of one's jobs, and a message about those that ended since it asked last."""

    permission = SIGNED_IN
    template_name = "portal/jobs/_news.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        here = request.headers.get("HX-Current-URL", "")
        found = JobsInHeader.of(request.user).jobs
        # Whoever is on the page of a job sees there that it ended, and need not be told above it.
        jobs = JobsInHeader([j for j in found if j.is_active or j.get_absolute_url() not in here])
        were = set(request.GET.getlist("was"))
        ended = [j for j in jobs.jobs if not j.is_active and str(j.key) in were]
        context = self.get_context_data(jobs=jobs, ended=[(job, ending(job)) for job in ended])
        return self.render_to_response(context, status=200 if jobs.active else HTMX_STOP_POLLING)


class CancelJob(ActionPage):
    """Ask a job to stop."""

    permission = SIGNED_IN
    model = Job
    lookup = "key"
    button = gettext_lazy("Stop")
    danger = True

    def get_question(self) -> Any:
        return _("Stop “%(job)s”?") % {"job": self.object}

    def get_effect(self) -> Any:
        return _("It ends at its next step. You can have it go on later.")

    def act(self) -> Job:
        return cancel_job(job=self.object)


class RetryJob(ActionPage):
    """Have a job tried again, from where it was."""

    permission = SIGNED_IN
    model = Job
    lookup = "key"
    button = gettext_lazy("Try again")

    def get_question(self) -> Any:
        return _("Try “%(job)s” again?") % {"job": self.object}

    def get_effect(self) -> Any:
        return _("It goes on where it stopped.")

    def act(self) -> Job:
        return retry_job(job=self.object)


class FileGone(DomainError):
    """The file of a job is kept for some days only."""

    code = "file_gone"
    status = 410


class JobFile(ObjectPage):
    """The file a job made, for its owner only."""

    permission = SIGNED_IN
    model = Job
    lookup = "key"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a file is no page
        job = self.object
        if not job.has_file:
            refusal = FileGone(_("This file is no longer kept. Have it made again."))
            context = {"refusal": refusal, "back_url": job.get_absolute_url(), "back_label": str(job)}
            return self.response_class(request, ["409.html"], context, status=refusal.status)
        mark_seen(job=job)
        response = FileResponse(
            job.file.open("rb"), as_attachment=True, filename=job.file_name, content_type=job.file_type
        )
        response["Cache-Control"] = "private, no-store"
        return response
