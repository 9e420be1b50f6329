"""The catalogue in the register of personal data: products are nobody."""

from apps.catalogue.models import Category, Gtin, PriceList, Product, ProductText, Variant, VatRate
from apps.core.privacy.register import declare

declare(Category, impersonal={"code", "name"})
declare(VatRate, impersonal={"country", "vat_class"})
declare(Product, impersonal={"code", "brand", "vat_class"})
declare(ProductText, impersonal={"locale", "name", "description"})
declare(Variant, impersonal={"sku", "options", "unit"})
declare(Gtin, impersonal={"code"})
declare(PriceList, impersonal={"code", "currency"})
