"""Drafting a waterfall."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.franchise.models import Evidence, RuleSet
from apps.portal.filters import DayInput

_STEPS = [("", _("nothing more")), *((e.value, e.label) for e in Evidence if e != Evidence.RESIDUAL)]


class RuleSetForm(forms.Form):
    """Up to three steps in order; head office is always the last one, so that every cent has a place."""

    version = forms.SlugField(
        label=_("Version"),
        max_length=RuleSet._meta.get_field("version").max_length,
        help_text=_("Short and never used before, for instance the year and a number: 2027-1."),
    )
    name = forms.CharField(label=_("Name"), max_length=RuleSet._meta.get_field("name").max_length)
    valid_from = forms.DateField(label=_("In force from"), widget=DayInput)
    first = forms.ChoiceField(label=_("First look at"), choices=_STEPS[1:])
    second = forms.ChoiceField(label=_("Then at"), choices=_STEPS, required=False)
    third = forms.ChoiceField(
        label=_("And then at"),
        choices=_STEPS,
        required=False,
        help_text=_("What no step takes stays with head office."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = self.waterfall
        if len(set(chosen)) < len(chosen):
            raise ValidationError(_("A kind of evidence can stand in the waterfall once."))
        return cleaned

    @property
    def waterfall(self) -> list[str]:
        steps = [self.cleaned_data.get(name, "") for name in ("first", "second", "third")]
        return [*(step for step in steps if step), Evidence.RESIDUAL.value]
