"""What a file would change, or has changed."""

from typing import Any

from django.core.paginator import Paginator
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRefresh

from apps.core.jobs.starting import mark_seen
from apps.portal import formats
from apps.portal.csv_files import csv_of_cells
from apps.portal.importing.kinds import kinds
from apps.portal.importing.models import Import, ImportRow
from apps.portal.importing.output import rejected_rows
from apps.portal.importing.tables import TONES, ImportTable
from apps.portal.importing.views.access import MAY_IMPORT
from apps.portal.importing.views.files import as_csv
from apps.portal.importing.views.reading import options_of
from apps.portal.jobs.wording import TONES as JOB_TONES
from apps.portal.jobs.wording import ending, progress, share
from apps.portal.pages import (
    Action,
    DetailPage,
    Fact,
    ListPage,
    ObjectPage,
    Preset,
)

ROWS_ON_A_PAGE = 100


class ImportList(ListPage):
    """One's own files, newest first."""

    permission = MAY_IMPORT
    model = Import
    table_class = ImportTable
    search_fields = ("file_name",)
    views = (Preset("all", gettext_lazy("All")),)
    ordering = ("-uploaded_at",)
    empty_title = gettext_lazy("No imports yet")
    empty_text = gettext_lazy("Load a file: first you see what it would change, row by row.")
    empty_icon = "upload"

    def get_actions(self) -> tuple[Action, ...]:
        """A button for each kind of import."""
        return tuple(
            Action(
                label=kind.label,
                route="imports:new",
                kwargs={"kind": kind.name},
                permission=kind.permission,
                icon="upload",
            )
            for kind in kinds()
        )


class ImportPage(DetailPage):
    """What a file would change row by row, or has changed, and what is wrong with it."""

    permission = MAY_IMPORT
    model = Import
    lookup = "key"
    select_related = ("job",)
    template_name = "portal/importing/import.html"
    back = ("imports:imports", gettext_lazy("Imports"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        upload: Import = self.object
        if upload.job is not None and not upload.job.is_active:
            mark_seen(job=upload.job)
        if upload.job is None:
            return HttpResponseRedirect(reverse("imports:reading", kwargs={"key": upload.key}))
        return self.render_to_response(self.get_context_data(**kwargs))

    def get_sub(self) -> list[Any]:
        return [self.object.of_kind.label]

    def get_status(self) -> tuple[str, Any]:
        return TONES[self.object.state], self.object.get_state_display()

    def get_facts(self) -> list[Fact]:
        upload: Import = self.object
        facts = [*options_of(upload), Fact(_("Loaded"), formats.when(upload.uploaded_at))]
        if upload.checked_at:
            facts.append(Fact(_("Checked"), formats.when(upload.checked_at)))
        if upload.booked_at:
            facts.append(Fact(_("Booked at"), formats.when(upload.booked_at)))
        facts.append(Fact(_("Kept until"), formats.when(upload.expires_at)))
        kind = upload.of_kind
        facts += [
            Fact(label, formats.quantity(upload.marks[mark]))
            for mark, label in kind.marks.items()
            if upload.marks.get(mark)
        ]
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        upload: Import = self.object
        job = upload.job
        outcome = self.request.GET.get("show", "")
        tabs = self._tabs(outcome)
        shown_tab = next((tab for tab in tabs if tab["current"]), None)
        rows = upload.rows.filter(**{shown_tab["by"]: shown_tab["outcome"]}) if shown_tab else upload.rows.none()
        page = Paginator(rows, ROWS_ON_A_PAGE).get_page(self.request.GET.get("page"))
        for row in page:
            row.upload = upload
        return super().get_context_data(
            job=job,
            job_tone=JOB_TONES[job.state] if job else "",
            share=share(job) if job else "",
            said=(progress(job) if job.is_active else ending(job)) if job else "",
            tabs=tabs,
            tab=shown_tab,
            page=page,
            metrics=self._metrics(),
            is_checked=upload.state == Import.State.CHECKED and not upload.is_busy,
            is_booked=upload.state == Import.State.BOOKED,
            **kwargs,
        )

    def _metrics(self) -> list[tuple[Any, str, Any]]:
        counts = self.object.counts
        words = (
            ("new", _("New"), _("are added")),
            ("changed", _("Changed"), _("are there already, and differ")),
            ("unchanged", _("The same"), _("change nothing")),
            ("error", _("Wrong"), _("cannot be used")),
        )
        return [(label, formats.quantity(counts.get(name, 0)), note) for name, label, note in words]

    def _tabs(self, asked: str) -> list[dict[str, Any]]:
        counts = self.object.counts
        order = (ImportRow.Outcome.ERROR, ImportRow.Outcome.CHANGED, ImportRow.Outcome.NEW)
        tabs = [
            {"by": "outcome", "outcome": o.value, "label": o.label, "count": counts.get(o.value, 0), "current": False}
            for o in order
            if counts.get(o.value)
        ]
        marks = self.object.marks
        tabs += [
            {"by": "mark", "outcome": mark, "label": label, "count": marks[mark], "current": False}
            for mark, label in self.object.of_kind.marks.items()
            if marks.get(mark)
        ]
        current = next((tab for tab in tabs if tab["outcome"] == asked), tabs[0] if tabs else None)
        if current is not None:
            current["current"] = True
        return tabs


class ImportNews(ObjectPage):
    """How far the check or the booking is, asked for every second by the page; at the end the page is shown anew."""

    permission = MAY_IMPORT
    model = Import
    lookup = "key"
    select_related = ("job",)
    template_name = "portal/jobs/_live.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        job = self.object.job
        if job is None or not job.is_active:
            return HttpResponseClientRefresh()
        context = {"object": job, "tone": JOB_TONES[job.state], "share": share(job), "said": progress(job)}
        return self.response_class(request, [self.template_name], context)


class RejectedRows(ObjectPage):
    """The wrong rows as a file, each with what is wrong with it."""

    permission = MAY_IMPORT
    model = Import
    lookup = "key"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a file is no page
        stem = slugify(self.object.file_name.rpartition(".")[0]) or "import"
        return as_csv(csv_of_cells(rejected_rows(self.object)), f"{stem}-{slugify(_('wrong'))}.csv")
