"""Visits of a customer that are known here: they showed a card or gave a name in a store."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from apps.customers.models import Customer, SourceRecord
from apps.customers.review.models import Look
from apps.customers.services.people import Kind
from apps.network.models import Location
from apps.portal.contributions import Cut, Through, TimelineEntry
from apps.portal.timeline import part_of

PREFIX = "visit:"
VISITS = "visits"
"""The kind of entry for whoever was in a store: the apps above add what they came for."""


def visits_of(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    """Being looked up in a store: of one day and store the first time. Who looked is not said: that is for the review."""
    in_store = Look.objects.filter(act=Look.Act.LOOK_UP, outcome=Look.Outcome.ONE, location_id__isnull=False)
    earlier = in_store.filter(
        customer_key=OuterRef("customer_key"),
        day=OuterRef("day"),
        location_id=OuterRef("location_id"),
        pk__lt=OuterRef("pk"),
    )
    rows = in_store.filter(~Exists(earlier))
    keys = _keys_of(source_record_ids)
    looks = list(part_of(rows, keys, limit, cut, at="at", key="id", prefix=PREFIX, owner="customer_key"))
    stores = Location.objects.in_bulk({look.location_id for look in looks})
    for look in looks:
        card = Kind.CARD in look.kind.split("+")
        yield TimelineEntry(
            at=look.at,
            key=f"{PREFIX}{look.pk:020d}",  # padded: keys of one moment are compared as texts
            kind=VISITS,
            icon="id-card" if card else "footprints",
            title=_("Showed their card") if card else _("Was helped in the store"),
            where=stores.get(look.location_id or 0) or "",
            through=Through.STORE,
        )


def _keys_of(source_record_ids: Sequence[int]) -> list[Any]:
    """The keys that looks know the person by: of their customer, and of whoever was joined into it."""
    ids = list(SourceRecord.objects.filter(pk__in=source_record_ids).values_list("customer_id", flat=True).distinct())
    return list(Customer.objects.filter(Q(pk__in=ids) | Q(merged_into__in=ids)).values_list("key", flat=True))
