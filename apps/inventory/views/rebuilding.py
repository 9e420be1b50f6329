"""Rebuilding a stock level from the ledger."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.inventory.models import Condition
from apps.inventory.services.rebuilding import Books, books_of, rebuild_level
from apps.inventory.tables import stock_url
from apps.network.models import LegalEntity, Location
from apps.portal import formats
from apps.portal.pages import ActionPage


class RebuildLevel(ActionPage):
    """What a level shows, and what it will show: the sum of its movements and of the promises made on it."""

    permission = "inventory.rebuild"
    model = Variant
    lookup = "sku"
    rail = "reconciling:runs"
    select_related = ("product",)
    prefetch_related = ("product__texts",)
    asks_reason = True
    button = gettext_lazy("Rebuild the level")

    @cached_property
    def level(self) -> dict[str, Any]:
        if self.kwargs["condition"] not in Condition.values:
            raise Http404
        return {
            "variant": self.object,
            "location": get_object_or_404(self.visible(Location), code=self.kwargs["code"]),
            "condition": self.kwargs["condition"],
            "owner": get_object_or_404(LegalEntity, code=self.kwargs["owner"]),
        }

    def get_object_url(self) -> str:
        return stock_url(self.object.sku)

    def get_question(self) -> Any:
        return _("Rebuild %(name)s in %(location)s from the ledger?") % {
            "name": self.object.name,
            "location": self.level["location"],
        }

    def get_effect(self) -> Any:
        books: Books = books_of(**self.level)
        if books.is_right:
            return _("It is what its ledger says already: there is nothing to put right.")
        told = {
            "condition": Condition(self.level["condition"]).label,
            "owner": self.level["owner"],
            "on_hand": formats.quantity(books.on_hand),
            "ledger": formats.quantity(books.ledger),
            "reserved": formats.quantity(books.reserved),
            "held": formats.quantity(books.held),
        }
        return (
            _(
                "%(owner)s, %(condition)s: on hand goes from %(on_hand)s to %(ledger)s, reserved from %(reserved)s to "
                "%(held)s. The ledger stays as it is. If another number lies there, count it instead."
            )
            % told
        )

    def act(self) -> None:
        rebuild_level(**self.level)

    def get_success_message(self, result: Any) -> Any:
        return _("The level is what its ledger says again.")
