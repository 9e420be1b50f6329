"""What is asked of whoever agrees with a supplier on goods in consignment, or ends that."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.inventory.typed_goods import variants_in
from apps.network.models import LegalEntity, Location
from apps.portal.filters import DayInput, LongSelect

MOST_AGREED = 10_000
"""Variants times locations in one go: as much as changes hands in one transaction."""

_CODES = {"autocomplete": "off", "spellcheck": "false"}


class ConsignForm(forms.Form):
    supplier = forms.ModelChoiceField(
        label=gettext_lazy("Supplier"),
        queryset=LegalEntity.objects.filter(kind=LegalEntity.Kind.SUPPLIER).order_by("name"),
        to_field_name="code",
        empty_label=gettext_lazy("choose one"),
        widget=LongSelect,
    )
    codes = forms.CharField(
        label=gettext_lazy("Products"),
        max_length=8000,
        help_text=gettext_lazy(
            "SKU, GTIN or product code, one on each line. A product code stands for all its variants."
        ),
        widget=forms.Textarea({"rows": 4, **_CODES}),
    )
    locations = forms.CharField(
        label=gettext_lazy("Locations"),
        max_length=4000,
        required=False,
        help_text=gettext_lazy("Codes of stores and distribution centres, one on each line. Empty: everywhere."),
        widget=forms.Textarea({"rows": 2, **_CODES}),
    )
    since = forms.DateField(
        label=gettext_lazy("From"),
        initial=timezone.localdate,
        help_text=gettext_lazy("What lies there on that day becomes the supplier's."),
        widget=DayInput,
    )

    def __init__(self, *args: Any, variants: Any, locations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._variants, self._locations = variants, locations

    def clean_codes(self) -> list[Variant]:
        return variants_in(self.cleaned_data["codes"], variants=self._variants)

    def clean_locations(self) -> list[Location]:
        """The locations named, each once; none is everywhere."""
        codes = set(re.split(r"[\s,;]+", self.cleaned_data["locations"].strip())) - {""}
        found = {location.code: location for location in self._locations.filter(code__in=codes)}
        for code in sorted(codes - found.keys()):
            raise ValidationError(_("“%(code)s” is not known.") % {"code": code[:60]})
        return list(found.values())

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        places = len(given.get("locations") or []) or self._locations.count()
        if len(given.get("codes", [])) * places > MOST_AGREED:
            self.add_error(
                "codes", _("At most %(most)s at once, each product at each location.") % {"most": MOST_AGREED}
            )
        return given


class EndConsignmentForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("Ends on"),
        initial=timezone.localdate,
        help_text=gettext_lazy("From that day on what lies there is the location's own again."),
        widget=DayInput,
    )


class SupplierForm(forms.Form):
    code = forms.SlugField(label=gettext_lazy("Code"), max_length=16)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    kvk_number = forms.RegexField(
        r"^\d{8}$", label=gettext_lazy("KvK number"), required=False, help_text=gettext_lazy("Eight digits.")
    )
