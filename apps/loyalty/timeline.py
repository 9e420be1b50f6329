"""Points in the customer's timeline."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.loyalty.models import LoyaltyAccount, PointsEntry
from apps.portal import formats
from apps.portal.contributions import Cut, TimelineEntry
from apps.portal.timeline import part_of

PREFIX = "points:"
Kind = PointsEntry.Kind


def points_of(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    """Points earned, taken back, and when they began to count; an activation is told once."""
    accounts = LoyaltyAccount.objects.filter(source_record__in=source_record_ids).values_list("pk", flat=True)
    rows = (
        PointsEntry.objects.visible_to(principal)
        .exclude(kind=Kind.ACTIVATED, is_pending=True)
        .select_related("account__source_record__customer")
    )
    for entry in part_of(rows, accounts, limit, cut, at="occurred_at", key="id", prefix=PREFIX, owner="account"):
        yield TimelineEntry(
            at=entry.occurred_at,
            key=f"{PREFIX}{entry.pk:020d}",  # padded: keys of one moment are compared as texts
            kind="points",
            icon="gift",
            title=_title(entry),
            where=_where(entry),
            figure=_("%(points)s pt") % {"points": _signed(entry.points)},
            url=reverse("loyalty:points", kwargs={"key": entry.account.source_record.customer.key}),
        )


def _title(entry: PointsEntry) -> str:
    points = abs(entry.points)
    if entry.kind == Kind.EARNED:
        said = ngettext("%(points)s point earned", "%(points)s points earned", points)
    elif entry.kind == Kind.ACTIVATED:
        said = ngettext("%(points)s point counts now", "%(points)s points count now", points)
    else:
        said = ngettext("%(points)s point taken back", "%(points)s points taken back", points)
    return said % {"points": formats.quantity(points)}


def _where(entry: PointsEntry) -> str:
    if entry.kind == Kind.REVERSED:
        return _("return %(number)s") % {"number": entry.cause_id}
    return _("order %(number)s") % {"number": entry.order_number}


def _signed(points: int) -> str:
    return f"+{formats.quantity(points)}" if points > 0 else formats.quantity(points)
