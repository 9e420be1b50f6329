"""Asking why: for acts that destroy or correct something, where people will later want to know."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_REASON = 300
"""Characters, in a form and in the API."""


def reason_field() -> forms.CharField:
    """One line of text that is kept in the audit trail."""
    return forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        strip=True,
        help_text=_("Kept in the audit trail, for everybody who may see it. No personal data."),
        error_messages={"required": _("Say why, in a few words.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class ReasonForm(forms.Form):
    """Why somebody does what they are asked to confirm."""

    reason = reason_field()

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="why-%s")
