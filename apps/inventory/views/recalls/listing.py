"""The list of recalls."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Recall
from apps.inventory.tables_recalls import RecallTable
from apps.portal.filters import FilterSet
from apps.portal.pages import Action, ListPage, Preset


class RecallFilter(FilterSet):
    in_force = django_filters.BooleanFilter(label=_("Not for sale"), field_name="lifted_at", lookup_expr="isnull")

    class Meta:
        model = Recall
        fields: list[str] = []


class RecallList(ListPage):
    """What may not be sold, and what could not."""

    permission = "inventory.view"
    model = Recall
    table_class = RecallTable
    filterset_class = RecallFilter
    search_fields = ("number", "variants__variant__sku", "why", "batch")
    prefetch_related = ("variants__variant__product__texts",)
    views = (
        Preset("in-force", _("Not for sale"), {"in_force": "true"}),
        Preset("all", _("All")),
    )
    ordering = ("-started_at",)
    actions = (
        Action(
            label=_("Start a recall"),
            route="inventory:start-recall",
            permission="inventory.recall",
            icon="octagon-alert",
            danger=True,
        ),
    )
    empty_title = _("Nothing is recalled")
    empty_text = _("What may not be sold any more stands here, with what is left of it in each store.")
    empty_icon = "octagon-alert"

    def search(self, rows: Any, text: str) -> Any:
        return super().search(rows, text).distinct()
