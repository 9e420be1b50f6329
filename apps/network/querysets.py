"""Which parts of the network a principal may see."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Q

from apps.core.reach import reach_of


class LocationQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """The principal's own locations; all of them for those who look after the whole chain or help any customer."""
        reach = reach_of(principal)
        if not reach.may("network.view"):
            return self.none()
        return self if reach.every_location or reach.may("network.view_all") else self.filter(reach.q("pk"))

    def stores(self) -> Self:
        return self.filter(kind="store")

    def active_on(self, day: dt.date) -> Self:
        return self.filter(Q(active_until=None) | Q(active_until__gte=day), active_from__lte=day)


class LegalEntityQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """The companies behind the principal's locations."""
        reach = reach_of(principal)
        if not reach.may("network.view"):
            return self.none()
        if reach.every_location:
            return self
        return self.filter(pk__in=reach.legal_entity_ids)

    def behind_locations(self) -> Self:
        """Those that run locations."""
        return self.exclude(kind="supplier")


class ChannelQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Channels without a location are everyone's; a store's channel is for those who reach the store."""
        reach = reach_of(principal)
        if not reach.may("network.view"):
            return self.none()
        if reach.every_location or reach.may("network.view_all"):
            return self
        return self.filter(Q(location=None) | reach.q("location"))


class OpeningDayQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """The chain's days are everyone's, a location's for those who see the location."""
        reach = reach_of(principal)
        if not reach.may("network.view"):
            return self.none()
        if reach.every_location or reach.may("network.view_all"):
            return self
        return self.filter(Q(location=None) | reach.q("location"))


class DeliverySlotQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """The slots of the locations that the principal sees."""
        reach = reach_of(principal)
        if not reach.may("network.view"):
            return self.none()
        if reach.every_location or reach.may("network.view_all"):
            return self
        return self.filter(reach.q("location"))
