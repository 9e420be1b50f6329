"""Drafting a sourcing profile and its strategies."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Criterion, SourcingProfile, SourcingStrategy, Speed
from apps.network.models import Channel
from apps.portal.amounts import AmountField

_PLACES = ("first", "second", "third")


class ProfileForm(forms.Form):
    version = forms.SlugField(
        label=_("Version"),
        max_length=SourcingProfile._meta.get_field("version").max_length,
        help_text=_("Short and never used before, for instance the year and a number: 2027-1."),
    )
    name = forms.CharField(label=_("Name"), max_length=SourcingProfile._meta.get_field("name").max_length)
    takes_from_anywhere = forms.BooleanField(
        label=_("When no strategy fits, send it from wherever it lies"),
        required=False,
        initial=True,
        help_text=_("Without this such an order is refused."),
    )


class StrategyForm(forms.Form):
    """When it applies, who takes part, and in what order. What is left empty sets no condition."""

    name = forms.CharField(label=_("Name"), max_length=SourcingStrategy._meta.get_field("name").max_length)
    channels = forms.ModelMultipleChoiceField(
        label=_("Only for orders of"),
        queryset=Channel.objects.filter(kind__in=Channel.ONLINE),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    speeds = forms.MultipleChoiceField(
        label=_("Only for deliveries"), choices=Speed.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    most_days = forms.IntegerField(
        label=_("Only when promised within so many days"), required=False, min_value=0, max_value=60
    )
    countries = forms.CharField(
        label=_("Only to countries"), required=False, max_length=80, help_text=_("Codes of two letters: NL, BE.")
    )
    least_value = AmountField(label=_("Only from an order value of"), required=False, min_value=0)
    most_value = AmountField(label=_("Only below an order value of"), required=False, min_value=0)
    sources = forms.ChoiceField(label=_("Sent from"), choices=SourcingStrategy.Sources.choices)
    only_own = forms.BooleanField(label=_("Leave franchisees' stock alone"), required=False)
    in_time = forms.BooleanField(
        label=_("Only locations that make the promised day"),
        required=False,
        help_text=_("By their hours and cut-offs, where the customer was told a day or asked for a speed."),
    )
    most_km = forms.IntegerField(
        label=_("At most so many km from the customer"), required=False, min_value=1, max_value=2000
    )
    most_parcels = forms.IntegerField(label=_("At most so many parcels"), required=False, min_value=1, max_value=20)
    keep_days = forms.IntegerField(
        label=_("Stores keep so many days of their own sale"), required=False, min_value=1, max_value=90
    )
    divides = forms.BooleanField(
        label=_("Divide a line over locations when none has all of it"),
        required=False,
        help_text=_("Without this, such an order goes to the next strategy."),
    )
    first = forms.ChoiceField(label=_("First look at"), choices=Criterion.choices)
    second = forms.ChoiceField(
        label=_("Then at"), choices=[("", _("nothing more")), *Criterion.choices], required=False
    )
    third = forms.ChoiceField(
        label=_("And then at"), choices=[("", _("nothing more")), *Criterion.choices], required=False
    )

    def clean_countries(self) -> list[str]:
        codes = self.cleaned_data["countries"].replace(",", " ").upper().split()
        wrong = [code for code in codes if len(code) != 2 or not code.isalpha()]
        if wrong:
            raise ValidationError(_("%(code)s is no code of a country."), params={"code": wrong[0]})
        return codes

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = [cleaned[name] for name in _PLACES if cleaned.get(name)]
        if len(set(chosen)) < len(chosen):
            raise ValidationError(_("Name at least one criterion, and each of them once."))
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """The fields of a strategy."""
        given = dict(self.cleaned_data)
        criteria = [given.pop(name) for name in _PLACES]
        return given | {
            "channels": [channel.code for channel in given["channels"]],
            "criteria": [criterion for criterion in criteria if criterion],
        }


def initial_of(strategy: SourcingStrategy) -> dict[str, Any]:
    """A strategy as its form shows it."""
    plain = ("name", "channels", "speeds", "least_value", "most_value", "sources", "only_own", "in_time", "divides")
    numbers = ("most_days", "most_km", "most_parcels", "keep_days")
    return {
        **{name: getattr(strategy, name) for name in (*plain, *numbers)},
        "countries": ", ".join(strategy.countries),
        **dict(zip(_PLACES, strategy.criteria, strict=False)),
    }
