"""What a customer types on their own phone."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from apps.customers.services import normalising
from apps.customers.services.wording import words_now
from apps.loyalty.enrolment.enrolling import Applicant
from apps.loyalty.enrolment.wishes import PURPOSES

_MORE = ("last_name", "postcode", "house_number", "birth_date")


def _line(label: Any, length: int, autocomplete: str, *, required: bool = False, **attributes: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=length,
        required=required,
        widget=forms.TextInput(attrs={"autocomplete": autocomplete, **attributes}),
    )


class CodeForm(forms.Form):
    """The code beside the QR code, for who has no camera at hand."""

    code = _line(
        gettext_lazy("Code"),
        12,
        "off",
        required=True,
        spellcheck="false",
        autocapitalize="characters",
        **{"class": "code"},
    )


class JoinForm(forms.Form):
    """Few fields: a name to be called by, a way to be recognised, and what may be left out below that."""

    says_optional = True

    first_name = _line(gettext_lazy("First name"), 60, "given-name", required=True)
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    last_name = _line(gettext_lazy("Last name"), 80, "family-name")
    postcode = _line(gettext_lazy("Postcode"), 10, "postal-code")
    house_number = _line(gettext_lazy("House number"), 12, "address-line2", inputmode="numeric")
    birth_date = forms.DateField(
        label=gettext_lazy("Date of birth"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d"),
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # Beside each box stand the very words that are kept as what somebody said yes to.
        _version, words = words_now(PURPOSES, locale=get_language() or "")
        for purpose in PURPOSES:
            label = words.get(purpose, purpose.label)
            self.fields[purpose.value] = forms.BooleanField(label=label, required=False)

    @property
    def wishes(self) -> list[forms.BoundField]:
        """The boxes."""
        return [self[purpose.value] for purpose in PURPOSES]

    def clean_phone(self) -> str:
        typed: str = self.cleaned_data["phone"]
        if typed and not normalising.phone(typed):
            raise forms.ValidationError(_("This is no phone number. An example: 06 12345678."))
        return typed

    def clean_birth_date(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["birth_date"]
        if day is not None and not dt.date(1900, 1, 1) <= day <= timezone.localdate():
            raise forms.ValidationError(_("This is no day on which somebody alive was born."))
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        wrong = set(self.errors)
        if not given.get("email") and not given.get("phone") and not wrong & {"email", "phone"}:
            self.add_error("email", _("Give an e-mail address or a phone number, so that we know you again."))
        if bool(given.get("postcode")) != bool(given.get("house_number")):
            missing = "house_number" if given.get("postcode") else "postcode"
            self.add_error(missing, _("Postcode and house number go together."))
        if self._ticked(given) and not given.get("email") and "email" not in self.errors:
            self.add_error("email", _("Give an e-mail address too: we ask there whether you really want our mail."))
        return given

    @staticmethod
    def _ticked(given: dict[str, Any]) -> tuple[str, ...]:
        return tuple(purpose.value for purpose in PURPOSES if given.get(purpose.value))

    @property
    def shows_more(self) -> bool:
        """Whether what may be left out was filled in, or is wrong."""
        return any(self[name].errors or self[name].value() for name in _MORE)

    @property
    def applicant(self) -> Applicant:
        given = self.cleaned_data
        words = {
            name: given[name] for name in ("first_name", "last_name", "email", "phone", "postcode", "house_number")
        }
        return Applicant(**words, birth_date=given["birth_date"], purposes=self._ticked(given))
