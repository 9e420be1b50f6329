"""The form with which stock is corrected: what happened, to how many, in which condition they were."""

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.inventory.models import IN_THE_BUILDING, Condition, Reason
from apps.inventory.services.correcting import BECOMES, GAINS, LOSSES
from apps.network.models import Location
from apps.portal import formats
from apps.portal.filters import LongSelect
from apps.portal.pages.explaining import LONGEST_REASON

_MOST = 99_999
_HAPPENED = [
    (gettext_lazy("Still here, in another condition"), [(r.value, r.label) for r in Reason if r in BECOMES]),
    (gettext_lazy("Gone"), [(r.value, r.label) for r in Reason if r in LOSSES]),
    (gettext_lazy("More than was known"), [(r.value, r.label) for r in Reason if r in GAINS]),
]


class CorrectionForm(forms.Form):
    """`there` says how many there are in each condition at the location proposed."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    location = forms.ModelChoiceField(
        label=gettext_lazy("Location"),
        queryset=Location.objects.all(),
        to_field_name="code",
        widget=LongSelect,
        empty_label=gettext_lazy("choose one"),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("What happened"), choices=[("", gettext_lazy("choose one")), *_HAPPENED]
    )
    quantity = forms.DecimalField(
        label=gettext_lazy("Quantity"), min_value=Decimal("0.001"), max_value=_MOST, decimal_places=3, localize=True
    )
    condition = forms.ChoiceField(label=gettext_lazy("Which stock"), initial=Condition.SALEABLE)
    note = forms.CharField(
        label=gettext_lazy("Remark"),
        max_length=LONGEST_REASON,
        required=False,
        help_text=gettext_lazy("Kept in the audit trail, for everybody who may see it. No personal data."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, variant: Variant, there: Mapping[str, Decimal] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("token", uuid.uuid4())
        by_piece = not variant.allows_fractions
        self.fields["quantity"].widget.attrs |= {"inputmode": "numeric" if by_piece else "decimal"}
        field = self.fields["condition"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(c.value, _said(c, there)) for c in IN_THE_BUILDING]


def _said(condition: Condition, there: Mapping[str, Decimal] | None) -> str:
    if there is None:
        return str(condition.label)
    counted = {"condition": condition.label, "count": formats.quantity(there.get(condition, Decimal(0)))}
    return _("%(condition)s, %(count)s here") % counted
