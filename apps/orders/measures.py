"""What people order, as segments measure it: orders of every channel that were not called off."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Count, DecimalField, ExpressionWrapper, F, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import NullIf
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Category, Product, Variant
from apps.customers.segments.measures import Asked, Kind, Measure, register
from apps.customers.segments.own_measures import stores
from apps.orders.models import Order, OrderLine, OrderStatus

_GROUP = _("Orders")
_OF_LINE = "order__source_record__customer"
_NOT_BOUGHT = (OrderStatus.CANCELLED, OrderStatus.AWAITING_PAYMENT)


class Mode(Aggregate):
    """The value that comes up most."""

    function = "MODE"
    template = "mode() WITHIN GROUP (ORDER BY %(expressions)s)"
    name = "Mode"


def orders(asked: Asked) -> "QuerySet[Any]":
    """The orders that count: placed in the period, in the channel, and not called off."""
    rows = Order.objects.exclude(status__in=_NOT_BOUGHT)
    return asked.in_channel(asked.in_period(rows, "business_date"), "channel")


def lines(asked: Asked) -> "QuerySet[Any]":
    """The lines of such orders."""
    rows = OrderLine.objects.exclude(order__status__in=_NOT_BOUGHT).filter(quantity__gt=F("quantity_cancelled"))
    return asked.in_channel(asked.in_period(rows, "order__business_date"), "order__channel")


def _in_stores(asked: Asked) -> "QuerySet[Any]":
    return orders(asked).filter(channel__location__isnull=False)


def _categories() -> Sequence[tuple[str, Any]]:
    return list(Category.objects.order_by("name").values_list("code", "name"))


def _unknown_products(codes: Sequence[str]) -> list[str]:
    """Those that are neither the code of a product nor a SKU."""
    known = set(Product.objects.filter(code__in=codes).values_list("code", flat=True))
    known |= set(Variant.objects.filter(sku__in=codes).values_list("sku", flat=True))
    return [code for code in codes if code not in known]


def _of_products(asked: Asked) -> "QuerySet[Any]":
    variants = Variant.objects.filter(Q(product__code__in=asked.values) | Q(sku__in=asked.values))
    return lines(asked).filter(variant__in=variants.values("pk"))


register(
    Measure(
        name="orders.number",
        group=_GROUP,
        label=_("Number of orders"),
        said=_("ordered %(value)s×"),
        kind=Kind.NUMBER,
        rows=orders,
        by_period=True,
        by_channel=True,
        help=_("Online orders and purchases at a till alike."),
    ),
    Measure(
        name="orders.spent",
        group=_GROUP,
        label=_("Amount spent"),
        said=_("spent %(value)s"),
        kind=Kind.AMOUNT,
        rows=lambda asked: orders(asked).filter(currency=asked.currency),
        measured=Sum("total"),
        by_period=True,
        by_channel=True,
        help=_("The total of orders, before anything came back."),
    ),
    Measure(
        name="orders.last",
        group=_GROUP,
        label=_("Last order"),
        said=_("last ordered %(value)s"),
        kind=Kind.DAY,
        rows=orders,
        measured=Max("business_date"),
        by_channel=True,
    ),
    Measure(
        name="orders.first",
        group=_GROUP,
        label=_("First order"),
        said=_("first ordered %(value)s"),
        kind=Kind.DAY,
        rows=orders,
        measured=Min("business_date"),
        by_channel=True,
    ),
    Measure(
        name="orders.channels",
        group=_GROUP,
        label=_("Number of kinds of channels"),
        said=_("bought through %(value)s kinds of channels"),
        kind=Kind.NUMBER,
        rows=orders,
        measured=Count("channel__kind", distinct=True),
        by_period=True,
        help=_("Webshop, app, service desk, stores: whoever uses two or more buys in several ways."),
    ),
    Measure(
        name="orders.category",
        group=_GROUP,
        label=_("Bought of a category"),
        said=_("bought something of %(value)s"),
        said_not=_("bought nothing of %(value)s"),
        kind=Kind.ONE_OF,
        rows=lambda asked: lines(asked).filter(variant__product__category__code__in=asked.values),
        customer=_OF_LINE,
        by_period=True,
        by_channel=True,
        choices=_categories,
    ),
    Measure(
        name="orders.product",
        group=_GROUP,
        label=_("Bought a product"),
        said=_("bought %(value)s"),
        said_not=_("did not buy %(value)s"),
        kind=Kind.ONE_OF,
        rows=_of_products,
        customer=_OF_LINE,
        by_period=True,
        by_channel=True,
        unknown=_unknown_products,
        help=_("Codes of products or SKUs, with commas between them."),
    ),
    Measure(
        name="orders.store",
        group=_GROUP,
        label=_("Bought in a store"),
        said=_("bought in the store %(value)s"),
        said_not=_("did not buy in the store %(value)s"),
        kind=Kind.ONE_OF,
        rows=lambda asked: _in_stores(asked).filter(channel__location__code__in=asked.values),
        by_period=True,
        choices=stores,
    ),
    Measure(
        name="orders.favourite_store",
        group=_GROUP,
        label=_("Favourite store"),
        said=_("bought most often in the store %(value)s"),
        said_not=_("did not buy most often in the store %(value)s"),
        kind=Kind.ONE_OF,
        rows=_in_stores,
        measured=Mode("channel__location__code"),
        by_period=True,
        choices=stores,
    ),
    Measure(
        name="orders.returned",
        group=_GROUP,
        label=_("Share that came back"),
        said=_("brought back %(value)s of the pieces they got"),
        kind=Kind.SHARE,
        rows=lambda asked: lines(asked).filter(quantity_fulfilled__gt=0),
        customer=_OF_LINE,
        measured=ExpressionWrapper(
            Sum("quantity_returned") * Value(Decimal(100)) / NullIf(Sum("quantity_fulfilled"), Value(Decimal(0))),
            output_field=DecimalField(),
        ),
        by_period=True,
        by_channel=True,
        unit="%",
    ),
)
