"""Putting away what came in: a list with the place where each lies already, booked all at once."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.core.actors import actor_of
from apps.inventory.forms_places import PutAwayForm
from apps.inventory.models import Place, StockDocument
from apps.inventory.putting_away import ToPutAway, to_put_away
from apps.inventory.services.places.moving import move_inside
from apps.inventory.views.places.listing import CARRY
from apps.inventory.views.places.moving import InStore, beside

SHOWN = 30


class PutAway(InStore):
    """What lies on no place, what came in last first."""

    permission = CARRY
    model = Place
    form_class = PutAwayForm
    template_name = "inventory/places/put_away.html"
    title = gettext_lazy("To put away")
    button = gettext_lazy("Put these away")
    back = ("inventory:places", gettext_lazy("Places"))

    @cached_property
    def waiting(self) -> tuple[list[ToPutAway], int]:
        return to_put_away(self.location, limit=SHOWN) if self.location is not None else ([], 0)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"waiting": self._posted() if self.request.method == "POST" else self.waiting[0]}

    def _posted(self) -> list[ToPutAway]:
        """The rows that stood on the form, whatever was put away meanwhile."""
        keys = [name.split("-", 2)[1:] for name in self.request.POST if name.startswith("quantity-")]
        keys = [key for key in keys if len(key) == 2 and key[0].isascii() and key[0].isdigit()][:SHOWN]
        variants = self.visible(Variant).select_related("product").in_bulk([int(pk) for pk, _source in keys])
        return [ToPutAway(variants[int(pk)], Decimal(0), source, "") for pk, source in keys if int(pk) in variants]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown, total = self.waiting
        return super().get_context_data(more=total - len(shown), **kwargs)

    def perform(self, form: PutAwayForm) -> StockDocument:
        carried = form.carried
        with beside([f"-{key}" for key in carried]):
            return move_inside(
                location=self.here,
                carried=list(carried.values()),
                reference=str(form.cleaned_data["token"]),
                actor=actor_of(self.request.user),
            )

    def get_success_url(self, result: StockDocument) -> str:
        return f"{reverse('inventory:put-away')}?location={result.location.code}"

    def get_success_message(self, result: StockDocument) -> Any:
        return _("Put away in %(location)s.") % {"location": result.location}
