"""Lists: counts, and how exact the stock of each location was found to be."""

import datetime as dt
from typing import Any, cast

from django.db.models import Case, Count, FloatField, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.inventory import models
from apps.inventory.filters_counts import AccuracyFilter, CountFilter
from apps.inventory.tables_counts import AccuracyTable, CountTable
from apps.network.models import Location
from apps.portal.pages import Action, ListPage, Preset

LOOKED_BACK = 30
"""Days over which it is told how exact stock is."""


class CountList(ListPage):
    permission = "inventory.count"
    model = models.Count
    table_class = CountTable
    filterset_class = CountFilter
    search_fields = ("number__istartswith", "shelf__istartswith")
    select_related = ("location",)
    views = (
        Preset("here", gettext_lazy("To count here"), {"here": "true", "to_count": "true"}),
        Preset("approve", gettext_lazy("To approve"), {"status": "submitted"}),
        Preset("all", gettext_lazy("All")),
    )
    ordering = ("-created_at",)
    large = True
    empty_title = gettext_lazy("Nothing to count")
    empty_text = gettext_lazy("Open a count of what deserves it most: it takes one tap.")
    empty_icon = "clipboard-check"
    actions = (
        Action(
            label=gettext_lazy("How exact is stock?"),
            route="inventory:accuracy",
            permission="inventory.accuracy",
            icon="target",
        ),
        Action(
            label=gettext_lazy("Import a count"),
            route="imports:new",
            kwargs={"kind": "stock-count"},
            permission="inventory.count_approve",
            icon="upload",
        ),
        Action(
            label=gettext_lazy("Open a count"),
            route="inventory:open-count",
            permission="inventory.count",
            icon="plus",
            primary=True,
        ),
    )

    def get_queryset(self) -> QuerySet[models.Count]:
        asked = models.CountItem.objects.filter(count=OuterRef("pk"), round=OuterRef("round")).order_by()
        products = Subquery(asked.values("count").annotate(number=Count("pk")).values("number"))
        return cast("QuerySet[models.Count]", super().get_queryset().annotate(products=products))


class AccuracyList(ListPage):
    """Of what was counted in the last thirty days: how much of it was right, and what the rest was worth."""

    permission = "inventory.accuracy"
    model = Location
    page_name = "inventory.accuracy"
    title = gettext_lazy("How exact is stock?")
    table_class = AccuracyTable
    filterset_class = AccuracyFilter
    search_fields = ("code", "name")
    views = (
        Preset("counted", gettext_lazy("Counted"), {"counted": "true"}),
        Preset("not", gettext_lazy("Not counted"), {"counted": "false"}),
        Preset("all", gettext_lazy("All"), counted=False),
    )
    ordering = ("code",)
    back = ("inventory:counts", gettext_lazy("Stock counts"))
    empty_title = gettext_lazy("Nothing was counted")
    empty_text = gettext_lazy("A location appears here when a count of it is closed.")
    empty_icon = "target"

    def get_queryset(self) -> QuerySet[Location]:
        since = timezone.now() - dt.timedelta(days=LOOKED_BACK)
        recent = Q(counts__closed_at__gte=since, counts__status=models.Count.Status.CLOSED)
        seen = recent & Q(counts__results__is_assumed=False)
        found = (
            super()
            .get_queryset()
            .annotate(
                lines=Count("counts__results", filter=seen),
                right=Count("counts__results", filter=seen & Q(counts__results__difference=0)),
                gained=Sum("counts__results__value", filter=recent & Q(counts__results__value__gt=0)),
                lost=Sum("counts__results__value", filter=recent & Q(counts__results__value__lt=0)),
                currency=Min("counts__results__currency", filter=recent & ~Q(counts__results__currency="")),
                rounds=Count("counts", filter=recent, distinct=True),
                last_at=Max("counts__results__counted_at", filter=seen),
            )
        )
        share = Case(When(lines__gt=0, then=Cast("right", FloatField()) / Cast("lines", FloatField())))
        return cast("QuerySet[Location]", found.annotate(exact=share))

    def get_facts(self) -> list[Any]:
        return [_("counts closed in the last %(days)s days") % {"days": LOOKED_BACK}]
