"""Forms of places: which there are, and what is carried from one to another."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.inventory.forms_quantities import quantity_field
from apps.inventory.models import Condition, Place
from apps.inventory.putting_away import ToPutAway
from apps.inventory.services.places.moving import Carried
from apps.network.models import Location
from apps.portal import formats
from apps.portal.filters import LongSelect

_MOST = 99_999
_LONGEST = 16


def _code(label: Any, **more: Any) -> forms.CharField:
    widget = forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"})
    return forms.CharField(label=label, max_length=_LONGEST, widget=widget, **more)


class PlacesForm(forms.Form):
    """Many places of one kind."""

    location = forms.ModelChoiceField(
        label=gettext_lazy("Location"),
        queryset=Location.objects.all(),
        to_field_name="code",
        widget=LongSelect,
        empty_label=gettext_lazy("choose one"),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Place.Kind.choices)
    codes = forms.CharField(
        label=gettext_lazy("Codes"),
        widget=forms.Textarea({"rows": 4, "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=gettext_lazy("As on the labels, one on each line. A code that is known already gets this kind."),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60, required=False)


class MoveForm(forms.Form):
    """So many of one product, from where they lie. `there` is (condition, place code, quantity), "" for no place."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    source = forms.ChoiceField(label=gettext_lazy("From"))
    target = _code(
        gettext_lazy("To"),
        required=False,
        help_text=gettext_lazy("Scan or type the label of the place; empty is no place in particular."),
    )
    quantity = forms.DecimalField(
        label=gettext_lazy("Quantity"), min_value=Decimal("0.001"), max_value=_MOST, decimal_places=3, localize=True
    )

    def __init__(self, *args: Any, variant: Variant, there: Sequence[tuple[str, str, Decimal]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("token", uuid.uuid4())
        self._variant = variant
        source = self.fields["source"]
        assert isinstance(source, forms.ChoiceField)
        source.choices = [(f"{condition}|{code}", _said(condition, code, n)) for condition, code, n in there]
        self.fields["quantity"].widget.attrs |= {"inputmode": "decimal" if variant.allows_fractions else "numeric"}

    @property
    def carried(self) -> Carried:
        given = self.cleaned_data
        condition, _bar, source = given["source"].partition("|")
        return Carried(self._variant, given["quantity"], source, given["target"].strip(), condition)


def _said(condition: str, code: str, quantity: Decimal) -> str:
    told = {
        "place": code or _("no place"),
        "count": formats.quantity(quantity),
        "condition": Condition(condition).label,
    }
    if condition == Condition.SALEABLE:
        return _("%(place)s, %(count)s there") % told
    return _("%(place)s, %(count)s there: %(condition)s") % told


class PutAwayForm(forms.Form):
    """Where each goes; a row without a place stays as it is."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, waiting: Sequence[ToPutAway], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("token", uuid.uuid4())
        self._waiting = {f"{one.variant.pk}-{one.source}": one for one in waiting}
        for key, one in self._waiting.items():
            self.fields[f"quantity-{key}"] = quantity_field(
                one.variant, label=gettext_lazy("Quantity"), initial=one.quantity, most=_MOST
            )
            self.fields[f"target-{key}"] = _code(gettext_lazy("Place"), required=False, initial=one.place)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each with its two fields."""
        return [
            {"one": one, "quantity": self[f"quantity-{key}"], "target": self[f"target-{key}"]}
            for key, one in self._waiting.items()
        ]

    @property
    def carried(self) -> dict[str, Carried]:
        """What goes somewhere, by the key of its fields."""
        given = self.cleaned_data
        return {
            key: Carried(one.variant, given[f"quantity-{key}"], one.source, given[f"target-{key}"].strip())
            for key, one in self._waiting.items()
            if given[f"quantity-{key}"] and given[f"target-{key}"].strip()
        }
