"""Products: what there is, in which variants, at what prices."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.editing import editable_name, editable_prices, name_label, price_label
from apps.catalogue.filters import ProductFilter
from apps.catalogue.gtins import shown
from apps.catalogue.matching import with_words
from apps.catalogue.models import WITHOUT_CATEGORY, Price, Product, ProductText, Variant
from apps.catalogue.services.pricing import price_steps
from apps.catalogue.services.selling import Offer, sellable_in
from apps.catalogue.showing import channel_shown
from apps.catalogue.tables import ProductTable, state_of, variants_said
from apps.network.models import Channel
from apps.portal import formats
from apps.portal.pages import Action, DetailPage, Editable, Fact, ListPage, Preset
from apps.portal.store import store_of


class ProductList(ListPage):
    permission = "catalogue.view"
    model = Product
    table_class = ProductTable
    filterset_class = ProductFilter
    search_fields = ("code", "texts__name")
    select_related = ("category",)
    prefetch_related = ("texts",)
    views = (
        Preset("now", gettext_lazy("On sale"), {"state": "now"}),
        Preset("soon", gettext_lazy("Not on sale yet"), {"state": "soon"}),
        Preset("ended", gettext_lazy("No longer on sale"), {"state": "ended"}),
        Preset("all", gettext_lazy("All"), counted=False),
    )
    # What history brought in has no category; it comes after what the stores sell.
    ordering = (WITHOUT_CATEGORY.asc(), "code")
    empty_icon = "tag"
    actions = (
        Action(
            label=gettext_lazy("Import"),
            route="imports:new",
            kwargs={"kind": "products"},
            permission="catalogue.edit",
            icon="upload",
        ),
    )

    @cached_property
    def channel(self) -> Channel | None:
        return channel_shown(store_of(self.request))

    def get_queryset(self) -> QuerySet[Product]:
        rows = super().get_queryset().annotate(variant_count=_variants())
        if self.channel is None:
            return rows.annotate(price=Value(None), currency=Value(""))
        return rows.annotate(price=_cheapest(self.channel), currency=Value(self.channel.currency))

    def search(self, rows: QuerySet[Product], text: str) -> QuerySet[Product]:
        return with_words(rows, text)

    def get_facts(self) -> list[Any]:
        return [_("prices of %(channel)s") % {"channel": self.channel}] if self.channel else []


def _variants() -> Coalesce:
    """How many variants a product has, as a column: counted for the rows shown; a join would count those of all products."""
    of_product = Variant.objects.filter(product=OuterRef("pk")).order_by().values("product")
    return Coalesce(Subquery(of_product.annotate(number=Count("pk")).values("number")), 0)


def _cheapest(channel: Channel) -> Subquery:
    """The price now of the cheapest variant of a product, as a column."""
    latest = Price.objects.filter(
        variant=OuterRef("pk"),
        price_list__channels=channel,
        price_list__currency=channel.currency,
        valid_from__lte=timezone.now(),
    ).order_by("-valid_from")
    priced = Variant.objects.filter(product=OuterRef("pk")).annotate(now=Subquery(latest.values("amount")[:1]))
    return Subquery(priced.filter(now__isnull=False).order_by("now").values("now")[:1])


PLANNED = dt.timedelta(days=3650)
"""How far ahead prices are shown that were set already."""


@dataclass(frozen=True)
class VariantRow:
    """A variant as its product's page shows it."""

    variant: Variant
    options: str
    gtins: list[str]
    offer: Offer
    price: Fact


class ProductPage(DetailPage):
    permission = "catalogue.view"
    model = Product
    lookup = "code"
    select_related = ("category",)
    prefetch_related = ("texts", "variants__gtins")
    template_name = "catalogue/product.html"
    back = ("catalogue:products", gettext_lazy("Products"))

    @cached_property
    def channel(self) -> Channel | None:
        return channel_shown(store_of(self.request))

    def get_sub(self) -> list[Any]:
        return [part for part in (self.object.code, self.object.category, self.object.brand) if part]

    def get_status(self) -> tuple[str, Any]:
        return state_of(self.object, timezone.localdate())

    def get_facts(self) -> list[Fact]:
        product = self.object
        facts = [
            Fact(_("Category"), product.category or "–"),
            Fact(_("Brand"), product.brand or "–"),
            Fact(_("VAT class"), product.get_vat_class_display()),
            Fact(_("Variants"), variants_said(len(product.variants.all()))),
        ]
        if product.active_until is not None:
            facts.append(Fact(_("On sale until"), product.active_until))
        return [*facts, *(Fact(name_label(t.locale), t.name, edit=f"name-{t.locale}") for t in self.texts)]

    @property  # not kept: what was changed where it stands is read again
    def texts(self) -> list[ProductText]:
        return sorted(self.object.texts.all(), key=lambda text: text.locale)

    @cached_property
    def variants(self) -> list[Variant]:
        variants = sorted(self.object.variants.all(), key=lambda v: v.sku)
        for variant in variants:
            variant.product = self.object
        return variants

    def get_editables(self) -> list[Editable]:
        names = [editable_name(text.locale) for text in self.texts]
        return [*names, *(editable_prices(self.variants, self.channel) if self.channel else [])]

    def get_editable_facts(self) -> list[Fact]:
        return [*self.get_facts(), *(row.price for row in self._rows(self.variants))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            channel=self.channel,
            rows=self._rows(self.variants),
            steps=self._steps(self.variants),
            texts=[text for text in self.texts if text.description],
            **kwargs,
        )

    def _rows(self, variants: list[Variant]) -> list[VariantRow]:
        offers: Mapping[int, Offer] = sellable_in(self.channel, variants=variants) if self.channel else {}
        rows = []
        for variant in variants:
            offer = offers.get(variant.pk) or Offer(None, "", None, None, None)
            options = ", ".join(str(value) for value in variant.options.values())
            gtins = sorted(shown(gtin.code) for gtin in variant.gtins.all())
            rows.append(VariantRow(variant, options, gtins, offer, self._price(variant, offer)))
        return rows

    def _price(self, variant: Variant, offer: Offer) -> Fact:
        """What a variant costs, with what must be said beside a reduction."""
        lowest, note = offer.lowest_price_30_days, ""
        if lowest is not None:
            note = _("lowest of 30 days before: %(lowest)s") % {"lowest": formats.money(lowest, offer.currency)}
        value = formats.money(offer.price, offer.currency) if offer.price is not None else "–"
        return Fact(price_label(variant), value, note=note, edit=f"price-{variant.sku}" if self.channel else "")

    def _steps(self, variants: list[Variant]) -> list[dict[str, Any]]:
        """How prices developed, newest first; variants that always cost the same share a row."""
        if self.channel is None:
            return []
        ahead = timezone.now() + PLANNED  # what is to come is told as well
        steps = price_steps(channel=self.channel, variant_ids=[v.pk for v in variants], at=ahead)
        shared: dict[tuple[Any, ...], list[Variant]] = {}
        for variant in variants:
            for step in steps.get(variant.pk, []):
                shared.setdefault((step.since, step.amount), []).append(variant)
        found = [
            {
                "since": since,
                "amount": amount,
                "variants": [] if len(of) == len(variants) else [variant.sku for variant in of],
            }
            for (since, amount), of in shared.items()
        ]
        return sorted(found, key=lambda row: row["since"], reverse=True)
