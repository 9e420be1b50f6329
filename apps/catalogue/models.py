"""What is sold: products, variants, their codes, texts, VAT and prices."""

import datetime as dt

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.db.models.lookups import IsNull
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.catalogue.querysets import CategoryQuerySet, ProductQuerySet, VariantQuerySet
from apps.core.audit.triggers import audited, audited_when_added
from apps.core.money import CurrencyField, UnitPriceField, VatRateField
from apps.core.spelling import Plain
from apps.network.models import Channel

# The product that a row belongs to, for the audit trail.
_PRODUCT = "SELECT code FROM catalogue_product WHERE id = row.product_id"
_PRODUCT_OF_VARIANT = (
    "SELECT product.code FROM catalogue_product AS product JOIN catalogue_variant AS variant "
    "ON variant.product_id = product.id WHERE variant.id = row.variant_id"
)


class Category(models.Model):
    code = models.CharField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=80)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, verbose_name=_("parent"))

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class VatClass(models.TextChoices):
    STANDARD = "standard", _("Standard")
    REDUCED = "reduced", _("Reduced")
    ZERO = "zero", _("Zero")
    UNKNOWN = "unknown", _("Unknown")


class VatRate(models.Model):
    """The percentage of a VAT class in a country from a day on."""

    country = models.CharField(_("country"), max_length=2)
    vat_class = models.CharField(_("VAT class"), max_length=8, choices=VatClass.choices)
    rate = VatRateField(_("rate"))
    valid_from = models.DateField(_("valid from"), default=dt.date(2000, 1, 1))

    class Meta:
        verbose_name = _("VAT rate")
        verbose_name_plural = _("VAT rates")
        constraints = [
            models.UniqueConstraint(fields=["country", "vat_class", "valid_from"], name="one_vat_rate_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.vat_class} {self.rate}%"


WITHOUT_CATEGORY = IsNull(F("category"), True)
"""Products that nobody gave a category, such as those of old orders, come after the others; a list in this order has an index."""


class Product(models.Model):
    """What a customer recognises as one article; it is bought as one of its variants."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, verbose_name=_("category"))
    brand = models.CharField(_("brand"), max_length=60, blank=True)
    vat_class = models.CharField(_("VAT class"), max_length=8, choices=VatClass.choices, default=VatClass.STANDARD)
    active_from = models.DateField(_("active from"), default=dt.date(2000, 1, 1))
    active_until = models.DateField(_("active until"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        triggers = [audited("product", key="row.code", table="catalogue_product", unsaid=("changed_at",))]
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["code"]
        indexes = [
            models.Index(OpClass(Upper("code"), name="text_pattern_ops"), name="product_code_begins"),
            models.Index(WITHOUT_CATEGORY, "code", "id", name="product_listed"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalogue:product", kwargs={"code": self.code})

    @property
    def name(self) -> str:
        """The name in the reader's language, else in whichever exists."""
        return self.text.name if self.text else self.code

    @property
    def text(self) -> "ProductText | None":
        """The words in the reader's language, else in whichever exists."""
        texts = {text.locale: text for text in self.texts.all()}
        language = (get_language() or "nl")[:2]
        return texts.get(language) or texts.get("nl") or texts.get("en") or next(iter(texts.values()), None)


class ProductText(models.Model):
    """A product's words in one language (nl, en, de, fr)."""

    product = models.ForeignKey(
        Product, models.CASCADE, related_name="texts", db_index=False, verbose_name=_("product")
    )
    locale = models.CharField(_("language"), max_length=8)
    name = models.CharField(_("name"), max_length=160)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        triggers = [audited("product", key=_PRODUCT, table="catalogue_producttext")]
        verbose_name = _("product text")
        verbose_name_plural = _("product texts")
        constraints = [models.UniqueConstraint(fields=["product", "locale"], name="one_text_a_language")]
        indexes = [GinIndex(OpClass(Plain("name"), name="gin_trgm_ops"), name="product_name_trigrams")]

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """What is sold and stocked. `unit` says whether a fraction of it can be sold."""

    class Unit(models.TextChoices):
        PIECE = "piece", _("piece")
        KILOGRAM = "kg", _("kilogram")
        METRE = "m", _("metre")
        LITRE = "l", _("litre")

    product = models.ForeignKey(Product, models.PROTECT, related_name="variants", verbose_name=_("product"))
    sku = models.CharField(_("SKU"), max_length=40, unique=True)
    options = models.JSONField(_("options"), default=dict, blank=True)
    unit = models.CharField(_("unit"), max_length=8, choices=Unit.choices, default=Unit.PIECE)
    active_from = models.DateField(_("active from"), default=dt.date(2000, 1, 1))
    active_until = models.DateField(_("active until"), null=True, blank=True)

    objects = VariantQuerySet.as_manager()

    class Meta:
        triggers = [audited("product", key=_PRODUCT, table="catalogue_variant", unsaid=("changed_at",))]
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["sku"]
        indexes = [models.Index(OpClass(Upper("sku"), name="text_pattern_ops"), name="variant_sku_begins")]

    def __str__(self) -> str:
        return self.sku

    def get_absolute_url(self) -> str:
        """Its line on the page of its product."""
        return f"{self.product.get_absolute_url()}#{self.sku}"

    @property
    def name(self) -> str:
        options = ", ".join(str(value) for value in self.options.values())
        return f"{self.product.name}, {options}" if options else self.product.name

    @property
    def allows_fractions(self) -> bool:
        return self.unit != self.Unit.PIECE


class Gtin(models.Model):
    """A bar code of a variant, as 14 digits; a variant has any number of them, a code belongs to one variant."""

    variant = models.ForeignKey(Variant, models.PROTECT, related_name="gtins", verbose_name=_("variant"))
    code = models.CharField(_("GTIN"), max_length=14, unique=True)

    class Meta:
        triggers = [
            audited("product", key=_PRODUCT_OF_VARIANT, table="catalogue_gtin"),
            audited_when_added("product", key=_PRODUCT_OF_VARIANT, table="catalogue_gtin"),
        ]
        verbose_name = _("GTIN")
        verbose_name_plural = _("GTINs")

    def __str__(self) -> str:
        return self.code


class PriceList(models.Model):
    """Prices that several channels share, in one currency. Consumer prices include VAT."""

    code = models.CharField(_("code"), max_length=32, unique=True)
    currency = CurrencyField(_("currency"))
    channels = models.ManyToManyField(Channel, related_name="price_lists", verbose_name=_("channels"))

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")

    def __str__(self) -> str:
        return self.code


class Price(models.Model):
    """The price of a variant on a list from a moment on, until the next row. Rows are never edited: history counts."""

    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="prices", db_index=False, verbose_name=_("variant")
    )
    price_list = models.ForeignKey(PriceList, models.PROTECT, related_name="prices", verbose_name=_("price list"))
    amount = UnitPriceField(_("amount"))
    valid_from = models.DateTimeField(_("valid from"), default=timezone.now)

    class Meta:
        triggers = [
            audited("product", key=_PRODUCT_OF_VARIANT, table="catalogue_price"),
            audited_when_added("product", key=_PRODUCT_OF_VARIANT, table="catalogue_price"),
        ]
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.UniqueConstraint(fields=["variant", "price_list", "valid_from"], name="one_price_at_a_time"),
            models.CheckConstraint(name="price_not_negative", condition=Q(amount__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.variant} {self.amount}"
