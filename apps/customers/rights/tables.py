"""Columns and filters of privacy requests: clocks first."""

import datetime as dt
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.statements import today
from apps.customers.rights.models import PrivacyRequest
from apps.portal.filters import DayRangeFilter, FilterSet
from apps.portal.tables import Column, StatusColumn, Table, WhenColumn

Status = PrivacyRequest.Status
SOON = dt.timedelta(days=7)
TONES = {Status.OPEN: "wait", Status.DONE: "ok", Status.REFUSED: "idle", Status.WITHDRAWN: "idle"}


def clock_words(request: PrivacyRequest) -> str:
    """How much time there is left, "due in 5 days"; how it ended, once it is closed."""
    if not request.is_open:
        return str(request.get_status_display())
    days = request.days_left()
    if days < 0:
        return ngettext("%(days)s day overdue", "%(days)s days overdue", -days) % {"days": -days}
    if days == 0:
        return _t("due today")
    return ngettext("due in %(days)s day", "due in %(days)s days", days) % {"days": days}


def clock_tone(request: PrivacyRequest) -> str:
    if not request.is_open:
        return TONES[Status(request.status)]
    days = request.days_left()
    return "bad" if days < 0 else "wait" if days <= SOON.days else "busy"


class PrivacyRequestTable(Table):
    number = Column(_("Number"), slot="title", linkify=True, tight=True)
    kind = Column(_("What is asked"), slot="line")
    due_on = StatusColumn(_("Clock"), slot="value", tone=clock_tone)
    identity = Column(_("Identity"), slot="note", wide=54, orderable=False, empty_values=())
    came = Column(_("How it came"), dim=True, wide=62)
    received_on = WhenColumn(_("Received"), slot="foot")
    extended_at = WhenColumn(_("Extended"), wide=70)
    closed_at = WhenColumn(_("Closed"), extra=True)

    class Meta(Table.Meta):
        model = PrivacyRequest
        fields: tuple[str, ...] = ()

    def render_due_on(self, record: PrivacyRequest) -> Any:
        column: Any = self.columns["due_on"].column
        return column.render(clock_words(record), record)

    def value_due_on(self, record: PrivacyRequest) -> str:
        return clock_words(record)

    def render_identity(self, record: PrivacyRequest) -> str:
        return str(record.get_identity_display())


class PrivacyRequestFilter(FilterSet):
    clock = django_filters.ChoiceFilter(
        label=_("Clock"),
        method="by_clock",
        choices=[("overdue", _("Overdue")), ("soon", _("Due within a week")), ("later", _("Later"))],
        empty_label=_("any time"),
    )
    kind = django_filters.ChoiceFilter(
        label=_("What is asked"), choices=PrivacyRequest.Kind.choices, empty_label=_("anything")
    )
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Status.choices, empty_label=_("any status"))
    identity = django_filters.ChoiceFilter(
        label=_("Identity"),
        method="by_identity",
        choices=[("unchecked", _("Not checked yet")), ("checked", _("Checked"))],
        empty_label=_("any"),
    )
    received = DayRangeFilter(field_name="received_on", label=_("Received"))

    class Meta:
        model = PrivacyRequest
        fields: list[str] = []

    def by_clock(self, rows: QuerySet[PrivacyRequest], name: str, value: str) -> QuerySet[PrivacyRequest]:
        return rows.filter(clock(value), status=Status.OPEN)

    def by_identity(self, rows: QuerySet[PrivacyRequest], name: str, value: str) -> QuerySet[PrivacyRequest]:
        return rows.filter(identity="") if value == "unchecked" else rows.exclude(identity="")


def clock(which: str) -> Q:
    """The condition of one state of the clock, for what is open: `overdue`, `soon` or `later`."""
    soon = today(SOON.days)
    return {
        "overdue": Q(due_on__lt=today()),
        "soon": Q(due_on__gte=today(), due_on__lte=soon),
        "later": Q(due_on__gt=soon),
    }[which]
