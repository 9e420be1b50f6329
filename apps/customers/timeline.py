"""Visits of a customer that are known here: they showed a card or gave a name in a store."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import ExtractDay
from django.utils.translation import gettext as _

from apps.customers.models import Customer, SourceRecord
from apps.customers.review.models import Look
from apps.customers.services.people import Kind
from apps.network.directory import locations
from apps.portal.contributions import Through, TimelineEntry, TimelineReader

_LONGEST_DAY = dt.timedelta(hours=25)
VISITS = "visits"
"""The kind of entry for whoever was in a store: the apps above add what they came for."""


class HelpedInStore(TimelineReader[Look]):
    """Being looked up in a store: of one day and store the first time. Who looked is not said: that is for the review."""

    model, prefix, at, key, owner = Look, "visit:", "at", "id", "customer_key"

    def rows(self, principal: Any, through: str) -> QuerySet[Look]:
        in_store = Look.objects.filter(act=Look.Act.LOOK_UP, outcome=Look.Outcome.ONE, location_id__isnull=False)
        # By the person and about then, never by all looks of that day: so the day itself is not compared, only its number.
        earlier = in_store.filter(
            customer_key=OuterRef("customer_key"),
            at__gt=OuterRef("at") - _LONGEST_DAY,
            at__lt=OuterRef("at") + _LONGEST_DAY,
            day__day=ExtractDay(OuterRef("day")),
            location_id=OuterRef("location_id"),
            pk__lt=OuterRef("pk"),
        )
        return in_store.filter(~Exists(earlier))

    def owners(self, principal: Any, source_record_ids: Sequence[int]) -> QuerySet[Any, Any]:
        """The keys that looks know the person by: of their customer, and of whoever was joined into it."""
        records = SourceRecord.objects.filter(pk__in=source_record_ids)
        joined = Customer.objects.filter(merged_into__in=records.values("customer"))
        return records.values_list("customer__key").union(joined.values_list("key"))

    def entries(self, rows: Sequence[Look]) -> Iterable[TimelineEntry]:
        stores = locations().by_id
        for look in rows:
            card = Kind.CARD in look.kind.split("+")
            yield TimelineEntry(
                at=look.at,
                key=self.key_of(look),
                kind=VISITS,
                icon="id-card" if card else "footprints",
                title=_("Showed their card") if card else _("Was helped in the store"),
                where=store.name if (store := stores.get(look.location_id or 0)) else "",
                through=Through.STORE,
            )
