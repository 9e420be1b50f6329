"""Lists: the places of locations, what lies on them."""

from typing import Any, cast

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from apps.catalogue.matching import variants_with_words
from apps.inventory.filters_places import LyingFilter, PlaceFilter
from apps.inventory.models import Place, PlaceLevel
from apps.inventory.tables_places import LyingTable, PlaceTable
from apps.portal.pages import Action, ListPage, Preset

KEEP = "inventory.adjust"
CARRY = "inventory.receive"


class PlaceList(ListPage):
    """The places of the person's own locations."""

    permission = "inventory.view"
    model = Place
    title = gettext_lazy("Places")
    table_class = PlaceTable
    filterset_class = PlaceFilter
    search_fields = ("code__istartswith", "name")
    select_related = ("location",)
    views = (
        Preset("all", gettext_lazy("All")),
        Preset("staging", gettext_lazy("Set ready"), {"kind": "staging"}, counted=False),
        Preset("quarantine", gettext_lazy("Quarantine"), {"kind": "quarantine"}, counted=False),
    )
    ordering = ("location__code", "code")
    empty_icon = "boxes"
    actions = (
        Action(label=gettext_lazy("Add places"), route="inventory:add-places", permission=KEEP, icon="plus"),
        Action(
            label=gettext_lazy("What lies where"), route="inventory:lying", permission="inventory.view", icon="list"
        ),
        Action(label=gettext_lazy("To put away"), route="inventory:put-away", permission=CARRY, icon="package-open"),
    )


class Lying(ListPage):
    """What lies on which place, by the ledger."""

    permission = "inventory.view"
    model = PlaceLevel
    page_name = "lying"
    title = gettext_lazy("What lies where")
    table_class = LyingTable
    filterset_class = LyingFilter
    search_fields = ("place__code__istartswith", "variant__sku")
    select_related = ("location", "place", "variant__product")
    prefetch_related = ("variant__product__texts",)
    views = (
        Preset("here", gettext_lazy("Own locations"), {"here": "true"}, counted=False),
        Preset("staging", gettext_lazy("Set ready"), {"here": "true", "kind": "staging"}, counted=False),
        Preset("quarantine", gettext_lazy("Quarantine"), {"here": "true", "kind": "quarantine"}, counted=False),
    )
    ordering = ("place_id", "variant_id", "pk")
    large = True
    rail = "inventory:places"
    empty_icon = "boxes"

    def get_queryset(self) -> QuerySet[PlaceLevel]:
        rows: Any = super().get_queryset()
        return cast("QuerySet[PlaceLevel]", rows.filter(quantity__gt=0))

    def search(self, rows: QuerySet[PlaceLevel], text: str) -> QuerySet[PlaceLevel]:
        return rows.filter(variant__in=variants_with_words(text)) | rows.filter(place__code__istartswith=text)
