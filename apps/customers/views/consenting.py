"""Writing down what a customer says about newsletters and offers."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.customers.forms import ConsentForm
from apps.customers.models import Customer
from apps.customers.services.consenting import record_consent
from apps.customers.services.signing_up import record_for
from apps.customers.services.sources import DESK
from apps.customers.views.seeing import SeesCustomer
from apps.portal.pages import FormPage
from apps.portal.store import store_of

SPOKEN = "spoken-2026-11"  # the text that staff read out


class ChangeConsent(SeesCustomer, FormPage):
    """Write down what a customer says about newsletters and offers."""

    permission = "service.write"
    datum = "customers.consents"
    form_class = ConsentForm
    title = gettext_lazy("Change consent")

    def get_initial(self) -> dict[str, Any]:
        return {"given": "no"}

    def perform(self, form: ConsentForm) -> Customer:
        store = store_of(self.request)
        record_consent(
            source_record_id=record_for(self.object, source=DESK).pk,
            purpose=form.cleaned_data["purpose"],
            given=form.cleaned_data["given"],
            text_version=SPOKEN,
            proof=f"store {store.code}" if store else "service desk",
        )
        return self.object

    def get_success_message(self, result: Customer) -> Any:
        return _("Written down for %(customer)s.") % {"customer": result}
