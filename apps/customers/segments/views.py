"""Pages of segments: the list, one of them, the builder, counting and taking a file out."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.accounts.naming import names_of
from apps.accounts.roles import Role
from apps.core.errors import DomainError
from apps.core.jobs.models import Job
from apps.core.jobs.starting import start_job
from apps.customers.figures.counting import LEAST
from apps.customers.segments.forms import Draft, ExportForm
from apps.customers.segments.models import Segment, SegmentCount
from apps.customers.segments.services.counting import count_now
from apps.customers.segments.services.saving import change_segment, make_segment, retire_segment
from apps.customers.segments.tables import SegmentTable
from apps.customers.segments.wording import in_one_line, people_said, said
from apps.portal import formats
from apps.portal.access import may
from apps.portal.charts import BarChart, Series
from apps.portal.pages import Action, ActionPage, ChartFile, DetailPage, Fact, FormPage, ListPage, Preset
from apps.portal.pages.acting import Acting

VIEW, EDIT, EXPORT = "segments.view", "segments.edit", "segments.export"
SHOWN_COUNTS = 30


def _in_use(segment: Segment) -> bool:
    return segment.retired_at is None


class Segments(ListPage):
    permission = VIEW
    model = Segment
    table_class = SegmentTable
    search_fields = ("name",)
    ordering = ("name",)
    views = (Preset("all", gettext_lazy("All")),)
    actions = (
        Action(label=gettext_lazy("Make a segment"), route="segments:new", permission=EDIT, icon="plus", primary=True),
    )
    empty_title = gettext_lazy("No segments yet")
    empty_text = gettext_lazy("A segment is a saved choice of customers by what they do in stores and online.")
    empty_icon = "users"

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(retired_at=None).select_related("owner")


class SegmentPage(ChartFile, DetailPage):
    """Who belongs to a segment, in words; how many there are, and how many there were."""

    permission = VIEW
    model = Segment
    lookup = "key"
    select_related = ("owner",)
    template_name = "customers/segments/segment.html"
    back = ("segments:segments", gettext_lazy("Segments"))
    rail = "segments:segments"
    actions = (
        Action(
            label=gettext_lazy("Export"),
            route="segments:export",
            permission=EXPORT,
            icon="download",
            when=_in_use,
        ),
        Action(
            label=gettext_lazy("Count now"),
            route="segments:count",
            permission=EDIT,
            icon="refresh-cw",
            when=_in_use,
            asks=True,
        ),
        Action(
            label=gettext_lazy("Change"),
            route="segments:change",
            permission=EDIT,
            icon="pencil",
            primary=True,
            when=_in_use,
        ),
        Action(
            label=gettext_lazy("Take out of use"),
            route="segments:retire",
            permission=EDIT,
            icon="archive",
            when=_in_use,
            asks=True,
        ),
    )

    @property
    def exactly(self) -> bool:
        return may(self.request.user, EDIT)

    def get_status(self) -> tuple[str, Any] | None:
        return ("idle", _("Out of use")) if self.object.retired_at else None

    def get_facts(self) -> list[Fact]:
        segment: Segment = self.object
        shared = ", ".join(str(Role(role).label) for role in segment.roles)
        facts = [Fact(_("Owner"), segment.owner.name), Fact(_("Shared with"), shared or _("nobody"))]
        facts.append(Fact(_("Made"), formats.when(segment.created_at)))
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        segment: Segment = self.object
        versions = list(segment.versions.all()[:10])
        names = names_of([version.actor for version in versions])
        definition = next(v for v in versions if v.number == segment.version).as_definition
        if self.exactly:
            people, counted = segment.people, segment.counted_at
        else:
            people, counted = count_now(definition=definition, principal=self.request.user), timezone.now()
        return super().get_context_data(
            conditions=said(definition),
            match=definition.match,
            people=people_said(people, exactly=self.exactly),
            is_counted=people is not None,
            counted=counted,
            exactly=self.exactly,
            fewest=LEAST,
            versions=[
                (version, names.get(version.actor, version.actor), in_one_line(version.as_definition))
                for version in versions
            ],
            chart=self._chart(segment) if self.exactly else None,
            **kwargs,
        )

    def _chart(self, segment: Segment) -> BarChart | None:
        """The last number of each day on which it was counted."""
        counts = SegmentCount.objects.filter(segment=segment).order_by("-counted_at")[: SHOWN_COUNTS * 4]
        by_day: dict[dt.date, SegmentCount] = {}
        for each in counts:
            by_day.setdefault(timezone.localtime(each.counted_at).date(), each)
        shown = sorted(by_day.items())[-SHOWN_COUNTS:]
        if len(shown) < 2:
            return None
        first, last = shown[0][1].people, shown[-1][1].people
        change = {"count": formats.quantity(abs(last - first)), "day": formats.dated(shown[0][0], "j M")}
        if last > first:
            title = _("%(count)s customers more than on %(day)s") % change
        elif last < first:
            title = _("%(count)s customers fewer than on %(day)s") % change
        else:
            title = _("As many customers as on %(day)s") % change
        return BarChart(
            title=title,
            text="",
            says=_("Customers of the segment by day. The figures are in the table."),
            head=_("Day"),
            labels=[formats.dated(day, "j M") for day, _count in shown],
            series=[Series(_("Customers"), [Decimal(each.people) for _day, each in shown])],
        )


class Builder(Acting, abstract=True):
    """The page on which a segment is put together. Every button answers the whole page, or only its part in a swap."""

    permission = EDIT
    model = Segment
    lookup = "key"
    template_name = "customers/segments/builder.html"
    rail = "segments:segments"

    def draft(self) -> Draft:
        raise NotImplementedError

    def save(self, draft: Draft) -> Segment:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(self.draft())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draft, act = Draft.told(request.POST), request.POST.get("act", "save")
        if act == "count":
            return self._counted(draft)
        if act != "save":
            draft.act(act, request.POST)
            return self._page(draft.renumbered())
        about_is_valid = draft.about.is_valid()
        if not (draft.is_valid and about_is_valid):
            return self._page(draft, status=422)
        try:
            segment = self.carry_out(lambda: self.save(draft))
        except DomainError as refusal:
            draft.show(refusal)
            return self._page(draft, status=refusal.status)
        start_job(kind="segments.count", owner=request.user, parameters={"segment": str(segment.key)})
        return self.done(segment)

    def _counted(self, draft: Draft) -> HttpResponse:
        """How many there are now; in a swap the number alone."""
        counted = self._count(draft)
        if self.is_swap:
            return self.response_class(self.request, ["customers/segments/_count.html"], {"counted": counted})
        return self._page(draft.renumbered(), counted=counted)

    def _count(self, draft: Draft) -> str:
        if not draft.is_valid or not any(group.conditions for group in draft.groups):
            return _("Fill in every condition to see how many customers there are.")
        try:
            people = count_now(definition=draft.definition, principal=self.request.user)
        except DomainError as refusal:
            return refusal.detail
        if people is None:
            return _("Counting takes longer than a few seconds. Save the segment: it is counted in the background.")
        said = ngettext("%(count)s customer now", "%(count)s customers now", people)
        return said % {"count": people_said(people, exactly=True)}

    def _page(self, draft: Draft, *, counted: str = "", status: int = 200) -> HttpResponse:
        context = {"draft": draft, "counted": counted, "back_url": self.back_url()}
        if self.is_swap:
            return self.response_class(self.request, ["customers/segments/_builder.html"], context)
        context |= {"title": self.get_title(), "back_label": self.back_label()}
        return self.response_class(self.request, [self.template_name], context, status=status)

    def back_url(self) -> str:
        return reverse("segments:segments")

    def back_label(self) -> Any:
        return _("Segments")


class NewSegment(Builder):
    permission = EDIT

    def get_title(self) -> Any:
        return _("Make a segment")

    def draft(self) -> Draft:
        return Draft.new()

    def save(self, draft: Draft) -> Segment:
        about = draft.about.cleaned_data
        return make_segment(
            name=about["name"], definition=draft.definition, roles=about["roles"], principal=self.request.user
        )


class ChangeSegment(Builder):
    permission = EDIT

    def get_title(self) -> Any:
        return _("Change %(segment)s") % {"segment": self.object}

    def draft(self) -> Draft:
        segment: Segment = self.object
        return Draft.of(segment.name, segment.roles, segment.definition)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object  # noqa: B018  (404 before anything is looked at)
        return super().post(request, *args, **kwargs)

    def save(self, draft: Draft) -> Segment:
        about = draft.about.cleaned_data
        return change_segment(
            segment=self.object,
            name=about["name"],
            definition=draft.definition,
            roles=about["roles"],
            principal=self.request.user,
        )

    def back_url(self) -> str:
        return self.get_object_url()

    def back_label(self) -> Any:
        return str(self.object)


class CountSegment(ActionPage):
    permission = EDIT
    model = Segment
    lookup = "key"
    button = gettext_lazy("Count now")
    rail = "segments:segments"

    def get_question(self) -> Any:
        return _("Count %(segment)s now?") % {"segment": self.object}

    def get_effect(self) -> Any:
        return _("Segments are counted each night. Counting now goes on in the background.")

    def act(self) -> None:
        start_job(
            kind="segments.count",
            owner=self.request.user,
            parameters={"segment": str(self.object.key)},
            title=_("Counting %(segment)s") % {"segment": self.object},
            once=f"segment:{self.object.key}",
        )


class RetireSegment(ActionPage):
    permission = EDIT
    model = Segment
    lookup = "key"
    button = gettext_lazy("Take out of use")
    danger = True
    rail = "segments:segments"

    def get_question(self) -> Any:
        return _("Take %(segment)s out of use?") % {"segment": self.object}

    def get_effect(self) -> Any:
        return _("It is no longer counted or offered. What it was stays to be looked up.")

    def act(self) -> Segment:
        return retire_segment(segment=self.object)


class ExportSegment(FormPage):
    """What for, how, and which columns; the file is made in the background."""

    permission = EXPORT
    model = Segment
    lookup = "key"
    form_class = ExportForm
    button = gettext_lazy("Make the file")
    rail = "segments:segments"

    def get_title(self) -> Any:
        return _("Export of %(segment)s") % {"segment": self.object}

    def get_initial(self) -> dict[str, Any]:
        return {"columns": ["customer", "name", "email"], "way": "email"}

    def perform(self, form: Any) -> Job:
        given = form.cleaned_data
        return start_job(
            kind="segments.export",
            owner=self.request.user,
            parameters={
                "segment": str(self.object.key),
                "purpose": given["purpose"],
                "way": given["way"],
                "columns": given["columns"],
            },
            title=_("Export of %(segment)s") % {"segment": self.object},
        )
