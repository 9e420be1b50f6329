"""What is asked of whoever opens a count, counts, approves, or has it counted again."""

import re
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.catalogue.models import Variant
from apps.catalogue.services.finding import variants_by_code
from apps.inventory.models import Count
from apps.network.models import Location
from apps.portal.filters import LongSelect

_MOST_CODES = 200
_USUAL = 20


class OpenCountForm(forms.Form):
    """What to count, and where. Only what belongs to the chosen way is looked at."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    location = forms.ModelChoiceField(
        label=gettext_lazy("Location"),
        queryset=Location.objects.all(),
        to_field_name="code",
        widget=LongSelect,
        empty_label=gettext_lazy("choose one"),
    )
    basis = forms.ChoiceField(
        label=gettext_lazy("What to count"),
        choices=Count.Basis.choices,
        initial=Count.Basis.SUGGESTED,
        help_text=gettext_lazy(
            "What deserves it most: what open tasks ask for, then what sold most since it was counted."
        ),
    )
    most = forms.IntegerField(
        label=gettext_lazy("At most so many products"), min_value=1, max_value=500, initial=_USUAL
    )
    days = forms.IntegerField(
        label=gettext_lazy("Best sellers not counted for so many days"), min_value=0, max_value=366, initial=30
    )
    shelf = forms.CharField(label=gettext_lazy("Shelves that begin with"), max_length=16, required=False)
    codes = forms.CharField(
        label=gettext_lazy("Chosen products: SKU or GTIN"),
        required=False,
        max_length=8000,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("One on each line, or with commas between."),
    )
    blind = forms.BooleanField(
        label=gettext_lazy("Blind: whoever counts is not told how many there should be"), required=False, initial=True
    )

    def __init__(self, *args: Any, variants: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("token", uuid.uuid4())
        self._variants = variants

    def clean_codes(self) -> list[int]:
        """The variants named; only when they are what is to be counted."""
        if self.cleaned_data.get("basis") != Count.Basis.GIVEN:
            return []
        codes = list(dict.fromkeys(re.split(r"[\s,;]+", self.cleaned_data["codes"].strip())))
        if codes == [""]:
            raise ValidationError(_("Name at least one product."))
        if len(codes) > _MOST_CODES:
            raise ValidationError(_("Name at most %(most)s products.") % {"most": _MOST_CODES})
        found = {code: variants_by_code(self._variants, code).values_list("pk", flat=True).first() for code in codes}
        if unknown := [code for code, pk in found.items() if pk is None]:
            told = ngettext("There is no product %(codes)s.", "There are no products %(codes)s.", len(unknown))
            raise ValidationError(told % {"codes": ", ".join(unknown[:10])})
        return [pk for pk in found.values() if pk is not None]


class TypedForm(forms.Form):
    """A quantity that somebody typed beside a product."""

    sku = forms.CharField(max_length=40)
    quantity = forms.DecimalField(min_value=Decimal(0), max_value=99_999, decimal_places=3, localize=True)
    token = forms.UUIDField()


class _Chosen(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.sku})"


class _OfVariants(forms.Form):
    """Some of the variants of a count."""

    variants = _Chosen(queryset=Variant.objects.all(), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, among: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["variants"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        wanted = Variant.objects.filter(pk__in=among)
        field.queryset = wanted.select_related("product").prefetch_related("product__texts").order_by("sku")


class ApproveForm(_OfVariants):
    """What was not counted stays as it is, unless somebody says that there are none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["variants"].label = _("Not counted: set to nothing")
        self.fields["variants"].help_text = _("What is not ticked stays as it is in the books.")
        if not kwargs["among"]:
            del self.fields["variants"]


class RecountForm(_OfVariants):
    """What to count once more. `round` is the one that was looked at."""

    round = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["variants"].label = _("Count again")
        self.fields["variants"].required = True
        self.fields["variants"].error_messages["required"] = _("Choose what is to be counted again.")
