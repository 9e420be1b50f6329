"""Which customers a principal may see: those whose identity was given to them, by an access grant."""

from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from apps.core.arrays import one_of, one_of_keys
from apps.core.reach import Reach, reach_of


def opened(reach: Reach, path: str = "source_record") -> Q:
    """A condition: the source record at `path` is one of a customer who identified themselves to somebody of this reach."""
    if not (keys := reach.granted("customer")):
        return Q(pk__in=[])
    records = apps.get_model("customers", "SourceRecord")._default_manager.filter(one_of_keys("customer__key", keys))
    return one_of(path, records.values("pk"))


class CustomerQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Customers opened by a live grant. Nobody browses people: every look has a purpose and leaves a trace."""
        reach = reach_of(principal)
        if not (reach.may("customers.view") or reach.may("customers.write")):
            return self.none()
        return self.filter(one_of_keys("key", reach.granted("customer")))

    def meant_by(self, key: Any) -> Self:
        """The customer whom a key means now: its own, or the one that its customer was joined into."""
        named = self.model._default_manager.filter(key=key).values(meant=Coalesce("merged_into", "pk"))
        return self.filter(pk__in=named)


class SourceRecordQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        reach = reach_of(principal)
        if not reach.may("customers.view"):
            return self.none()
        return self.filter(one_of_keys("customer__key", reach.granted("customer")))


class MatchingRunQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Figures of the whole chain, about nobody in particular."""
        return self if reach_of(principal).may("customers.matching") else self.none()


class DoubtQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Whoever decides about pairs may be given any of them; who they are is shown by opening one, which is written down.

        Of somebody who restricted the use of their data nothing is asked.
        """
        from apps.customers.models import Doubt  # models that have this queryset
        from apps.customers.services.restricting import restricted_customers

        if not reach_of(principal).may("customers.match"):
            return self.none()
        rows = self
        for side in ("left__customer__in", "right__customer__in"):
            rows = rows.exclude(Q(outcome=Doubt.Outcome.OPEN) & Q(**{side: restricted_customers()}))
        return rows


class BarredValueQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """What is barred holds for the whole chain, and whoever keeps it sees all of it."""
        return self if reach_of(principal).may("customers.bar") else self.none()
