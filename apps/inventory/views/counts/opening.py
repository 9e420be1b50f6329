"""Opening a count."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.core.actors import actor_of
from apps.inventory.forms_counts import OpenCountForm
from apps.inventory.models import Count
from apps.inventory.services.counts.opening import open_count
from apps.portal.pages import FormPage
from apps.portal.store import store_of


def count_link(variant: Variant, times: int) -> str:
    """Where a count of a scanned product is opened."""
    return f"{reverse('inventory:open-count')}?{urlencode({'basis': Count.Basis.GIVEN, 'sku': variant.sku})}"


class OpenCount(FormPage):
    """What to count here. Left as it is, the form opens a count of what deserves it most."""

    permission = "inventory.count"
    model = Count
    form_class = OpenCountForm
    template_name = "inventory/counts/open.html"
    title = gettext_lazy("Open a count")
    button = gettext_lazy("Open the count")
    back = ("inventory:counts", gettext_lazy("Stock counts"))

    def get_initial(self) -> dict[str, Any]:
        store = store_of(self.request)
        code = self.request.GET.get("location", "").replace("\x00", "")[:16] or (store.code if store else None)
        asked = self.request.GET.get("basis", "")
        basis = asked if asked in Count.Basis.values else Count.Basis.SUGGESTED
        return {"location": code, "basis": basis, "codes": self.request.GET.get("sku", "")}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"variants": self.visible(Variant)}

    def perform(self, form: OpenCountForm) -> Count:
        given = form.cleaned_data
        return open_count(
            location=given["location"],
            basis=given["basis"],
            actor=actor_of(self.request.user),
            token=given["token"],
            blind=given["blind"],
            shelf=given["shelf"],
            variant_ids=given["codes"],
            uncounted_days=given["days"],
            limit=given["most"],
        )

    def get_success_message(self, result: Count) -> str:
        return _("Count %(number)s is open: %(count)s products.") % {
            "number": result.number,
            "count": result.items.count(),
        }
