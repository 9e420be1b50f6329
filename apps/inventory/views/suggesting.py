"""Suggested transfers: what a location could ask of others, each with one act."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.inventory.services.transfers.suggesting import KEPT, LOW, PERIOD, suggest_transfers
from apps.inventory.tables import stock_url
from apps.network.models import Location
from apps.portal import formats
from apps.portal.filters import LongSelect
from apps.portal.narrowing import narrow_choices
from apps.portal.pages import PlainPage
from apps.portal.store import store_of


class ForLocation(forms.Form):
    """For which location."""

    location = forms.ModelChoiceField(
        label=_("Location"),
        queryset=Location.objects.all(),
        to_field_name="code",
        widget=LongSelect,
        empty_label=_("choose one"),
    )


class SuggestedTransfers(PlainPage):
    """What runs out in a location and lies elsewhere for weeks, what runs out first at the top."""

    permission = "inventory.transfer"
    rail = "inventory:transfers"
    template_name = "inventory/transfers_suggested.html"

    @cached_property
    def form(self) -> ForLocation:
        store = store_of(self.request)
        proposed = {"location": store.code} if store is not None else None
        form = ForLocation(self.request.GET if "location" in self.request.GET else proposed)
        narrow_choices(form, self.request.user)
        return form

    @property
    def location(self) -> Location | None:
        form = self.form
        return form.cleaned_data["location"] if form.is_bound and form.is_valid() else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        location = self.location
        return super().get_context_data(
            form=self.form,
            location=location,
            rows=self._rows(location) if location is not None else [],
            low=LOW,
            period=PERIOD,
            kept=KEPT,
            **kwargs,
        )

    def _rows(self, location: Location) -> list[dict[str, Any]]:
        suggestions = suggest_transfers(receiver_id=location.pk)
        visible = self.visible(Variant).select_related("product").prefetch_related("product__texts")
        variants = visible.in_bulk([one.variant_id for one in suggestions])
        return [
            {
                "variant": variants[one.variant_id],
                "url": stock_url(variants[one.variant_id].sku),
                "suggestion": one,
                "goods": f"{variants[one.variant_id].sku} {one.quantity:f}",
                "km": formats.quantity(str(one.km)) if one.km else "",
                "a_week": (one.per_day * 7).quantize(Decimal("0.1")),
                "days": one.days.quantize(Decimal(1)),
                "token": uuid.uuid4(),
            }
            for one in suggestions
            if one.variant_id in variants
        ]
