"""Restricting the use of what we know, holding it, and correcting it."""

from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.customers.models import Customer, PrivacyRequest, PrivacyStep, Protection
from apps.customers.rights.correcting import correct, known_of
from apps.customers.rights.forms import CorrectForm, ProtectForm
from apps.customers.rights.handling import check_identified, note_step
from apps.customers.rights.protecting import protect, release
from apps.customers.rights.views.requests import HANDLE, REGISTER
from apps.customers.views.seeing import SeesCustomer
from apps.portal.pages import ActionPage, FormPage

Step = PrivacyStep.Kind


class RestrictUse(FormPage):
    """What is asked by a request: nothing of them is used any more until somebody ends it."""

    permission = HANDLE
    model = PrivacyRequest
    select_related = ("source_record__customer",)
    form_class = ProtectForm
    title = gettext_lazy("Restrict the use")
    button = gettext_lazy("Restrict the use")

    @transaction.atomic
    def perform(self, form: ProtectForm) -> PrivacyRequest:
        asked: PrivacyRequest = self.object
        check_identified(asked)
        customer = asked.source_record.customer
        protect(customer=customer, kind=Protection.Kind.RESTRICTED, principal=self.request.user, **form.cleaned_data)
        note_step(asked, Step.RESTRICTED, principal=self.request.user)
        return asked

    def get_success_message(self, result: PrivacyRequest) -> Any:
        return _("No segment, mailing, offer or matching has them from now on.")


class Hold(SeesCustomer, FormPage):
    """Keep what is known of somebody: for a claim, or because an authority asks for it. Nothing erases it meanwhile."""

    permission = HANDLE
    form_class = ProtectForm
    button = gettext_lazy("Hold")
    title = gettext_lazy("Hold against erasure")

    def perform(self, form: ProtectForm) -> Customer:
        protect(customer=self.object, kind=Protection.Kind.HELD, principal=self.request.user, **form.cleaned_data)
        return self.object

    def get_success_message(self, result: Customer) -> Any:
        return _("Nothing erases this until the hold ends.")


class Ending(SeesCustomer, ActionPage, abstract=True):
    """End a restriction or a hold."""

    permission = HANDLE
    kind: ClassVar[str]
    button = gettext_lazy("End it")

    @transaction.atomic
    def act(self) -> Customer:
        customer: Customer = self.object
        release(customer=customer, kind=self.kind, principal=self.request.user)
        return customer


class EndRestriction(Ending):
    permission = HANDLE
    kind = Protection.Kind.RESTRICTED

    def get_question(self) -> Any:
        return _("Use the data of %(customer)s again?") % {"customer": self.object}

    def get_effect(self) -> Any:
        return _("The person must have been told before (article 18, paragraph 3).")


class EndHold(Ending):
    permission = HANDLE
    kind = Protection.Kind.HELD

    def get_question(self) -> Any:
        return _("End the hold on %(customer)s?") % {"customer": self.object}

    def get_effect(self) -> Any:
        return _("A request may erase their data again.")


class CorrectCustomer(SeesCustomer, FormPage):
    """Write down what somebody says is right."""

    permission = REGISTER
    form_class = CorrectForm
    title = gettext_lazy("Correct")

    def get_initial(self) -> dict[str, Any]:
        return known_of(self.object)

    def perform(self, form: CorrectForm) -> Customer:
        return correct(customer=self.object, told=form.cleaned_data, principal=self.request.user)

    def get_success_message(self, result: Customer) -> Any:
        return _("Corrected. What other systems told is kept as theirs.")
