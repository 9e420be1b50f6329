"""Adding places to a location, and saying of which kind they are."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.inventory.forms_places import PlacesForm
from apps.inventory.models import Place
from apps.inventory.services.places.keeping import keep_places
from apps.inventory.views.places.listing import KEEP
from apps.network.models import Location
from apps.portal.pages import FormPage
from apps.portal.store import store_of


class AddPlaces(FormPage):
    """Many places at once, of one kind; known ones get the kind."""

    permission = KEEP
    model = Place
    form_class = PlacesForm
    rail = "inventory:places"
    title = gettext_lazy("Add places")
    button = gettext_lazy("Keep these places")
    back = ("inventory:places", gettext_lazy("Places"))

    def get_initial(self) -> dict[str, Any]:
        store = store_of(self.request)
        return {"location": store.code if store is not None else None}

    def perform(self, form: PlacesForm) -> tuple[Location, int]:
        given = form.cleaned_data
        codes = keep_places(
            location=given["location"], codes=given["codes"].split(), kind=given["kind"], name=given["name"]
        )
        return given["location"], len(codes)

    def get_success_url(self, result: tuple[Location, int]) -> str:
        return f"{reverse('inventory:places')}?{urlencode({'location': result[0].code})}"

    def get_success_message(self, result: tuple[Location, int]) -> Any:
        return _("%(location)s: kept, %(count)s in all.") % {"location": result[0], "count": result[1]}
