"""Lists: stock, the documents that moved it, the tasks that follow from it."""

from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from apps.catalogue.matching import variants_with_words
from apps.core.actors import actor_of
from apps.core.reach import reach_of
from apps.inventory.filters import StockDocumentFilter, StockFilter, StoreTaskFilter, called
from apps.inventory.models import StockDocument, StockLevel, StoreTask
from apps.inventory.services.finishing import check_to_do, finish_task
from apps.inventory.tables import StockDocumentTable, StockTable, StoreTaskTable
from apps.inventory.views.tasks import FinishTask
from apps.network.models import Location
from apps.portal import formats
from apps.portal.access import may
from apps.portal.pages import Action, ListPage, ManyAction, Preset
from apps.portal.pages.actions import refused_by

SORTED_IN = 30
"""In how many locations stock is sorted by any column: some hundred thousand rows."""


class StockList(ListPage):
    permission = "inventory.view"
    model = StockLevel
    title = gettext_lazy("Stock")
    table_class = StockTable
    filterset_class = StockFilter
    search_fields = ("variant__sku", "variant__product__texts__name")
    select_related = ("location", "variant__product")
    prefetch_related = ("variant__product__texts",)
    views = (
        Preset("here", gettext_lazy("Own locations"), {"here": "true"}),
        Preset("short", gettext_lazy("Sold beyond stock"), {"here": "true", "amount": "oversold"}, late=True),
        Preset("none", gettext_lazy("Nothing free"), {"here": "true", "amount": "none"}, counted=False),
        Preset("damaged", gettext_lazy("Damaged"), {"here": "true", "condition": "damaged"}, counted=False),
        Preset("coming", gettext_lazy("On its way"), {"here": "true", "condition": "in_transit"}, counted=False),
        Preset("all", gettext_lazy("Everywhere"), counted=False),
    )
    # The index of a location's stock gives this order for nothing.
    ordering = ("location_id", "variant_id")
    large = True
    empty_icon = "package"
    actions = (
        Action(
            label=gettext_lazy("Count sheet"),
            route="inventory:count-sheet",
            permission="inventory.view",
            icon="printer",
        ),
        Action(label=gettext_lazy("Shelf labels"), route="inventory:labels", permission="inventory.view", icon="tag"),
        Action(
            label=gettext_lazy("Import a count"),
            route="imports:new",
            kwargs={"kind": "stock-count"},
            permission="inventory.count_approve",
            icon="upload",
        ),
    )

    def get_queryset(self) -> QuerySet[StockLevel]:
        rows: Any = super().get_queryset()
        return cast("QuerySet[StockLevel]", rows.with_available())

    def search(self, rows: QuerySet[StockLevel], text: str) -> QuerySet[StockLevel]:
        return rows.filter(variant__in=variants_with_words(text))

    @property
    def may_sort(self) -> bool:
        """In a few stores at a time: no index knows which of all the chain's stock is the most."""
        asked, reach = self.state.parameters, reach_of(self.person)
        if text := asked.get("location"):
            return Location.objects.filter(called(text)).count() <= SORTED_IN
        return asked.get("here") == "true" and not reach.every_location and len(reach.location_ids) <= SORTED_IN

    def get_facts(self) -> list[Any]:
        return [_("as of %(time)s") % {"time": formats.clock(timezone.now())}]


class StockDocumentList(ListPage):
    permission = "inventory.view"
    model = StockDocument
    table_class = StockDocumentTable
    filterset_class = StockDocumentFilter
    search_fields = ("number__istartswith", "reference__istartswith")
    select_related = ("location",)
    ordering = ("-occurred_at",)
    large = True
    back = ("inventory:stock", gettext_lazy("Stock"))
    empty_icon = "file-text"


FINISH_MANY = ManyAction(
    name="finish",
    label=gettext_lazy("It is done"),
    permission=FinishTask.permission,
    icon="square-check",
    question=ngettext_lazy("Finish %(count)s task?", "Finish %(count)s tasks?", "number"),
    effect=lambda tasks: _("Stock does not change by this: what was counted is booked by a count."),
    passes_over=lambda task, principal: refused_by(check_to_do, task),
    act=lambda task, principal: finish_task(task=task, actor=actor_of(principal)),
)


class StoreTaskList(ListPage):
    permission = "inventory.view"
    model = StoreTask
    table_class = StoreTaskTable
    filterset_class = StoreTaskFilter
    search_fields = ("variant__sku__istartswith",)
    select_related = ("location", "variant__product")
    prefetch_related = ("variant__product__texts",)
    views = (
        Preset("open", gettext_lazy("To do"), {"done": "false"}),
        Preset("done", gettext_lazy("Done"), {"done": "true"}),
    )
    ordering = ("-raised_at",)
    actions = (
        Action(
            label=gettext_lazy("Open a count"),
            route="inventory:open-count",
            permission="inventory.count",
            icon="clipboard-check",
        ),
    )
    many_actions = (FINISH_MANY,)
    empty_title = gettext_lazy("Nothing to do")
    empty_text = gettext_lazy("When a till sells more than there was, or something is not found, it stands here.")
    empty_icon = "square-check"

    def get_table(self) -> StoreTaskTable:
        table: StoreTaskTable = super().get_table()
        table.may_finish = may(self.request.user, FinishTask.permission)
        return table
