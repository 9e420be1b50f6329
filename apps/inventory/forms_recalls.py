"""What is asked of whoever starts a recall, and of the store that takes the goods off its shelves."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.inventory.models import StoreTask
from apps.inventory.typed_goods import variants_in

MOST_VARIANTS = 50


class StartRecallForm(forms.Form):
    """Which products, and what customers are told."""

    codes = forms.CharField(
        label=gettext_lazy("Products"),
        max_length=4000,
        help_text=gettext_lazy(
            "SKU, GTIN or product code, one on each line. A product code stands for all its variants."
        ),
        widget=forms.Textarea({"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )
    why = forms.CharField(
        label=gettext_lazy("What is wrong"),
        max_length=300,
        help_text=gettext_lazy("Stores and customers read this."),
    )
    advice = forms.CharField(
        label=gettext_lazy("What customers should do"),
        max_length=500,
        initial=gettext_lazy("Do not use it any more and bring it back to any of our stores. You get your money back."),
        widget=forms.Textarea({"rows": 3}),
    )
    batch = forms.CharField(
        label=gettext_lazy("Batch"),
        max_length=80,
        required=False,
        help_text=gettext_lazy(
            "Told to stores and customers. All of these products is taken out of sale until the store has said which are of it."
        ),
    )

    def __init__(self, *args: Any, variants: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._variants = variants

    def clean_codes(self) -> list[Variant]:
        """The variants named, each once."""
        found = variants_in(self.cleaned_data["codes"], variants=self._variants)
        if len(found) > MOST_VARIANTS:
            raise ValidationError(_("At most %(most)s variants in one recall.") % {"most": MOST_VARIANTS})
        return found


class TakeOffForm(forms.Form):
    """Which task, and how many were set apart; of a batch also how many are of another."""

    task = forms.ModelChoiceField(
        queryset=StoreTask.objects.open()
        .filter(kind=StoreTask.Kind.TAKE_OFF)
        .select_related("location", "variant__product")
        .prefetch_related("variant__product__texts"),
        widget=forms.HiddenInput,
    )
    quantity = forms.DecimalField(
        label=gettext_lazy("How many you set apart"),
        min_value=Decimal(0),
        max_value=Decimal(999_999),
        decimal_places=3,
        localize=True,
        help_text=gettext_lazy("From the shelf, the stockroom, and what lies ready for customers."),
    )
    others = forms.DecimalField(
        label=gettext_lazy("How many are of another batch"),
        min_value=Decimal(0),
        max_value=Decimal(999_999),
        decimal_places=3,
        localize=True,
        help_text=gettext_lazy("These are for sale again at once."),
    )

    def __init__(self, *args: Any, batch: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if batch:
            self.fields["quantity"].label = _("How many are of batch %(batch)s") % {"batch": batch}
        else:
            del self.fields["others"]
