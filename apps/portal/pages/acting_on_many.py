"""An act on many rows of a list: what it would do is said first, then every row is done or says why not."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import DomainError
from apps.core.jobs.kinds import Result, job_kind
from apps.core.jobs.models import JobLine
from apps.core.jobs.run import Run
from apps.core.jobs.running import run_job
from apps.core.jobs.starting import start_job
from apps.portal import formats
from apps.portal.access import allowed, may
from apps.portal.pages.explaining import ReasonForm
from apps.portal.pages.parts import Part
from apps.portal.pages.recalling import list_at

MOST = 10_000
"""How many rows one act takes. Each is checked before and again while it is done."""
AT_ONCE = 200
"""How many rows are done while somebody waits; more is left to a worker."""


@dataclass(frozen=True, kw_only=True)
class ManyAction:
    """An act on each of many rows: verb and noun, who may, which rows it passes over, and the service it calls.

    `question` is the act as a question that names the count, an `ngettext_lazy` by "number" that shows `%(count)s`;
    `effect(rows)` what it brings about beyond that, for instance a sum. `passes_over(row, principal)` says why a row is
    left out, blank when it is not. `act(row, principal)` calls one service, in a transaction of its own; what that refuses
    stands beside the row. With `asks_reason` they say why.
    """

    name: str
    label: Any
    permission: str
    question: Any
    act: Callable[[Any, Any], Any]
    passes_over: Callable[[Any, Any], str] = lambda row, principal: ""
    effect: Callable[[Sequence[Any]], str] = lambda rows: ""
    icon: str = ""
    danger: bool = False
    asks_reason: bool = False
    prefetch: "tuple[str | Prefetch[Any], ...]" = ()  # what `passes_over` reads of a row

    def question_for(self, number: int) -> str:
        return str(self.question % {"number": number, "count": formats.quantity(number)})


class Many(Part):
    """The question before an act on the rows that were picked, and the act."""

    name = "many"
    fragment = "shell/_list_many.html"

    @cached_property
    def action(self) -> ManyAction:
        asked = self.request.POST.get("act")
        found = next((a for a in allowed(self.page.many_actions, self.request.user) if a.name == asked), None)
        if found is None:
            raise BadRequest("no such act")
        return found

    @property
    def takes_all(self) -> bool:
        return "all" in self.request.POST

    @cached_property
    def picked(self) -> QuerySet[Any]:
        """The rows chosen: those ticked, or all that match; never one out of reach."""
        if self.takes_all:
            return self.page.rows.prefetch_related(*self.action.prefetch)
        keys = [key for key in self.request.POST.getlist("pick") if key.isascii() and key.isdigit() and len(key) < 19]
        rows = self.page.reachable.filter(pk__in=[int(key) for key in keys])
        return rows.prefetch_related(*self.action.prefetch)

    def get(self) -> HttpResponseBase:
        return HttpResponseRedirect(self.page.state.address())

    def post(self) -> HttpResponseBase:
        rows = list(self.picked.order_by("pk")[: MOST + 1])
        if len(rows) > MOST:
            return self._answer({"too_many": MOST})
        reasons = Counter(self.action.passes_over(row, self.request.user) for row in rows)
        going = reasons.pop("", 0)
        expected = self.request.POST.get("sure")
        form = ReasonForm(self.request.POST if expected is not None else None) if self.action.asks_reason else None
        asked = expected == str(going) and (form is None or form.is_valid())
        if not going or not asked:  # not asked yet, or the rows changed since
            preview = self._preview(rows, going, reasons, changed=expected not in (None, str(going)))
            return self._answer(preview | {"reason_form": form})
        return self._do(rows, going, form.cleaned_data["reason"] if form is not None else "")

    def _preview(self, rows: Sequence[Any], going: int, reasons: Counter[str], *, changed: bool) -> dict[str, Any]:
        doing = [row for row in rows if not self.action.passes_over(row, self.request.user)] if reasons else rows
        return {
            "count": len(rows),
            "going": going,
            "reasons": reasons.most_common(),
            "question": self.action.question_for(going) if going else self.action.label,
            "effect": self.action.effect(doing) if going else "",
            "changed": changed,
            "keys": [] if self.takes_all else [row.pk for row in rows],
        }

    def _answer(self, context: dict[str, Any]) -> HttpResponseBase:
        template = self.fragment if self.page.is_swap else "shell/list_many.html"
        return TemplateResponse(self.request, template, {"part": self, "action": self.action, **context})

    def _do(self, rows: Sequence[Any], going: int, reason: str) -> HttpResponseBase:
        rows_by_key = [row.pk for row in rows]
        job = start_job(
            kind="portal.act_on_many",
            owner=self.request.user,
            parameters={"path": self.request.path, "act": self.action.name, "rows": rows_by_key, "reason": reason},
            title=self.action.question_for(going).rstrip("?"),
        )
        if going <= AT_ONCE:
            run_job(job.key)
        return HttpResponseRedirect(job.get_absolute_url())


@job_kind("portal.act_on_many", label=gettext_lazy("Act on many"), permission="today.view")  # the act has its own
def act_on_many(run: Run) -> Result:
    """A job: do the act on each row, in its own step; what cannot be done is said row by row, and the rest goes on."""
    page = list_at(run.parameters["path"], "", run.principal)
    action = next(a for a in page.many_actions if a.name == run.parameters["act"])
    if not may(run.principal, action.permission):
        raise DomainError(_("You may not do this any more."))
    keys: list[int] = run.parameters["rows"]
    run.expect(len(keys))
    for place in range(run.cursor or 0, len(keys)):
        said = ""
        try:
            with run.chunk() as chunk:
                row = page.reachable.filter(pk=keys[place]).first()
                said = _("It is not there any more.") if row is None else action.passes_over(row, run.principal)
                if row is not None and not said:
                    action.act(row, run.principal)
                    chunk.reached(place + 1, done=1, acted=1)
                else:
                    chunk.reached(place + 1, done=1, passed=1)
                    run.log(f"{row}: {said}" if row is not None else said, level=JobLine.Level.WARNING)
        except DomainError as refusal:
            with run.chunk() as chunk:
                chunk.reached(place + 1, done=1, refused=1)
                run.log(f"{row}: {refusal.detail}", level=JobLine.Level.ERROR)
    counts = run.counts
    parts = [_("%(count)s done.") % {"count": formats.quantity(counts["acted"])}]
    if left := counts["passed"]:
        parts.append(_("%(count)s passed over.") % {"count": formats.quantity(left)})
    if refused := counts["refused"]:
        parts.append(_("%(count)s refused.") % {"count": formats.quantity(refused)})
    return Result(" ".join(parts), link=run.parameters["path"])
