"""Columns of the product list."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.catalogue.models import Product
from apps.portal import formats
from apps.portal.tables import Column, Table, status_mark


def state_of(product: Product, day: dt.date) -> tuple[str, Any]:
    """Whether a product is on sale on a day, as tone and word."""
    if product.active_from > day:
        return "wait", _("Not on sale yet")
    if product.active_until is not None and product.active_until < day:
        return "idle", _("No longer on sale")
    return "ok", _("On sale")


class ProductTable(Table):
    """Products at the prices of one channel. `price` is that of the cheapest variant, `variant_count` how many there are."""

    name = Column(_("Product"), slot="title", linkify=True, clip=True, orderable=False)
    code = Column(_("Code"), slot="line", tight=True, dim=True)
    category = Column(_("Category"), slot="foot", clip=True, wide=46, order_by=("category__name",))
    brand = Column(_("Brand"), tight=True, dim=True, wide=70)
    variant_count = Column(
        _("Variants"),
        wide=54,
        attrs={"th": {"class": "num from-54"}, "td": {"class": "num tight dim from-54"}},
    )
    price = Column(_("Price"), orderable=False, attrs={"th": {"class": "num"}, "td": {"class": "num tight at-value"}})
    state = Column(_("Status"), slot="note", tight=True, empty_values=(), orderable=False)

    class Meta(Table.Meta):
        model = Product
        fields: tuple[str, ...] = ()

    def render_price(self, record: Any) -> str:
        price = formats.money(record.price, record.currency)
        return _("from %(price)s") % {"price": price} if record.variant_count > 1 else price

    def render_state(self, record: Product) -> str:
        return status_mark(*state_of(record, timezone.localdate()))


def variants_said(count: int) -> str:
    return ngettext("%(count)s variant", "%(count)s variants", count) % {"count": count}
