"""The kind of import: its columns, its row, what is asked for the file as a whole."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from apps.accounts.api_fields import UnitPrice
from apps.catalogue.gtins import InvalidGtin, parse_gtin
from apps.catalogue.importing.flaws import BAD_GTIN
from apps.catalogue.importing.session import ArticleSession
from apps.catalogue.models import PriceList, Variant, VatClass
from apps.core.errors import InvalidInput
from apps.portal import formats
from apps.portal.filters import DayInput
from apps.portal.importing.kinds import ImportColumn, ImportKind

_VAT_WORDS = {"hoog": VatClass.STANDARD, "laag": VatClass.REDUCED, "nul": VatClass.ZERO, "21": VatClass.STANDARD}
_VAT_WORDS |= {"9": VatClass.REDUCED, "0": VatClass.ZERO, "high": VatClass.STANDARD, "low": VatClass.REDUCED}


class WordChoice(serializers.ChoiceField):
    """A choice by its value, or by the word for it in the reader's language."""

    def __init__(self, choices: Any, *, words: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        self.words = words or {}
        super().__init__(choices, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        text = str(data).strip().lower().removesuffix("%").strip()
        labels = {str(label).lower(): value for value, label in self.choices.items()}
        return super().to_internal_value(self.words.get(text) or labels.get(text) or text)


class ArticleRow(serializers.Serializer[Any]):
    """One SKU with what belongs to it."""

    sku = serializers.CharField(max_length=40)
    product = serializers.CharField(max_length=40, required=False)
    name = serializers.CharField(max_length=160, required=False)
    name_en = serializers.CharField(max_length=160, required=False)
    brand = serializers.CharField(max_length=60, required=False)
    category = serializers.CharField(max_length=32, required=False)
    vat_class = WordChoice(VatClass.choices, words=_VAT_WORDS, required=False)
    unit = WordChoice(Variant.Unit.choices, required=False)
    gtin = serializers.CharField(max_length=20, required=False)
    price = UnitPrice(required=False)

    def validate_gtin(self, value: str) -> str:
        try:
            return parse_gtin(value)
        except InvalidGtin as error:
            raise serializers.ValidationError(error.detail, code=error.code) from error


def _price_lists() -> list[tuple[str, str]]:
    lists = PriceList.objects.order_by("code").values_list("code", "currency")
    return [("", _("no prices in this file")), *((code, f"{code} ({currency})") for code, currency in lists)]


class ArticleOptions(forms.Form):
    price_list = forms.ChoiceField(label=gettext_lazy("Price list"), choices=_price_lists, required=False)
    valid_from = forms.DateField(
        label=gettext_lazy("Prices hold from"),
        required=False,
        widget=DayInput,
        help_text=gettext_lazy("Empty: from the moment of booking."),
    )


class ArticleImport(ImportKind):
    name = "products"
    label = gettext_lazy("Import products and prices")
    intro = gettext_lazy(
        "One row for each SKU. A SKU that exists is changed; columns and cells left out stay as they are."
    )
    permission = "catalogue.edit"
    serializer_class = ArticleRow
    options_form = ArticleOptions
    back = ("catalogue:products", gettext_lazy("Products"))
    flaws = {"invalid_gtin": BAD_GTIN}
    columns = (
        ImportColumn(
            "sku",
            gettext_lazy("SKU"),
            "WM-1001",
            gettext_lazy("The code by which a row is recognised."),
            ("article", "artikel", "artikelnummer", "artikelcode", "variant"),
            required=True,
        ),
        ImportColumn(
            "product",
            gettext_lazy("Product code"),
            "WM-1000",
            gettext_lazy("The same for variants of one product. Empty: the SKU."),
            ("product", "productcode", "productnummer", "style"),
        ),
        ImportColumn("name", gettext_lazy("Name"), "Wandelsok merino", gettext_lazy("Needed for a new product."), (
            "title", "naam", "omschrijving", "productnaam", "description",
        )),
        ImportColumn("name_en", gettext_lazy("English name"), "Merino hiking sock", "", ("title_en", "naam_en")),
        ImportColumn("brand", gettext_lazy("Brand"), "Wolmer", "", ("merk",)),
        ImportColumn(
            "category", gettext_lazy("Category"), "", gettext_lazy("The code of a category."), ("categorie", "groep")
        ),
        ImportColumn(
            "vat_class",
            gettext_lazy("VAT class"),
            "standard",
            gettext_lazy("standard, reduced or zero; 21, 9 and 0 are understood too."),
            ("vat", "btw", "btwtarief", "btwklasse"),
        ),
        ImportColumn(
            "unit", gettext_lazy("Unit"), "piece", gettext_lazy("piece, kg, m or l."), ("eenheid", "uom")
        ),
        ImportColumn(
            "gtin",
            gettext_lazy("GTIN"),
            "8710000000017",
            gettext_lazy("A bar code to add."),
            ("ean", "ean13", "barcode", "streepjescode", "upc"),
        ),
        ImportColumn(
            "price",
            gettext_lazy("Price"),
            "12,50",
            gettext_lazy("With VAT, in the currency of the price list."),
            ("prijs", "verkoopprijs", "consumentenprijs", "adviesprijs"),
        ),
    )  # fmt: skip  # more than one a line

    def keep_options(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        day = cleaned.get("valid_from")
        return {"price_list": cleaned.get("price_list", ""), "valid_from": day.isoformat() if day else ""}

    def say_options(self, options: Mapping[str, Any]) -> list[tuple[Any, Any]]:
        if not options.get("price_list"):
            return [(_("Price list"), "–")]
        day = parse_date(options.get("valid_from") or "")
        since = formats.when(day) if day else _("the moment of booking")
        return [(_("Price list"), options["price_list"]), (_("Prices hold from"), since)]

    def begin(self, *, options: Mapping[str, Any], principal: Any, reference: str) -> "ArticleSession":
        price_list = None
        if code := options.get("price_list"):
            price_list = PriceList.objects.filter(code=code).first()
            if price_list is None:
                raise InvalidInput(_("There is no price list %(code)s any more.") % {"code": code})
        day = parse_date(options.get("valid_from") or "")
        midnight = timezone.make_aware(dt.datetime.combine(day, dt.time())) if day else None
        return ArticleSession(price_list, midnight or timezone.now())
