"""Points in the customer's timeline."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.customers.timeline import VISITS
from apps.loyalty.models import Invitation, LoyaltyAccount, PointsEntry
from apps.portal import formats
from apps.portal.contributions import Cut, Through, TimelineEntry
from apps.portal.timeline import part_of

PREFIX = "points:"
_CARD = "new-card:"
Kind = PointsEntry.Kind


def points_of(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    """Points earned, brought along and taken back. When they begin to count stands with the balance: it is nothing that
    anybody did, and would be a line for every purchase."""
    accounts = LoyaltyAccount.objects.filter(source_record__in=source_record_ids).values_list("pk", flat=True)
    rows = (
        PointsEntry.objects.visible_to(principal)
        .exclude(kind=Kind.ACTIVATED)
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


def cards_taken(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    """Visits on which somebody took a card."""
    accounts = LoyaltyAccount.objects.visible_to(principal).filter(source_record__in=source_record_ids)
    rows = Invitation.objects.filter(store__isnull=False, used_at__isnull=False).select_related("store")
    ids = list(accounts.values_list("pk", flat=True))
    for taken in part_of(rows, ids, limit, cut, at="used_at", key="id", prefix=_CARD, owner="account"):
        assert taken.used_at is not None
        yield TimelineEntry(
            at=taken.used_at,
            key=f"{_CARD}{taken.pk:020d}",
            kind=VISITS,
            icon="id-card",
            title=_("Took a card"),
            where=taken.store,
            through=Through.STORE,
        )


def _title(entry: PointsEntry) -> str:
    points = abs(entry.points)
    if entry.kind == Kind.EARNED:
        said = ngettext("%(points)s point earned", "%(points)s points earned", points)
    elif entry.kind == Kind.OPENING:
        said = ngettext("%(points)s point brought along", "%(points)s points brought along", points)
    else:
        said = ngettext("%(points)s point taken back", "%(points)s points taken back", points)
    return said % {"points": formats.quantity(points)}


def _where(entry: PointsEntry) -> str:
    if entry.kind == Kind.REVERSED:
        return _("return %(number)s") % {"number": entry.cause_id}
    if not entry.order_number:
        return _("from the old programme")
    return _("order %(number)s") % {"number": entry.order_number}


def _signed(points: int) -> str:
    return f"+{formats.quantity(points)}" if points > 0 else formats.quantity(points)
