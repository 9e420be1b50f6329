"""What a store chooses before it prints."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Count
from apps.inventory.paper import PAPERS
from apps.network.models import Location
from apps.portal.filters import LongSelect

_PAPER_NAMES = {
    "a4-70x37": _("A4 sheet, 70 × 37 mm (24)"),
    "a4-99x38": _("A4 sheet, 99 × 38 mm (14)"),
    "roll-57x32": _("Roll, 57 × 32 mm"),
}


class _InStore(forms.Form):
    location = forms.ModelChoiceField(
        label=_("Location"),
        queryset=Location.objects.all(),
        to_field_name="code",
        widget=LongSelect,
        empty_label=_("choose one"),
        required=False,
    )
    shelf = forms.CharField(label=_("Shelves that begin with"), max_length=16, required=False)

    says_optional = False

    def chosen(self, name: str) -> Any:
        """What was chosen, when it can be used."""
        return self.cleaned_data.get(name) if self.is_bound and self.is_valid() else None


class CountSheetForm(_InStore):
    """Which shelves to count."""

    asked = forms.BooleanField(label=_("Only what is to be counted"), required=False)
    count = forms.ModelChoiceField(
        queryset=Count.objects.all(), to_field_name="number", required=False, widget=forms.HiddenInput
    )


class LabelForm(_InStore):
    """For which goods labels are printed, and on what."""

    code = forms.CharField(label=_("SKU, GTIN or product code"), max_length=40, required=False)
    paper = forms.ChoiceField(
        label=_("Labels"), choices=[(name, _PAPER_NAMES[name]) for name in PAPERS], initial="a4-70x37"
    )
    used = forms.IntegerField(label=_("Labels already used"), min_value=0, max_value=23, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    field_order = ["location", "code", "shelf", "paper", "used", "language"]
