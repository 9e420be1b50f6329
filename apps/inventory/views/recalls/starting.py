"""Starting a recall."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.core.actors import actor_of
from apps.inventory.forms_recalls import StartRecallForm
from apps.inventory.models import Recall
from apps.inventory.services.recalls.starting import start_recall
from apps.inventory.tables import stock_url
from apps.portal.pages import FormPage


class StartRecall(FormPage):
    """Take products out of sale everywhere: those of the address, or those that are named."""

    permission = "inventory.recall"
    rail = "inventory:recalls"
    model = Variant
    lookup = "sku"
    select_related = ("product",)
    form_class = StartRecallForm
    template_name = "inventory/recalls/start.html"
    title = gettext_lazy("Start a recall")
    button = gettext_lazy("Take it out of sale")
    back = ("inventory:recalls", gettext_lazy("Recalls"))

    def get_initial(self) -> dict[str, Any]:
        return {"codes": self.object.sku} if self.is_about_one else {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"variants": self.visible(Variant)}

    def get_object_url(self) -> str:
        return stock_url(self.object.sku)

    def perform(self, form: Any) -> Recall:
        given = form.cleaned_data
        return start_recall(
            variants=given["codes"],
            why=given["why"],
            advice=given["advice"],
            batch=given["batch"],
            actor=actor_of(self.request.user),
        )

    def get_success_url(self, result: Recall) -> str:
        return result.get_absolute_url()

    def get_success_message(self, result: Recall) -> Any:
        return _(
            "Recall %(number)s: nothing of it is for sale any more. Stores are asked to take it off the shelf."
        ) % {"number": result.number}
