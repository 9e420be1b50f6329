"""The officer's acts on a request: identity, time, answer; and opening the customer for it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.customers.models import Customer, PrivacyRequest
from apps.customers.rights.clocks import EXTENDED_MONTHS, months_after
from apps.customers.rights.forms import FinishForm, IdentityForm, ReasonToldForm
from apps.customers.rights.handling import check_identity, extend, finish, refuse, take_back
from apps.customers.rights.opening import open_for_request
from apps.customers.rights.views.requests import HANDLE
from apps.portal import formats
from apps.portal.pages import ActionPage, FormPage


def mail_or_letter(customer: Customer) -> str:
    """How the person hears of it."""
    if customer.email:
        return _("They are told by e-mail.")
    return _("No e-mail address is known: tell them by letter.")


class CheckIdentity(FormPage):
    """Write down how the officer made sure who asks."""

    permission = HANDLE
    model = PrivacyRequest
    form_class = IdentityForm
    title = gettext_lazy("Make sure that it is them")

    def get_initial(self) -> dict[str, Any]:
        return {"how": self.object.identity}

    def perform(self, form: IdentityForm) -> PrivacyRequest:
        return check_identity(request=self.object, how=form.cleaned_data["how"], principal=self.request.user)

    def get_success_message(self, result: PrivacyRequest) -> Any:
        return _("Written down.")


class ExtendRequest(FormPage):
    """Two months more, with the reason the person is told."""

    permission = HANDLE
    model = PrivacyRequest
    form_class = ReasonToldForm
    button = gettext_lazy("Extend")

    def get_title(self) -> Any:
        until = formats.day(months_after(self.object.received_on, EXTENDED_MONTHS))
        return _("Extend until %(day)s") % {"day": until}

    def perform(self, form: ReasonToldForm) -> PrivacyRequest:
        return extend(request=self.object, reason=form.cleaned_data["reason"], principal=self.request.user)

    def get_success_message(self, result: PrivacyRequest) -> Any:
        return mail_or_letter(result.source_record.customer)


class RefuseRequest(FormPage):
    """The request is not met; the person is told why, and where they can complain."""

    permission = HANDLE
    model = PrivacyRequest
    form_class = ReasonToldForm
    title = gettext_lazy("Refuse the request")
    button = gettext_lazy("Refuse")

    def perform(self, form: ReasonToldForm) -> PrivacyRequest:
        return refuse(request=self.object, reason=form.cleaned_data["reason"], principal=self.request.user)

    def get_success_message(self, result: PrivacyRequest) -> Any:
        return mail_or_letter(result.source_record.customer)


class FinishRequest(FormPage):
    permission = HANDLE
    model = PrivacyRequest
    form_class = FinishForm
    title = gettext_lazy("Close as done")
    button = gettext_lazy("Close as done")

    def perform(self, form: FinishForm) -> PrivacyRequest:
        return finish(request=self.object, words=form.cleaned_data["words"], principal=self.request.user)

    def get_success_message(self, result: PrivacyRequest) -> Any:
        return _("%(number)s is closed.") % {"number": result.number}


class TakeBackRequest(ActionPage):
    permission = HANDLE
    model = PrivacyRequest
    button = gettext_lazy("Withdrawn by the person")

    def get_question(self) -> Any:
        return _("Do they no longer want %(number)s?") % {"number": self.object.number}

    def get_effect(self) -> Any:
        return _("It is closed, and nothing is done about it.")

    def act(self) -> PrivacyRequest:
        return take_back(request=self.object, principal=self.request.user)


class OpenCustomer(ActionPage):
    """Open the customer whom a request is about, for half an hour. It is written down with the number of the request."""

    permission = HANDLE
    model = PrivacyRequest
    select_related = ("source_record__customer",)
    button = gettext_lazy("Open the customer")

    def get_question(self) -> Any:
        return _("Open %(customer)s because of this request?") % {"customer": self.object.source_record.customer}

    def get_effect(self) -> Any:
        return _("That you look is written down, and the customer may know it.")

    def act(self) -> Customer:
        return open_for_request(request=self.object, principal=self.request.user)

    def get_success_url(self, result: Customer) -> str:
        return str(self.object.source_record.customer.get_absolute_url())
