"""Carrying a product from one place in a store to another, on a phone: scan it, touch Move, touch once more."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.core.actors import actor_of
from apps.core.errors import Conflict, DomainError, Fault
from apps.core.money import plain
from apps.core.reach import reach_of
from apps.inventory.forms_places import MoveForm
from apps.inventory.models import StockDocument
from apps.inventory.services.places.homes import homes_of
from apps.inventory.services.places.moving import move_inside
from apps.inventory.standing import piles_at
from apps.inventory.tables import stock_url
from apps.inventory.views.places.listing import CARRY
from apps.network.models import Location
from apps.portal.pages import FormPage
from apps.portal.store import store_of


def move_link(variant: Variant, times: int) -> str:
    """Where a scanned product is moved, as many as were scanned."""
    return f"{reverse('inventory:move', kwargs={'sku': variant.sku})}?quantity={times}"


@contextmanager
def beside(ends: Sequence[str]) -> Iterator[None]:
    """Say what is refused of a line beside its own field: `ends` is how the names of the fields of each line end."""
    try:
        yield
    except DomainError as refusal:
        refusal.faults = [_beside(fault, ends) for fault in refusal.faults]
        raise


def _beside(fault: Fault, ends: Sequence[str]) -> Fault:
    lines, _dot, rest = (fault.attr or "").partition(".")
    line, _dot, field = rest.partition(".")
    return replace(fault, attr=f"{field}{ends[int(line)]}") if lines == "lines" else fault


class InStore(FormPage, abstract=True):
    """A form about one location: the one asked for, of the person's own, else the store they are in."""

    permission = CARRY
    rail = "inventory:places"

    @cached_property
    def location(self) -> Location | None:
        asked = self.request.GET.get("location", "").replace("\x00", "")
        if not asked:
            return store_of(self.request)
        own = self.visible(Location).filter(reach_of(self.request.user).q("pk"), code=asked).first()
        if own is None:
            raise Http404
        return own

    @property
    def here(self) -> Location:
        if self.location is None:
            raise Conflict(_("Choose a store first."))
        return self.location

    def carry_out(self, act: Any) -> Any:
        """The service has a transaction of its own, which is tried again on contention; the location is one's own."""
        return act()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(location=self.location, **kwargs)


class MoveInside(InStore):
    """From where it lies to another place of the store; proposed is what waits to be put away, to where it belongs."""

    model = Variant
    lookup = "sku"
    select_related = ("product",)
    prefetch_related = ("product__texts",)
    form_class = MoveForm
    template_name = "inventory/places/move.html"
    title = gettext_lazy("Move")
    button = gettext_lazy("Move it")

    @cached_property
    def there(self) -> list[tuple[str, str, Decimal]]:
        return piles_at(self.location, self.object) if self.location is not None else []

    def get_initial(self) -> dict[str, Any]:
        if not self.there or self.location is None:
            return {}
        home = homes_of(self.location.pk, [self.object.pk]).get(self.object.pk, "")
        # What lies nowhere yet is to be put away; else a shelf is filled from elsewhere.
        condition, code, quantity = next((one for one in self.there if one[1] != home), self.there[0])
        asked = self.request.GET.get("quantity", "")
        many = Decimal(asked) if asked.isascii() and asked.isdigit() and int(asked[:5]) > 1 else quantity
        return {
            "source": f"{condition}|{code}",
            "target": home if home != code else "",
            "quantity": plain(min(many, quantity)),
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"variant": self.object, "there": self.there}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(there=self.there, **kwargs)
        back = self.with_list(stock_url(self.object.sku))
        return context | {"back_url": back, "back_label": self.object.name}

    def perform(self, form: MoveForm) -> StockDocument:
        with beside([""]):
            return move_inside(
                location=self.here,
                carried=[form.carried],
                reference=str(form.cleaned_data["token"]),
                actor=actor_of(self.request.user),
            )

    def get_success_url(self, result: StockDocument) -> str:
        return self.with_list(stock_url(self.object.sku))

    def get_success_message(self, result: StockDocument) -> str:
        told = {"name": self.object.name, "location": result.location, "what": result.get_reason_display()}
        return _("%(name)s in %(location)s: %(what)s.") % told
