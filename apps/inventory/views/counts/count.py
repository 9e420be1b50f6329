"""One count: what is to be counted, and what came of it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.accounts.naming import names_of
from apps.inventory.count_report import Report
from apps.inventory.models import Count
from apps.inventory.services.counts.closing import check_submittable, check_to_approve
from apps.inventory.services.counts.noting import check_open
from apps.inventory.services.counts.recounting import check_withdrawable
from apps.inventory.tables_counts import TONES
from apps.inventory.walking import Walk
from apps.portal import formats
from apps.portal.pages import Action, DetailPage, Fact


def is_open(count: Count) -> bool:
    return count.status in {Count.Status.DRAFT, Count.Status.COUNTING}


def waits(count: Count) -> bool:
    return count.status == Count.Status.SUBMITTED


class CountPage(DetailPage):
    """Whoever counts blind sees what was counted, not what should be there, until it is submitted."""

    permission = "inventory.count"
    model = Count
    lookup = "number"
    select_related = ("location", "document")
    template_name = "inventory/counts/count.html"
    back = ("inventory:counts", gettext_lazy("Stock counts"))
    actions = (
        Action(
            label=gettext_lazy("Withdraw"),
            route="inventory:withdraw-count",
            permission="inventory.count_approve",
            icon="x",
            danger=True,
            asks=True,
            when=lambda count: is_open(count) or waits(count),
            check=check_withdrawable,
        ),
        Action(
            label=gettext_lazy("Submit"),
            route="inventory:submit-count",
            permission="inventory.count",
            icon="check-check",
            asks=True,
            when=is_open,
            check=check_submittable,
        ),
        Action(
            label=gettext_lazy("Count now"),
            route="inventory:counting",
            permission="inventory.count",
            icon="scan-barcode",
            primary=True,
            when=is_open,
            check=check_open,
        ),
        Action(
            label=gettext_lazy("Count again"),
            route="inventory:recount",
            permission="inventory.count_approve",
            icon="undo-2",
            when=waits,
            check=check_to_approve,
        ),
        Action(
            label=gettext_lazy("Approve"),
            route="inventory:approve-count",
            permission="inventory.count_approve",
            icon="check-check",
            primary=True,
            when=waits,
            check=check_to_approve,
        ),
    )

    def get_title(self) -> Any:
        return _("Count %(number)s") % {"number": self.object.number}

    def get_status(self) -> tuple[str, Any]:
        return TONES[self.object.status], self.object.get_status_display()

    def get_sub(self) -> list[Any]:
        count = self.object
        said = [count.location, f"{count.get_basis_display()} {count.shelf}".strip()]
        return [*said, _("round %(round)s") % {"round": count.round}] if count.round > 1 else said

    def get_facts(self) -> list[Fact]:
        count = self.object
        names = names_of({a for a in (count.created_by, count.submitted_by, count.approved_by) if a})
        place = count.location
        facts = [
            Fact(_("Location"), place, url=place.get_absolute_url()),
            Fact(_("Made"), formats.when(count.created_at), note=names[count.created_by]),
            Fact(_("Blind"), _("yes") if count.blind else _("no")),
        ]
        if count.submitted_at:
            facts.append(Fact(_("Submitted"), formats.when(count.submitted_at), note=names[count.submitted_by]))
        if count.closed_at:
            approved = names.get(count.approved_by, _("differed little, needed nobody's approval"))
            facts.append(Fact(_("Closed"), formats.when(count.closed_at), note=approved))
        if count.document:
            facts.append(Fact(_("Stock document"), count.document.number, url=count.document.get_absolute_url()))
        if is_open(count):
            sheet = f"{reverse('inventory:count-sheet')}?location={place.code}&count={count.number}"
            facts.append(Fact(_("On paper"), _("Count sheet"), url=sheet))
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report = Report(self.object, self.request.user)
        way = Walk(self.object) if is_open(self.object) else None
        return super().get_context_data(report=report, way=way, summary=_summary(report), **kwargs)


def _summary(report: Report) -> str:
    """What came of it, in one sentence; "" where the reader is not told yet."""
    if not report.tells_books or not report.lines:
        return ""
    right, total = report.agreeing, len(report.lines)
    agree = ngettext("%(right)s of %(total)s line agrees.", "%(right)s of %(total)s lines agree.", total)
    if not report.currency:
        return agree % {"right": right, "total": total}
    worth = _("Found more: %(gained)s. Found less: %(lost)s.") % {
        "gained": formats.money(report.gained, report.currency),
        "lost": formats.money(report.lost, report.currency),
    }
    return f"{agree % {'right': right, 'total': total}} {worth}"
