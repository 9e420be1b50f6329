"""What this app itself knows of a person: their stores, what they agreed to, since when we know them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Min, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from apps.customers.models import Consent, Customer, SourceRecord
from apps.customers.segments.measures import Asked, Kind, Measure, register
from apps.network.models import Location

_GROUP = _("Customer")


def stores() -> Sequence[tuple[str, Any]]:
    """All stores, by code."""
    return list(Location.objects.stores().order_by("name").values_list("code", "name"))


def _last_words(asked: Asked) -> "QuerySet[Any]":
    """Where the newest word of somebody about one of the purposes is yes. A file asks the gate itself once more."""
    newest = (
        Consent.objects.not_taken_back()
        .filter(purpose__in=asked.values)
        .order_by("source_record__customer", "purpose", "-occurred_at", "-pk")
        .distinct("source_record__customer", "purpose")
    )
    return Consent.objects.filter(pk__in=newest.values("pk"), given=True)


register(
    Measure(
        name="customers.home_store",
        group=_GROUP,
        label=_("Home store"),
        said=_("has %(value)s as home store"),
        said_not=_("does not have %(value)s as home store"),
        kind=Kind.ONE_OF,
        rows=lambda asked: SourceRecord.objects.filter(home_location__code__in=asked.values),
        customer="customer",
        choices=stores,
    ),
    Measure(
        name="customers.since",
        group=_GROUP,
        label=_("Known since"),
        said=_("was first known to us %(value)s"),
        kind=Kind.DAY,
        rows=lambda asked: SourceRecord.objects.all(),
        customer="customer",
        measured=Min(TruncDate("recorded_at")),
    ),
    Measure(
        name="customers.consent",
        group=_GROUP,
        label=_("Agreed to"),
        said=_("last said yes to: %(value)s"),
        said_not=_("did not say yes to: %(value)s"),
        kind=Kind.ONE_OF,
        rows=_last_words,
        choices=lambda: Consent.Purpose.choices,
    ),
    Measure(
        name="customers.organisation",
        group=_GROUP,
        label=_("Organisation"),
        said=_("is an organisation"),
        said_not=_("is a person, not an organisation"),
        kind=Kind.FLAG,
        rows=lambda asked: Customer.objects.filter(is_organisation=True),
        customer="pk",
    ),
)
