"""A variant's stock: per location, and why a figure is what it is."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Product, Variant
from apps.core.reach import reach_of
from apps.inventory.consigned import said_of_owner
from apps.inventory.models import Condition, Consignment, Method, StockLevel, StockMovement
from apps.inventory.recalled import recall_of
from apps.inventory.services.availability import THOUSAND, free_stock
from apps.inventory.services.explaining import Explanation, LocationSum, Rule, explain
from apps.inventory.services.keeping import rules
from apps.inventory.standing import LISTED, apart_of, piles_at, shipping_sums, standing_of, sums_of
from apps.inventory.tables import CONDITION_TONES, stock_url
from apps.inventory.views.requesting import ask_url
from apps.network.directory import locations
from apps.network.models import Channel
from apps.portal import formats
from apps.portal.access import may
from apps.portal.pages import Action, DetailPage, Fact, ObjectPage, PanelView
from apps.portal.store import store_of

_MOVEMENTS = 20


class VariantStock(DetailPage):
    """What there is of a variant, nearest first, to shelf level, and what moved last."""

    permission = "inventory.view"
    model = Variant
    lookup = "sku"
    select_related = ("product",)
    prefetch_related = ("product__texts",)
    template_name = "inventory/variant.html"
    back = ("inventory:stock", gettext_lazy("Stock"))
    actions = (
        Action(
            label=gettext_lazy("Recall"),
            route="inventory:recall-this",
            permission="inventory.recall",
            icon="octagon-alert",
            danger=True,
        ),
        Action(label=gettext_lazy("Move"), route="inventory:move", permission="inventory.receive", icon="move"),
        Action(
            label=gettext_lazy("Correct stock"),
            route="inventory:correct",
            permission="inventory.adjust",
            icon="pencil",
        ),
        Action(
            label=gettext_lazy("Why this number?"), route="inventory:why", permission="inventory.view", icon="receipt"
        ),
    )

    def get_title(self) -> Any:
        return self.object.name

    def get_sub(self) -> list[Any]:
        whose = said_of_owner(self.object, consignments=self.visible(Consignment), store=store_of(self.request))
        as_of = _("as of %(time)s") % {"time": formats.clock(self.explanation.as_of)}
        return [self.object.sku, as_of, *([whose] if whose else [])]

    @cached_property
    def _sums(self) -> tuple[Explanation, int]:
        return sums_of(
            self.object,
            levels=self.visible(StockLevel),
            store=store_of(self.request),
            method=Method.COLLECT,
            limit=LISTED,
        )

    @property
    def explanation(self) -> Explanation:
        return self._sums[0]

    def get_facts(self) -> list[Fact]:
        standing = standing_of(self.object, store=None)
        why = reverse("inventory:why", kwargs={"sku": self.object.sku})
        product = self.object.product
        return [
            Fact(_("Can be sent"), formats.quantity(standing.delivery), url=f"{why}?method=delivery"),
            Fact(
                _("Locations that know it"),
                self._sums[1],
                url=f"{reverse('inventory:stock')}?view=all&q={self.object.sku}",
            ),
            Fact(_("Product"), product.name, url=product.get_absolute_url()),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = self.visible(StockLevel).filter(reach_of(self.request.user).q("location"))
        booked_last = (
            self.visible(StockMovement)
            .filter(variant=self.object)
            .select_related("from_location", "to_location", "from_place", "to_place", "from_owner", "to_owner")
            .order_by("-recorded_at", "-pk")[:_MOVEMENTS]
        )
        why = reverse("inventory:why", kwargs={"sku": self.object.sku})
        store = store_of(self.request)
        piles = piles_at(store, self.object) if store is not None else []
        return super().get_context_data(
            recall=recall_of(self.object),
            store=store,
            piles=[(condition, Condition(condition).label, code, n) for condition, code, n in piles],
            sums=[
                sum_row(one, why=f"{why}?method=collect&location={one.location.code}") | {"ask": self._ask(one)}
                for one in self.explanation.sums
            ],
            asks=store_of(self.request) is not None and may(self.request.user, "inventory.transfer"),
            more=max(0, self._sums[1] - LISTED),
            all_url=f"{reverse('inventory:stock')}?view=all&q={self.object.sku}",
            apart=[
                (level, CONDITION_TONES[level.condition]) for level in apart_of(self.object, levels=own, limit=LISTED)
            ],
            movements=sorted(booked_last, key=lambda move: move.occurred_at, reverse=True),
            **kwargs,
        )

    def _ask(self, one: LocationSum) -> str:
        """Where somebody in a store asks another location for what it has; blank where that makes no sense."""
        store = store_of(self.request)
        is_elsewhere = store is not None and one.location.id != store.pk
        has_some = one.part(Rule.ON_HAND) + one.part(Rule.RESERVED) + one.part(Rule.LAPSED) + one.part(Rule.SAFETY) > 0
        return ask_url(self.object.sku, sender=one.location.code) if is_elsewhere and has_some else ""


def sum_row(one: LocationSum, *, why: str) -> dict[str, Any]:
    """A location's sum as a row of a table; `why` is the address of the sum itself."""
    return {
        "location": one.location,
        "why": why,
        "on_hand": one.part(Rule.ON_HAND),
        "reserved": one.part(Rule.RESERVED) + one.part(Rule.LAPSED),
        "safety": one.part(Rule.SAFETY),
        "available": one.promisable,
        "oversold": one.oversold,
        "shelves": ", ".join(f"{e.key}: {formats.quantity(e.quantity)}" for e in one.terms[0].evidence),
        "state": _state(one),
    }


def _state(one: LocationSum) -> tuple[str, Any]:
    if one.oversold or one.part(Rule.ON_HAND) < 0:
        return "bad", _("Sold beyond stock")
    if one.part(Rule.NOT_OFFERED):
        return "idle", _("Does not take part")
    return ("ok", _("Free")) if one.promisable else ("wait", _("Nothing free"))


class WhyPage(ObjectPage):
    """The sum behind a figure of availability as a receipt, and the same sum at every location that takes part."""

    permission = "inventory.view"
    model = Variant
    lookup = "sku"
    select_related = ("product",)
    prefetch_related = ("product__texts",)
    template_name = "inventory/why.html"

    @cached_property
    def method(self) -> Method:
        asked = self.request.GET.get("method", "")
        if asked in Method.values:
            return Method(asked)
        # In a store the question is what a customer can collect; for the whole chain what can be sent.
        in_store = store_of(self.request) is not None or self.request.GET.get("location")
        return Method.COLLECT if in_store else Method.DELIVERY

    @cached_property
    def code(self) -> str:
        """The location asked about; in a store that store, when nothing was asked."""
        asked = self.request.GET.get("location", "").replace("\x00", "")
        store = store_of(self.request)
        return asked or (store.code if store is not None else "")

    @cached_property
    def channels(self) -> list[Channel]:
        """The channels that keep something back of what can be sent."""
        return [channel for channel in Channel.objects.order_by("code") if rules().has_threshold(channel.code)]

    @cached_property
    def channel(self) -> str:
        """The channel asked about; blank for the chain as it is."""
        asked = self.request.GET.get("channel", "")
        return asked if asked in {channel.code for channel in self.channels} else ""

    @cached_property
    def explanation(self) -> Explanation:
        levels = self.visible(StockLevel)
        if self.method == Method.DELIVERY:
            return shipping_sums(self.object, levels=levels, channel=self.channel)
        return sums_of(self.object, levels=levels, store=store_of(self.request), method=Method.COLLECT, limit=LISTED)[0]

    @cached_property
    def one(self) -> LocationSum | None:
        """The location taken apart: the one asked for, else the first that takes part."""
        sums = self.explanation.sums
        found = next((one for one in sums if one.location.code == self.code), None)
        if found is not None or not self.request.GET.get("location"):
            return found or next(iter(sums), None)
        return self._elsewhere()

    def _elsewhere(self) -> LocationSum:
        """A location further away than those listed; unknown or out of reach is not found."""
        entry = locations(code=self.code).by_code.get(self.code)
        seen = self.visible(StockLevel).filter(
            variant=self.object, condition="saleable", location=entry.id if entry else 0
        )
        if entry is None or not seen.exists():
            raise Http404
        return explain(variant_id=self.object.pk, locations=[entry], method=self.method).sums[0]

    def get_title(self) -> Any:
        figure = (
            self.explanation.available if self.method == Method.DELIVERY else (self.one.promisable if self.one else 0)
        )
        return _("Why %(figure)s available?") % {"figure": formats.quantity(figure)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        why = reverse("inventory:why", kwargs={"sku": self.object.sku})
        sums = self.explanation.sums
        taking_part = [one for one in sums if not one.part(Rule.NOT_OFFERED)]
        return super().get_context_data(
            back_url=stock_url(self.object.sku),
            back_label=self.object.name,
            methods=[(value, label, f"{why}?method={value}") for value, label in Method.choices],
            method=self.method,
            explanation=self.explanation,
            total=self.explanation.available,
            at_locations=self.explanation.at_locations,
            together=[_term(term) for term in self.explanation.terms],
            channels=self._channels(f"{why}?method=delivery") if self.method == Method.DELIVERY else [],
            channel=self.channel,
            with_some=sum(1 for one in sums if one.promisable),
            one=self.one,
            terms=[_term(term) for term in self.one.terms] if self.one else [],
            why=why,
            near=store_of(self.request) is not None,
            whose=said_of_owner(self.object, consignments=self.visible(Consignment), store=store_of(self.request)),
            rows=[sum_row(one, why=f"{why}?method={self.method}&location={one.location.code}") for one in taking_part],
            **kwargs,
        )

    def _channels(self, why: str) -> list[tuple[str, Any, str]]:
        named = [(channel.code, channel.name, f"{why}&channel={channel.code}") for channel in self.channels]
        return [("", _("Every channel"), why), *named] if named else []


def _term(term: Any) -> dict[str, Any]:
    return {
        "label": term.rule.label,
        "amount": formats.quantity(term.quantity),
        "because": _because(term.rule, term.evidence),
    }


def _because(rule: Rule, evidence: Any) -> str:
    if rule == Rule.DRIFT:
        return _("Its tills told of sales until %(time)s") % {
            "time": formats.when(dt.datetime.fromisoformat(evidence[0].key))
        }
    if rule == Rule.ON_HAND:
        return ", ".join(f"{e.key}: {formats.quantity(e.quantity)}" for e in evidence) or _("no shelf known")
    if evidence:
        said = ", ".join(f"{e.key}: {formats.quantity(e.quantity)}" for e in evidence[:3])
        rest = len(evidence) - 3
        return _("%(goods)s and %(count)s more") % {"goods": said, "count": rest} if rest > 0 else said
    if rule == Rule.SAFETY:
        return _("Kept for customers who are in the store")
    if rule == Rule.THRESHOLD:
        return _("The channel stops selling before the last piece")
    if rule == Rule.NOT_OFFERED:
        return _("This location does not fulfil orders this way")
    return ""


class ProductStock(PanelView):
    """On a product's page: what there is of each variant here, near by and for delivery."""

    permission = "inventory.view"
    model = Product
    lookup = "code"
    prefetch_related = ("texts", "variants")
    template_name = "inventory/_product_stock.html"
    title = gettext_lazy("Stock")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(rows=self._rows(), store=store_of(self.request), **kwargs)

    def _rows(self) -> list[dict[str, Any]]:
        store = store_of(self.request)
        variants = sorted(self.object.variants.all(), key=lambda v: v.sku)
        directory, stock = free_stock([variant.sku for variant in variants])
        rows = []
        for variant in variants:
            variant.product = self.object
            free = stock.get(variant.sku)
            rows.append(
                {
                    "variant": variant,
                    "url": stock_url(variant.sku),
                    "here": Decimal(free.collect.get(store.pk, 0) if free else 0) / THOUSAND if store else None,
                    "locations": len(free.collect) if free else 0,
                    "delivery": Decimal(free.sent_from(directory.shipping, "") if free else 0) / THOUSAND,
                }
            )
        return rows
