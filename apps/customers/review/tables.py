"""Columns and filters of the review."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.customers.review.models import Finding, Judgement
from apps.portal.filters import DayRangeFilter, FilterSet
from apps.portal.tables import Column, QuantityColumn, StatusColumn, Table, WhenColumn

TONES = {
    "": "wait",
    Judgement.Outcome.BREACH: "bad",
    Judgement.Outcome.SPOKEN: "busy",
    Judgement.Outcome.EXPLAINED: "ok",
}


class FindingTable(Table):
    rule = Column(_("Why"), slot="title", linkify=True, clip=True)
    user = Column(_("Who"), slot="line", clip=True, orderable=False, empty_values=())
    role = Column(_("Role"), dim=True, tight=True, wide=54, orderable=False)
    number = QuantityColumn(_("Times"), slot="note")
    usual = QuantityColumn(_("Usual"), wide=62, orderable=False)
    day = Column(_("Day"), slot="foot", tight=True)
    outcome = StatusColumn(
        _("Outcome"), slot="value", tone=lambda record: TONES[record.outcome or ""], empty_values=(), orderable=False
    )
    found_at = WhenColumn(_("Found"), extra=True)

    class Meta(Table.Meta):
        model = Finding
        fields: tuple[str, ...] = ()

    def render_user(self, record: Finding) -> str:
        return record.user.name if record.user else record.principal

    def render_role(self, value: str) -> str:
        return role_word(value)

    def render_outcome(self, record: Any) -> Any:
        column: Any = self.columns["outcome"].column
        return column.render(outcome_word(record.outcome), record)

    def value_outcome(self, record: Any) -> str:
        return outcome_word(record.outcome)


def role_word(role: str) -> str:
    return str(Role(role).label) if role in Role else _t("API client") if role == "api_client" else role


def outcome_word(outcome: str | None) -> str:
    return str(Judgement.Outcome(outcome).label) if outcome else _t("To review")


class FindingFilter(FilterSet):
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="by_state",
        choices=[("open", _("To review")), ("judged", _("Reviewed"))],
        empty_label=_("any state"),
    )
    rule = django_filters.ChoiceFilter(label=_("Why"), choices=Finding.Rule.choices, empty_label=_("any reason"))
    day = DayRangeFilter(field_name="day", label=_("Day"))

    class Meta:
        model = Finding
        fields: list[str] = []

    def by_state(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        return rows.filter(judgements=None) if value == "open" else rows.exclude(judgements=None)
