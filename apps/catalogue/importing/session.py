"""One pass over a file of articles: what each row would change, and writing it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from apps.catalogue.importing.flaws import AT_ODDS, NO_CATEGORY, NO_LIST, OTHER_PRODUCT, OTHER_UNIT, PRICED, TAKEN_GTIN
from apps.catalogue.models import Category, Gtin, Price, PriceList, Product, Variant, VatClass
from apps.catalogue.services.maintaining import NewPrice, NewProduct, NewVariant, add_products, set_prices
from apps.catalogue.services.updating import ProductChange, add_gtins, add_variants, change_products
from apps.portal import formats
from apps.portal.importing.kinds import Difference, Planned, Problem, Row, Session
from apps.portal.importing.values import MISSING

OF_PRODUCT = ("name", "name_en", "brand", "category", "vat_class")
LOCALES = {"name": "nl", "name_en": "en"}


@dataclass
class Article:
    """What is known of a row's SKU, and what the row says."""

    values: dict[str, Any]
    code: str
    variant: Variant | None
    product: Product | None
    adds_gtin: bool = False
    new_price: Decimal | None = None


class ArticleSession(Session):
    """One pass over a file of articles."""

    def __init__(self, price_list: PriceList | None, valid_from: dt.datetime) -> None:
        self.price_list = price_list
        self.valid_from = valid_from
        self.categories = {category.code: category for category in Category.objects.all()}
        self.of_products: dict[str, tuple[int, tuple[Any, ...]]] = {}  # product: row, what it says of the product
        self.of_gtins: dict[str, str] = {}  # GTIN: SKU, of this file

    # --- planning -----------------------------------------------------------------------------------------------------

    def plan(self, rows: Sequence[Row]) -> list[Planned]:
        skus = {row.values["sku"] for row in rows}
        variants = {
            v.sku: v
            for v in Variant.objects.filter(sku__in=skus)
            .select_related("product__category")
            .prefetch_related("product__texts", "gtins")
        }
        codes = {_code_of(row, variants) for row in rows}
        products = {
            p.code: p
            for p in Product.objects.filter(code__in=codes).select_related("category").prefetch_related("texts")
        }
        gtins = {row.values["gtin"] for row in rows if "gtin" in row.values}
        owners = dict(Gtin.objects.filter(code__in=gtins).values_list("code", "variant__sku"))
        prices = self._prices([v.pk for v in variants.values()])
        return [self._plan(row, variants, products, owners, prices) for row in rows]

    def _prices(self, variant_ids: Sequence[int]) -> dict[int, tuple[Decimal, dt.datetime]]:
        """The price in force at the moment the new ones begin, and since when: {variant: (amount, since)}."""
        if self.price_list is None:
            return {}
        rows = (
            Price.objects.filter(price_list=self.price_list, variant__in=variant_ids, valid_from__lte=self.valid_from)
            .order_by("variant_id", "-valid_from")
            .distinct("variant_id")
        )
        return {v: (amount, since) for v, amount, since in rows.values_list("variant_id", "amount", "valid_from")}

    def _plan(
        self,
        row: Row,
        variants: Mapping[str, Variant],
        products: Mapping[str, Product],
        owners: Mapping[str, str],
        prices: Mapping[int, tuple[Decimal, dt.datetime]],
    ) -> Planned:
        values = row.values
        sku, code = values["sku"], _code_of(row, variants)
        article = Article(values, code, variants.get(sku), products.get(code))
        planned = Planned(row.number, sku, is_new=article.variant is None, data=article)
        self._check_identity(planned, article)
        self._compare_product(planned, article)
        self._compare_gtin(planned, article, owners)
        self._compare_price(planned, article, prices)
        return planned

    def _check_identity(self, planned: Planned, article: Article) -> None:
        variant, values = article.variant, article.values
        if variant is None:
            unknown = article.product is None and article.code not in self.of_products
            if unknown and "name" not in values:
                planned.problems.append(Problem("name", "", MISSING))
            for name in ("product", "unit"):
                if name in values:
                    planned.differences.append(Difference(name, "", str(values[name])))
            return
        about = {"sku": variant.sku, "product": variant.product.code}
        if values.get("product", variant.product.code) != variant.product.code:
            planned.problems.append(Problem("product", values["product"], OTHER_PRODUCT, about))
        if values.get("unit", variant.unit) != variant.unit:
            planned.problems.append(Problem("unit", str(values["unit"]), OTHER_UNIT, about))

    def _compare_product(self, planned: Planned, article: Article) -> None:
        values, product = article.values, article.product
        category = values.get("category")
        if category is not None and category not in self.categories:
            planned.problems.append(Problem("category", category, NO_CATEGORY))
        says = tuple(values.get(name) for name in OF_PRODUCT)
        other, said = self.of_products.setdefault(article.code, (planned.number, says))
        for name, mine, theirs in zip(OF_PRODUCT, says, said, strict=True):
            if mine is not None and theirs is not None and mine != theirs:
                about = {"other": str(other), "product": article.code}
                planned.problems.append(Problem(name, str(mine), AT_ODDS, about))
        now = _as_it_is(product) if product is not None else {}
        for name in OF_PRODUCT:
            if name in values and now.get(name, "") != values[name]:
                planned.differences.append(Difference(name, now.get(name, ""), str(values[name])))

    def _compare_gtin(self, planned: Planned, article: Article, owners: Mapping[str, str]) -> None:
        gtin = article.values.get("gtin")
        if gtin is None:
            return
        owner = owners.get(gtin) or self.of_gtins.setdefault(gtin, planned.key)
        if owner != planned.key:
            planned.problems.append(Problem("gtin", gtin, TAKEN_GTIN, {"sku": owner}))
        elif gtin not in owners:
            article.adds_gtin = True
            known = [] if article.variant is None else sorted(g.code for g in article.variant.gtins.all())
            planned.differences.append(Difference("gtin", ", ".join(known), ", ".join([*known, gtin])))

    def _compare_price(
        self, planned: Planned, article: Article, prices: Mapping[int, tuple[Decimal, dt.datetime]]
    ) -> None:
        amount = article.values.get("price")
        if amount is None:
            return
        if self.price_list is None:
            planned.problems.append(Problem("price", f"{amount:f}", NO_LIST))
            return
        before = prices.get(article.variant.pk) if article.variant is not None else None
        if before is not None and before[0] == amount:
            return
        if before is not None and before[1] == self.valid_from:
            planned.problems.append(Problem("price", f"{amount:f}", PRICED))
            return
        article.new_price = amount
        currency = self.price_list.currency
        old = formats.money(before[0], currency) if before else ""
        planned.differences.append(Difference("price", old, formats.money(amount, currency)))

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self, planned: Sequence[Planned]) -> None:
        articles: list[Article] = [p.data for p in planned]
        made = self._add_products([a for a in articles if a.variant is None and a.product is None])
        added = add_variants(
            variants=[(a.product, _new_variant(a)) for a in articles if a.variant is None and a.product is not None]
        )
        change_products(changes=self._changes([a for a in articles if a.product is not None]))
        add_gtins(gtins=[(a.variant, a.values["gtin"]) for a in articles if a.variant is not None and a.adds_gtin])
        if self.price_list is not None:
            variants = made | added
            set_prices(
                price_list=self.price_list,
                prices=[
                    NewPrice(a.variant or variants[a.values["sku"]], a.new_price, self.valid_from)
                    for a in articles
                    if a.new_price is not None
                ],
            )

    def finish(self) -> str:
        return reverse("catalogue:products")

    def _add_products(self, articles: Sequence[Article]) -> dict[str, Variant]:
        together: dict[str, list[Article]] = {}
        for article in articles:
            together.setdefault(article.code, []).append(article)
        new = []
        for code, of_one in together.items():
            says: dict[str, Any] = {}
            for article in reversed(of_one):
                says |= {name: article.values[name] for name in OF_PRODUCT if name in article.values}
            new.append(
                NewProduct(
                    code=code,
                    texts={locale: (says[name], "") for name, locale in LOCALES.items() if name in says},
                    variants=[_new_variant(article) for article in of_one],
                    category=says.get("category", ""),
                    brand=says.get("brand", ""),
                    vat_class=says.get("vat_class", VatClass.STANDARD),
                )
            )
        return add_products(products=new) if new else {}

    def _changes(self, articles: Sequence[Article]) -> list[ProductChange]:
        changes: dict[str, tuple[Product, dict[str, Any], dict[str, str]]] = {}
        for article in articles:
            product, values = article.product, article.values
            assert product is not None
            now = _as_it_is(product)
            differs = {
                name: values[name] for name in OF_PRODUCT if name in values and now.get(name, "") != values[name]
            }
            if not differs:
                continue
            _same, fields, names = changes.setdefault(product.code, (product, {}, {}))
            for name, value in differs.items():
                if name in LOCALES:
                    names[LOCALES[name]] = value
                else:
                    fields[name] = self.categories[value] if name == "category" else value
        return [ProductChange(product, fields, names) for product, fields, names in changes.values()]


def _code_of(row: Row, variants: Mapping[str, Variant]) -> str:
    """The product a row is about: that of its variant, else the one it names, else one of its own."""
    variant = variants.get(row.values["sku"])
    return variant.product.code if variant is not None else row.values.get("product", row.values["sku"])


def _as_it_is(product: Product) -> dict[str, str]:
    texts = {text.locale: text.name for text in product.texts.all()}
    return {
        "name": texts.get("nl", ""),
        "name_en": texts.get("en", ""),
        "brand": product.brand,
        "category": product.category.code if product.category is not None else "",
        "vat_class": product.vat_class,
    }


def _new_variant(article: Article) -> NewVariant:
    values = article.values
    gtins = [values["gtin"]] if "gtin" in values else []
    return NewVariant(values["sku"], gtins, unit=values.get("unit", Variant.Unit.PIECE))
