"""Writing down what a customer allows, and everything they ever said about it."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from apps.customers.forms import ConsentForm
from apps.customers.models import Consent, Customer
from apps.customers.services.consenting import record_consent, standings
from apps.customers.services.reading import source_records_of
from apps.customers.services.signing_up import record_for
from apps.customers.services.sources import DESK
from apps.customers.views.seeing import SeesCustomer, name_for
from apps.portal.pages import DetailPage, FormPage
from apps.portal.store import store_of

SPOKEN = "spoken-2026-11"  # the text that staff read out


class ChangeConsent(SeesCustomer, FormPage):
    """Write down what a customer says about a purpose."""

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
            said=Consent.Said.SPOKEN,
            locale=get_language() or "",
            proof=f"store {store.code}" if store else "service desk",
        )
        return self.object

    def get_success_message(self, result: Customer) -> Any:
        return _("Written down for %(customer)s.") % {"customer": name_for(result, self.tags)}


class ConsentHistory(SeesCustomer, DetailPage):
    """What a customer allows now and every word they said about it, with the text they saw."""

    permission = "customers.view"
    datum = "customers.consents"
    template_name = "customers/consents.html"
    title = gettext_lazy("Consent")

    def get_title(self) -> Any:
        return _("Consent of %(customer)s") % {"customer": name_for(self.object, self.tags)}

    def get_back(self) -> tuple[str, Any]:
        return self.object.get_absolute_url(), name_for(self.object, self.tags)

    def get_words(self) -> QuerySet[Consent]:
        said = Consent.objects.filter(source_record__in=source_records_of(self.object))
        return said.select_related("text", "source_record").order_by("-occurred_at", "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = standings(source_records_of(self.object))
        return super().get_context_data(**kwargs) | {
            "standings": [(label, now.get(purpose)) for purpose, label in Consent.Purpose.choices],
            "words": self.get_words(),
        }
