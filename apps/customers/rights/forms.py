"""Forms about privacy requests."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.customers.models.consent import Consent
from apps.customers.rights.models import PrivacyRequest


class ReceiveForm(forms.Form):
    """What somebody asks, as it came."""

    kind = forms.ChoiceField(label=_("What is asked"), choices=PrivacyRequest.Kind.choices)
    came = forms.ChoiceField(label=_("How it came"), choices=PrivacyRequest.Came.choices)
    received_on = forms.DateField(
        label=_("Received on"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The month in which it must be answered begins on this day."),
    )
    asked = forms.CharField(
        label=_("In their words"), required=False, max_length=2000, widget=forms.Textarea({"rows": 4})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("received_on", timezone.localdate())


class IdentityForm(forms.Form):
    how = forms.ChoiceField(
        label=_("How do you know that it is them?"),
        choices=[choice for choice in PrivacyRequest.Identity.choices if choice[0]],
        widget=forms.RadioSelect,
        help_text=_("Look at a document, never keep a copy of it. Ask no more than you need to be sure."),
    )


class ReasonToldForm(forms.Form):
    """A reason that the person is told, word for word."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("The person is told this, word for word."),
    )


class FinishForm(forms.Form):
    words = forms.CharField(
        label=_("What the person was told"), required=False, max_length=2000, widget=forms.Textarea({"rows": 5})
    )


class EraseForm(forms.Form):
    sure = forms.BooleanField(label=_("I have read what goes. It cannot be undone."))


class ProtectForm(forms.Form):
    """Why, and until when."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea({"rows": 3}))
    ends_on = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: until somebody ends it."),
    )


class StopForm(forms.Form):
    """What somebody objects to."""

    purposes = forms.MultipleChoiceField(
        label=_("What they no longer want"),
        choices=Consent.Purpose.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What already holds is ticked. A later purchase does not bring it back; a yes of their own does."),
    )


class CorrectForm(forms.Form):
    """Name, birth date and address as the person says they are; each as a whole."""

    first_name = forms.CharField(label=_("First name"), max_length=60, required=False)
    initials = forms.CharField(label=_("Initials"), max_length=20, required=False)
    infix = forms.CharField(label=_("Infix"), max_length=20, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=80, required=False)
    birth_date = forms.DateField(
        label=_("Date of birth"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    street = forms.CharField(label=_("Street"), max_length=80, required=False)
    house_number = forms.CharField(label=_("House number"), max_length=12, required=False)
    house_number_suffix = forms.CharField(label=_("Addition"), max_length=12, required=False)
    postcode = forms.CharField(label=_("Postcode"), max_length=10, required=False)
    city = forms.CharField(label=_("City"), max_length=60, required=False)
    country = forms.CharField(label=_("Country"), max_length=2, required=False, help_text=_("Two letters, as NL."))

    def clean_birth_date(self) -> Any:
        born = self.cleaned_data["birth_date"]
        if born and born > timezone.localdate():
            raise forms.ValidationError(_("Nobody is born in the future."))
        return born


class TryTermForm(forms.Form):
    """A term to try out, in months; fewer than `least` is no term."""

    months = forms.IntegerField(label=_("Months"), min_value=1, max_value=600)

    def __init__(self, *args: Any, least: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["months"].help_text = _("%(least)s at least.") % {"least": least}


class TermForm(TryTermForm):
    """A term to put in force, or to end, and why."""

    is_on = forms.BooleanField(
        label=_("In force"),
        required=False,
        help_text=_("Each night lets go of what is over its term. That cannot be undone."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("It stands in the register: why so long and not shorter."),
    )
