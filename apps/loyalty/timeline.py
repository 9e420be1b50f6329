"""Points in the customer's timeline."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.customers.timeline import VISITS
from apps.loyalty.models import Invitation, LoyaltyAccount, PointsEntry
from apps.portal import formats
from apps.portal.contributions import Through, TimelineEntry, TimelineReader

Kind = PointsEntry.Kind


def _accounts_of(principal: Any, source_record_ids: Sequence[int]) -> QuerySet[Any, Any]:
    accounts = LoyaltyAccount.objects.visible_to(principal).filter(source_record__in=source_record_ids)
    return accounts.values_list("pk")


class Points(TimelineReader[PointsEntry]):
    """Points earned, brought along and taken back. When they begin to count stands with the balance: it is nothing that
    anybody did, and would be a line for every purchase."""

    model, prefix, at, key, owner = PointsEntry, "points:", "occurred_at", "id", "account"

    def rows(self, principal: Any, through: str) -> QuerySet[PointsEntry]:
        return PointsEntry.objects.exclude(kind=Kind.ACTIVATED)

    def owners(self, principal: Any, source_record_ids: Sequence[int]) -> QuerySet[Any, Any]:
        return _accounts_of(principal, source_record_ids)

    def said(self, rows: QuerySet[PointsEntry]) -> QuerySet[PointsEntry]:
        return rows.annotate(customer=F("account__source_record__customer__key"))

    def entries(self, rows: Sequence[Any]) -> Iterable[TimelineEntry]:
        for entry in rows:
            yield TimelineEntry(
                at=entry.occurred_at,
                key=self.key_of(entry),
                kind="points",
                icon="gift",
                title=_title(entry),
                where=_where(entry),
                figure=_("%(points)s pt") % {"points": _signed(entry.points)},
                url=reverse("loyalty:points", kwargs={"key": entry.customer}),
            )


class CardsTaken(TimelineReader[Invitation]):
    """Visits on which somebody took a card."""

    model, prefix, at, key, owner = Invitation, "new-card:", "used_at", "id", "account"

    def rows(self, principal: Any, through: str) -> QuerySet[Invitation]:
        return Invitation.objects.filter(store__isnull=False, used_at__isnull=False)

    def owners(self, principal: Any, source_record_ids: Sequence[int]) -> QuerySet[Any, Any]:
        return _accounts_of(principal, source_record_ids)

    def said(self, rows: QuerySet[Invitation]) -> QuerySet[Invitation]:
        return rows.select_related("store")

    def entries(self, rows: Sequence[Invitation]) -> Iterable[TimelineEntry]:
        for taken in rows:
            assert taken.used_at is not None
            yield TimelineEntry(
                at=taken.used_at,
                key=self.key_of(taken),
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
