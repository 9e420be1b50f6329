"""Stopping what somebody objects to."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.customers.models import PrivacyRequest
from apps.customers.rights.forms import StopForm
from apps.customers.rights.objecting import stop
from apps.customers.rights.views.requests import HANDLE
from apps.customers.services.consenting import records_with, standings
from apps.portal.pages import FormPage


class StopPurposes(FormPage):
    """What is asked by a request: these purposes end. What holds now is ticked."""

    permission = HANDLE
    model = PrivacyRequest
    select_related = ("source_record__customer",)
    form_class = StopForm
    title = gettext_lazy("Stop purposes")
    button = gettext_lazy("Stop purposes")

    def get_initial(self) -> dict[str, Any]:
        now = standings(records_with(self.object.source_record_id))
        return {"purposes": [purpose for purpose, standing in now.items() if standing.is_live]}

    def perform(self, form: StopForm) -> PrivacyRequest:
        return stop(request=self.object, purposes=form.cleaned_data["purposes"], principal=self.request.user)

    def get_success_message(self, result: PrivacyRequest) -> Any:
        return _("Nothing is used for this any more, until they say otherwise.")
