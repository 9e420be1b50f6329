"""Filters of transfers."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.reach import reach_of
from apps.inventory.filters import called
from apps.inventory.models import Transfer, TransferStatus
from apps.inventory.querysets import TransferQuerySet
from apps.portal.filters import DayRangeFilter, FilterSet

OWN = [("sender", _("own location sends")), ("receiver", _("own location receives"))]


WAITS = [("agreeing", _("for the sender's yes")), ("sending", _("to be sent")), ("receiving", _("to be received"))]


class TransferFilter(FilterSet):
    """Transfers by where they stand, what they wait for (a part may come while the rest is still to be sent), which locations
    they are between, whether one's own sends or receives, and day."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=TransferStatus.choices, empty_label=_("any status"))
    waits = django_filters.ChoiceFilter(label=_("Waits"), choices=WAITS, method="waiting", empty_label=_("or not"))
    own = django_filters.ChoiceFilter(
        label=_("Own locations"), choices=OWN, method="at_own", empty_label=_("both ways")
    )
    sender = django_filters.CharFilter(label=_("From"), method="called", help_text=_("A code, or part of a name."))
    receiver = django_filters.CharFilter(label=_("To"), method="called", help_text=_("A code, or part of a name."))
    business_date = DayRangeFilter(label=_("Day"))

    class Meta:
        model = Transfer
        fields: list[str] = []

    def called(self, rows: QuerySet[Transfer], name: str, text: str) -> QuerySet[Transfer]:
        return rows.filter(called(text, f"{name}__"))

    def waiting(self, rows: TransferQuerySet, name: str, what: str) -> TransferQuerySet:
        if what == "agreeing":
            return rows.to_agree()
        return rows.to_send() if what == "sending" else rows.on_their_way()

    def at_own(self, rows: QuerySet[Transfer], name: str, side: str) -> QuerySet[Transfer]:
        return rows.filter(reach_of(self.request.user).q(side))
