"""What people fill in about what is kept back: of what, where, how much."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Category, Variant
from apps.catalogue.services.finding import variants_by_code
from apps.inventory.models import ChannelThreshold, Method, SafetyRule
from apps.network.models import Channel, Location
from apps.portal.filters import LongSelect

_MOST = Decimal(99_999)


class _OfGoods(forms.Form):
    """A variant, a category, or all goods."""

    sku = forms.CharField(
        label=gettext_lazy("Product"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("SKU or bar code. Empty: the category, or all goods."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    category = forms.ModelChoiceField(
        label=gettext_lazy("Category"),
        queryset=Category.objects.order_by("name"),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("all goods"),
        help_text=gettext_lazy("And the categories below it."),
        widget=LongSelect,
    )

    def clean_sku(self) -> Variant | None:
        code = self.cleaned_data["sku"].strip()
        if not code:
            return None
        variant = variants_by_code(Variant.objects.all(), code).first()
        if variant is None:
            raise forms.ValidationError(_("“%(text)s” is not known.") % {"text": code})
        return variant

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("sku") and given.get("category"):
            self.add_error("category", _("Name a product or a category, not both."))
        return given


def _quantity(label: Any, help_text: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, max_value=_MOST, decimal_places=3, help_text=help_text)


class SafetyRuleForm(_OfGoods):
    location = forms.ModelChoiceField(
        label=gettext_lazy("Location"),
        queryset=Location.objects.order_by("name"),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("not one in particular"),
        widget=LongSelect,
    )
    location_kind = forms.ChoiceField(
        label=gettext_lazy("Kind of location"),
        choices=[("", gettext_lazy("everywhere")), *Location.Kind.choices],
        required=False,
    )
    method = forms.ChoiceField(
        label=gettext_lazy("Kept from"), choices=[("", gettext_lazy("both")), *Method.choices], required=False
    )
    quantity = _quantity(gettext_lazy("Quantity"), gettext_lazy("What stays there for whoever walks in."))

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("location") and given.get("location_kind"):
            self.add_error("location_kind", _("Name a location or a kind, not both."))
        return given

    def write_on(self, rule: SafetyRule) -> SafetyRule:
        """The rule as filled in; not saved."""
        given = self.cleaned_data
        rule.variant, rule.category = given["sku"], given["category"]
        rule.location, rule.location_kind = given["location"], given["location_kind"]
        rule.method, rule.quantity = given["method"], given["quantity"]
        return rule


class ThresholdForm(_OfGoods):
    channel = forms.ModelChoiceField(
        label=gettext_lazy("Channel"),
        queryset=Channel.objects.filter(kind__in=Channel.ONLINE).order_by("name"),
        to_field_name="code",
        empty_label=None,
    )
    quantity = _quantity(
        gettext_lazy("Quantity"), gettext_lazy("What the channel does not sell of what the whole chain can send.")
    )
    field_order = ("channel", "sku", "category", "quantity")

    def write_on(self, threshold: ChannelThreshold) -> ChannelThreshold:
        """The threshold as filled in; not saved."""
        given = self.cleaned_data
        threshold.variant, threshold.category = given["sku"], given["category"]
        threshold.channel, threshold.quantity = given["channel"], given["quantity"]
        return threshold


def initial_of(rule: SafetyRule | ChannelThreshold) -> dict[str, Any]:
    """A rule as its form shows it."""
    known: dict[str, Any] = {
        "sku": rule.variant.sku if rule.variant else "",
        "category": rule.category.code if rule.category else "",
        "quantity": rule.quantity,
    }
    if isinstance(rule, ChannelThreshold):
        return known | {"channel": rule.channel.code}
    location = rule.location.code if rule.location else ""
    return known | {"location": location, "location_kind": rule.location_kind, "method": rule.method}
