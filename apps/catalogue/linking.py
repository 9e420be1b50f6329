"""Linking a bar code that nobody knows to the variant it stands on."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.gtins import InvalidGtin, parse_gtin, shown
from apps.catalogue.matching import variants_with_words
from apps.catalogue.models import Product, Variant
from apps.catalogue.services.updating import link_gtin, unlink_gtin
from apps.core.codes.reading import Reading
from apps.portal.flashes import undo_by
from apps.portal.pages import ActionPage, FormPage

_MOST_FOUND = 25


def link_unknown(reading: Reading, _times: int) -> str:
    """Where an unknown bar code is linked; "" for what is none, or is a scale's label with a price of its own."""
    if not reading.gtin or reading.article:
        return ""
    return f"{reverse('catalogue:link-gtin')}?{urlencode({'gtin': shown(reading.gtin)})}"


class _OneOfFound(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> SafeString:
        codes = ", ".join(sorted(shown(gtin.code) for gtin in obj.gtins.all())) or _("no bar code yet")
        return format_html('<span>{}<small><span class="code">{}</span> · {}</small></span>', obj.name, obj.sku, codes)


class LinkForm(forms.Form):
    variant = _OneOfFound(
        label=gettext_lazy("On which product does it stand?"),
        queryset=Variant.objects.none(),
        to_field_name="sku",
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose a product.")},
    )

    def __init__(self, *args: Any, found: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["variant"].queryset = found  # type: ignore[attr-defined]  # it is the field above


class LinkGtin(FormPage):
    """Search the product by name or SKU, choose it, and the bar code of the address is its from then on."""

    permission = "catalogue.edit"
    model = Product
    lookup = "code"
    form_class = LinkForm
    template_name = "catalogue/link_gtin.html"
    button = gettext_lazy("Link bar code")
    back = ("portal:scan", gettext_lazy("Scan"))

    def _asked(self, name: str) -> str:
        return self.request.GET.get(name, "").replace("\x00", "").strip()[:100]

    @cached_property
    def gtin(self) -> str:
        """The bar code as the label has it; "" when it is none."""
        try:
            return shown(parse_gtin(self._asked("gtin")))
        except InvalidGtin:
            return ""

    @cached_property
    def found(self) -> Any:
        """The variants to choose from: those that the search finds."""
        variants = self.visible(Variant)
        if not (self.gtin and self._asked("q")):
            return variants.none()
        first = list(variants_with_words(self._asked("q")).values_list("pk", flat=True)[:_MOST_FOUND])
        return (
            variants.filter(pk__in=first)
            .select_related("product")
            .prefetch_related("product__texts", "gtins")
            .order_by("sku")
        )

    def get_title(self) -> Any:
        return _("Link bar code %(code)s") % {"code": self.gtin} if self.gtin else _("Link a bar code")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"found": self.found}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "gtin": self.gtin,
            "asked": self._asked("gtin"),
            "text": self._asked("q"),
            "found": self.found,
        }

    def perform(self, form: LinkForm) -> Product:
        self.variant: Variant = form.cleaned_data["variant"]
        link_gtin(variant=self.variant, code=self.gtin)
        product: Product = self.variant.product
        return product

    def done(self, result: Product) -> HttpResponse:
        said = _("%(code)s is a bar code of %(name)s now.") % {"code": self.gtin, "name": self.variant.name}
        undo = reverse("catalogue:unlink-gtin", kwargs={"sku": self.variant.sku})
        messages.success(self.request, said, extra_tags=undo_by(undo, {"gtin": self.gtin}))
        return HttpResponseRedirect(self.variant.get_absolute_url())


class UnlinkGtin(ActionPage):
    """Undoes a link: the posted bar code stands for nothing again."""

    permission = "catalogue.edit"
    model = Variant
    lookup = "sku"
    button = gettext_lazy("Take bar code away")
    http_method_names = ["post"]

    @property
    def gtin(self) -> str:
        return self.request.POST.get("gtin", "").replace("\x00", "")

    def act(self) -> Variant:
        unlink_gtin(variant=self.object, code=self.gtin)
        variant: Variant = self.object
        return variant

    def get_success_message(self, result: Variant) -> Any:
        return _("%(code)s is no bar code of %(name)s any more.") % {"code": self.gtin, "name": result.name}
