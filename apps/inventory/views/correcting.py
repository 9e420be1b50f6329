"""Correcting the stock of a variant: found, gone, or in another condition."""

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.core.actors import actor_of
from apps.inventory.forms_correcting import CorrectionForm
from apps.inventory.models import Reason, StockDocument, StockLevel
from apps.inventory.services.correcting import BECOMES, adjust, change_condition
from apps.inventory.standing import conditions_at
from apps.inventory.tables import stock_url
from apps.network.models import Location
from apps.portal.pages import FormPage
from apps.portal.store import store_of


def correct_link(variant: Variant, times: int) -> str:
    """Where the stock of a scanned product is corrected, by as many as were scanned."""
    return f"{reverse('inventory:correct', kwargs={'sku': variant.sku})}?quantity={times}"


class CorrectStock(FormPage):
    """What happened to so many of a variant at a location; the stock follows, with a document that says why."""

    permission = "inventory.adjust"
    model = Variant
    lookup = "sku"
    select_related = ("product",)
    prefetch_related = ("product__texts",)
    form_class = CorrectionForm
    template_name = "inventory/correct.html"
    title = gettext_lazy("Correct stock")
    button = gettext_lazy("Correct the stock")

    @cached_property
    def location(self) -> Location | None:
        """The location asked for, else the store the person is in."""
        asked = self.request.GET.get("location", "").replace("\x00", "")
        if asked:
            return self.visible(Location).filter(code=asked).first()
        return store_of(self.request)

    @cached_property
    def there(self) -> dict[str, Any] | None:
        if self.location is None:
            return None
        return conditions_at(self.visible(StockLevel), variant=self.object, location=self.location)

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("quantity", "")
        quantity = asked if asked.isascii() and asked.isdigit() and int(asked[:3]) > 0 else "1"
        return {"location": self.location.code if self.location else None, "quantity": quantity}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"variant": self.object, "there": self.there}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "location": self.location,
            "back_url": self.with_list(stock_url(self.object.sku)),
            "back_label": self.object.name,
        }

    def carry_out(self, act: Any) -> Any:
        """The service has a transaction of its own, which is tried again on contention; reach is checked by the form."""
        return act()

    def perform(self, form: CorrectionForm) -> StockDocument:
        given = form.cleaned_data
        about = {
            "location": given["location"],
            "variant": self.object,
            "quantity": given["quantity"],
            "reason": given["reason"],
            "reference": str(given["token"]),
            "actor": actor_of(self.request.user),
            "note": given["note"],
        }
        if given["reason"] in BECOMES:
            return change_condition(source=given["condition"], **about)
        return adjust(condition=given["condition"], **about)

    def get_success_url(self, result: Any) -> str:
        return self.with_list(stock_url(self.object.sku))

    def get_success_message(self, result: Any) -> str:
        told = {"name": self.object.name, "location": result.location, "reason": Reason(result.reason).label}
        return _("The stock of %(name)s in %(location)s is corrected: %(reason)s.") % told
