"""What people fill in about deliveries: what a supplier announced, and what came."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.inventory.forms_quantities import quantity_field
from apps.inventory.models import NoticeLine, Place, PurchaseNotice
from apps.inventory.services.purchases.receiving import Came
from apps.inventory.typed_goods import LONGEST_TEXT, goods_in
from apps.network.models import Location
from apps.portal.filters import LongSelect

_MOST = 99_999


def _goods(label: Any, *, rows: int, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST_TEXT,
        help_text=gettext_lazy(
            "One product a line: SKU or bar code, then how many (nothing: one). A scanner can type here."
        ),
        widget=forms.Textarea(
            {"rows": rows, "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class AnnounceForm(forms.Form):
    """Who delivers what, where and when."""

    location = forms.ModelChoiceField(
        label=gettext_lazy("To"),
        queryset=Location.objects.order_by("name"),
        to_field_name="code",
        widget=LongSelect,
        empty_label=gettext_lazy("choose one"),
    )
    supplier = forms.CharField(
        label=gettext_lazy("Supplier"), max_length=PurchaseNotice._meta.get_field("supplier").max_length
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference of the supplier"),
        max_length=PurchaseNotice._meta.get_field("reference").max_length,
        help_text=gettext_lazy("As on their paper: the same one is noted once."),
    )
    expected_on = forms.DateField(
        label=gettext_lazy("Expected"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    goods = _goods(gettext_lazy("Goods"), rows=5)

    def __init__(self, *args: Any, variants: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._variants = variants

    def clean_expected_on(self) -> Any:
        day = self.cleaned_data["expected_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("That day has passed."))
        return day

    def clean_goods(self) -> list[tuple[Variant, Decimal]]:
        return goods_in(self.cleaned_data["goods"], variants=self._variants)


class ReceiveForm(forms.Form):
    """How many came of each line that is to come, on which shelf they went, and what was in the box beside them."""

    go = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=9999)
    extra = _goods(gettext_lazy("Also in the box"), rows=2, required=False)

    def __init__(
        self, *args: Any, lines: list[NoticeLine], shelves: dict[int, list[str]], variants: Any, **kwargs: Any
    ):
        """`shelves` are those where a variant was last seen: {variant id: codes}."""
        super().__init__(*args, **kwargs)
        self._lines, self._variants = lines, variants
        for line in lines:
            self.fields[f"quantity-{line.line}"] = quantity_field(
                line.variant, label=gettext_lazy("Came"), initial=line.to_come, most=_MOST
            )
            self.fields[f"shelf-{line.line}"] = forms.CharField(
                label=gettext_lazy("Shelf"),
                required=False,
                max_length=Place._meta.get_field("code").max_length,
                initial=next(iter(shelves.get(line.variant_id, [])), ""),
                widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each line with its two fields."""
        return [
            {"line": line, "quantity": self[f"quantity-{line.line}"], "shelf": self[f"shelf-{line.line}"]}
            for line in self._lines
        ]

    def clean_extra(self) -> list[tuple[Variant, Decimal]]:
        return goods_in(self.cleaned_data["extra"], variants=self._variants)

    @property
    def came(self) -> list[Came]:
        """What came, each variant once: what stands on a line and was typed below as well is added up."""
        given = self.cleaned_data
        found = {
            line.variant_id: Came(
                line.variant, given[f"quantity-{line.line}"], given[f"shelf-{line.line}"].strip().upper()
            )
            for line in self._lines
        }
        for variant, quantity in given["extra"]:
            before = found.get(variant.pk, Came(variant, Decimal(0)))
            found[variant.pk] = Came(variant, before.quantity + quantity, before.shelf)
        return list(found.values())
