"""What could not be booked: where it stands, why, and what to do about it."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from apps.core.actors import actor_of
from apps.core.errors import Conflict
from apps.core.inbox.documents import mark_mended
from apps.core.inbox.models import Quarantined
from apps.core.reach import reach_of
from apps.portal import formats
from apps.portal.pages import Action, ActionPage, DetailPage, Fact, ListPage, ManyAction, Preset
from apps.portal.pages.actions import refused_by
from apps.tills.adapters.canonical import SOURCE
from apps.tills.adapters.registry import columns_of
from apps.tills.filters import QuarantineFilter
from apps.tills.services.receiving import Outcome, replay_tickets
from apps.tills.sources import source_in_words
from apps.tills.tables import QuarantineTable, state_of

_BACK = ("inbox:quarantine", gettext_lazy("Quarantine"))


@dataclass(frozen=True)
class Cell:
    """One cell of the row as it came; `is_wrong` for the one that the reason names."""

    column: str
    value: str
    is_wrong: bool


def check_not_mended(row: Quarantined) -> None:
    """Raise Conflict for a row that was closed."""
    if row.mended_at is not None:
        raise Conflict(_("This was mended already."))


def check_can_be_tried(row: Quarantined) -> None:
    """Tickets can be tried again as they are; a row of a file comes again with the file. Raises Conflict."""
    check_not_mended(row)
    if row.source != SOURCE:
        raise Conflict(_("This row comes with a file: import that again."))


def try_again(row: Quarantined, principal: Any) -> Outcome:
    """Book a ticket that was set apart, if what it names was put right. Raises Conflict for a row that is no such ticket."""
    check_can_be_tried(row)
    (outcome,) = replay_tickets([row.document], reach=reach_of(principal), actor=actor_of(principal))
    return outcome


def _book(row: Quarantined, principal: Any) -> None:
    outcome = try_again(row, principal)
    if outcome.defect is not None:
        raise Conflict(_("Still not: %(reason)s") % {"reason": outcome.defect.explained()})


TRY_MANY = ManyAction(
    name="try",
    label=gettext_lazy("Try again"),
    permission="inbox.mend",
    icon="rotate-ccw",
    question=ngettext_lazy("Try %(count)s ticket again?", "Try %(count)s tickets again?", "number"),
    effect=lambda rows: _("What is right by now is booked; the rest stays here."),
    passes_over=lambda row, principal: refused_by(check_can_be_tried, row),
    act=_book,
)
MEND_MANY = ManyAction(
    name="mend",
    label=gettext_lazy("Mark as mended"),
    permission="inbox.mend",
    icon="check",
    asks_reason=True,
    question=ngettext_lazy("Mark %(count)s row as mended?", "Mark %(count)s rows as mended?", "number"),
    effect=lambda rows: _("Nothing is booked by this."),
    passes_over=lambda row, principal: refused_by(check_not_mended, row),
    act=lambda row, principal: mark_mended(row=row),
)


class QuarantineList(ListPage):
    permission = "inbox.view"
    model = Quarantined
    table_class = QuarantineTable
    filterset_class = QuarantineFilter
    search_fields = ("external_id__istartswith", "value__istartswith")
    views = (
        Preset("open", gettext_lazy("Waits"), {"mended": "false"}),
        Preset("tills", gettext_lazy("Tills"), {"source": SOURCE, "mended": "false"}),
        Preset("mended", gettext_lazy("Mended"), {"mended": "true"}),
        Preset("all", gettext_lazy("All"), {}),
    )
    ordering = ("-recorded_at", "-id")
    select_related = ("document",)
    many_actions = (TRY_MANY, MEND_MANY)
    title = _BACK[1]
    empty_title = gettext_lazy("Nothing is set apart")
    empty_text = gettext_lazy("What a till or a file sends and cannot be booked waits here, with the reason.")
    empty_icon = "shield-check"


class QuarantinedPage(DetailPage):
    permission = "inbox.view"
    model = Quarantined
    lookup = "key"
    select_related = ("document",)
    template_name = "tills/quarantined.html"
    back = _BACK
    actions = (
        Action(
            label=gettext_lazy("Try again"),
            route="inbox:try-again",
            permission="inbox.mend",
            icon="rotate-ccw",
            primary=True,
            check=check_can_be_tried,
        ),
        Action(
            label=gettext_lazy("Mark as mended"),
            route="inbox:mark-mended",
            permission="inbox.mend",
            asks=True,
            when=lambda row: row.mended_at is None,
        ),
    )

    def get_title(self) -> Any:
        return self.object.external_id

    def get_sub(self) -> list[Any]:
        row = self.object.row
        return [source_in_words(self.object.source), *([_("Row %(row)s") % {"row": row}] if row else [])]

    def get_status(self) -> tuple[str, Any]:
        return state_of(self.object)

    def get_facts(self) -> list[Fact]:
        row = self.object
        amount = formats.money(row.amount, row.currency) if row.amount is not None else _("cannot be read")
        facts = [
            Fact(_("Field"), row.field or "–"),
            Fact(_("Value"), row.value or "–"),
            Fact(_("Amount"), amount),
            Fact(_("Set apart"), formats.when(row.recorded_at)),
        ]
        if row.mended_at:
            facts.append(Fact(_("Mended"), formats.when(row.mended_at)))
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        columns = columns_of(self.object.source)
        return super().get_context_data(
            cells=self._cells(columns) if columns else [],
            document="" if columns else json.dumps(self.object.document.body, indent=2, ensure_ascii=False),
            **kwargs,
        )

    def _cells(self, columns: tuple[str, ...]) -> list[Cell]:
        """The row cell by cell; where it has too many, the last ones have no column."""
        raw = list(self.object.raw)
        names = [*columns, *[""] * (len(raw) - len(columns))]
        values = [*raw, *[""] * (len(columns) - len(raw))]
        return [Cell(name, value, name == self.object.field) for name, value in zip(names, values, strict=True)]


class TryAgain(ActionPage):
    """Try a ticket again, now that what it names may have been put right."""

    permission = "inbox.mend"
    model = Quarantined
    lookup = "key"
    select_related = ("document",)
    button = gettext_lazy("Try again")

    def get_title(self) -> Any:
        return self.object.external_id

    def get_question(self) -> Any:
        return _("Try ticket %(ticket)s again?") % {"ticket": self.object.external_id}

    def get_effect(self) -> Any:
        return self.object.mend_shown()

    def act(self) -> Quarantined:
        self.outcome = try_again(self.object, self.request.user)
        return self.object

    def done(self, result: Any) -> HttpResponse:
        outcome: Outcome = self.outcome
        if outcome.defect is None:
            messages.success(self.request, _("Booked as %(number)s.") % {"number": outcome.number})
        else:
            messages.warning(self.request, _("Still not: %(reason)s") % {"reason": outcome.defect.explained()})
        return HttpResponseRedirect(self.get_success_url(result))


class MarkMended(ActionPage):
    """Close a row that was mended another way."""

    permission = "inbox.mend"
    model = Quarantined
    lookup = "key"
    button = gettext_lazy("Mark as mended")
    asks_reason = True

    def get_title(self) -> Any:
        return self.object.external_id

    def get_question(self) -> Any:
        return _("Mark %(document)s as mended?") % {"document": self.object.external_id}

    def get_effect(self) -> Any:
        return _(
            "Nothing is booked by this. Do it when the row came again another way, or when nothing has to be done."
        )

    def get_success_message(self, result: Any) -> Any:
        return _("%(document)s counts as mended.") % {"document": self.object.external_id}

    def act(self) -> Quarantined:
        return mark_mended(row=self.object)
