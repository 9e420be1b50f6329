"""What of a product may be changed where it stands: its names, and the prices of its variants in a channel."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Product, Variant
from apps.catalogue.services.pricing import prices_in_force
from apps.catalogue.services.repricing import change_price
from apps.catalogue.services.updating import ProductChange, change_products
from apps.network.models import Channel
from apps.portal import formats
from apps.portal.amounts import AmountField
from apps.portal.filters import DayInput
from apps.portal.pages import Editable

MAY_EDIT = "catalogue.edit"


def name_label(locale: str) -> str:
    return _("Name in %(language)s") % {"language": formats.language(locale)}


def editable_name(locale: str) -> Editable:
    """The name of a product in one language."""

    def read(product: Product) -> str:
        return next((text.name for text in product.texts.all() if text.locale == locale), "")

    def save(product: Product, name: str) -> None:
        change_products(changes=[ProductChange(product, names={locale: name})])

    field = forms.CharField(label=name_label(locale), max_length=160)
    return Editable(name=f"name-{locale}", field=field, permission=MAY_EDIT, read=read, save=save, column="name")


def price_label(variant: Variant) -> str:
    options = ", ".join(str(value) for value in variant.options.values())
    return _("Price of %(variant)s") % {"variant": options or variant.sku}


def editable_prices(variants: Iterable[Variant], channel: Channel) -> list[Editable]:
    """The price of each variant in a channel: from now or a later day on, and why."""
    return [_editable_price(variant, channel) for variant in variants]


def _editable_price(variant: Variant, channel: Channel) -> Editable:
    def read(product: Product) -> Decimal | None:
        return prices_in_force(channel=channel, variant_ids=[variant.pk]).get(variant.pk)

    def save(product: Product, amount: Decimal, **when: Any) -> None:
        change_price(variant=variant, channel=channel, amount=amount, day=when.get("day"))

    return Editable(
        name=f"price-{variant.sku}",
        field=AmountField(label=price_label(variant), min_value=Decimal("0.01")),
        permission=MAY_EDIT,
        read=read,
        save=save,
        column="amount",
        extra={
            "day": forms.DateField(
                label=gettext_lazy("Price holds from"),
                required=False,
                widget=DayInput,
                help_text=gettext_lazy("Empty: from now on."),
            )
        },
        asks_reason=True,
        say=lambda amount: formats.money(amount, channel.currency),
    )
