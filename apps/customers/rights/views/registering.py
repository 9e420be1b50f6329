"""Registering a request where the customer is talked to, and what stands on their page about it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.reach import reach_of
from apps.customers.models import Customer, PrivacyRequest
from apps.customers.rights.forms import ReceiveForm
from apps.customers.rights.handling import receive
from apps.customers.rights.protecting import protections_of
from apps.customers.rights.tables import clock_tone, clock_words
from apps.customers.rights.views.requests import HANDLE, REGISTER
from apps.customers.services.reading import source_records_of
from apps.customers.views.seeing import CustomerPanel, SeesCustomer
from apps.portal.pages import FormPage


class RegisterRequest(SeesCustomer, FormPage):
    """Write down what a customer asks about their data."""

    permission = REGISTER
    form_class = ReceiveForm
    title = gettext_lazy("Register a privacy request")
    button = gettext_lazy("Register")

    def perform(self, form: ReceiveForm) -> PrivacyRequest:
        return receive(customer=self.object, principal=self.request.user, **form.cleaned_data)

    def get_success_url(self, result: PrivacyRequest) -> str:
        if reach_of(self.request.user).may(HANDLE):
            return result.get_absolute_url()
        customer: Customer = self.object
        return customer.get_absolute_url()

    def get_success_message(self, result: PrivacyRequest) -> Any:
        return _("%(number)s is registered. The privacy officer answers it within a month.") % {"number": result.number}


class PrivacyPanel(CustomerPanel):
    """Open requests of a customer, on their page."""

    permission = REGISTER
    title = gettext_lazy("Privacy")
    template_name = "customers/rights/_panel.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = PrivacyRequest.objects.filter(source_record__in=source_records_of(self.object)).order_by("-pk")[:5]
        requests = [(asked, clock_tone(asked), clock_words(asked)) for asked in rows]
        records = source_records_of(self.object)
        protections = sorted(protections_of(records).values(), key=lambda row: row.kind)
        may_end = reach_of(self.request.user).may(HANDLE)
        return super().get_context_data(requests=requests, protections=protections, may_end=may_end, **kwargs)
