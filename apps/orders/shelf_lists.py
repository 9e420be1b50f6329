"""Shelf lists of orders: what is still to be taken from a store's shelves, and the address at which such a list opens."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from apps.catalogue.models import Variant
from apps.inventory.handing_out import Stand, shelf_list
from apps.network.models import Location
from apps.orders.acts import IN_THE_BUILDING
from apps.orders.models import Order, OrderLine

Goods = list[tuple[Variant, Decimal]]


def shelf_list_url(goods: Iterable[tuple[str, Decimal]], *, location: str = "") -> str:
    """Where a list of (SKU, quantity) opens. All of it stands in the address, so nothing is kept of it."""
    asked = {"location": location} if location else {}
    asked["goods"] = "\n".join(f"{sku} {quantity.normalize():f}" for sku, quantity in goods)
    return f"{reverse('orders:shelf-list')}?{urlencode(asked)}"


def goods_of(order: Order) -> Goods:
    """What of an order the customer has not got yet, each article once."""
    lines = OrderLine.objects.filter(order=order, status__in=IN_THE_BUILDING)
    variants: dict[int, Variant] = {}
    wanted: dict[int, Decimal] = defaultdict(Decimal)
    for line in lines.select_related("variant__product").prefetch_related("variant__product__texts").order_by("line"):
        variants[line.variant_id] = line.variant
        wanted[line.variant_id] += _to_go(line)
    return [(variant, wanted[id_]) for id_, variant in variants.items() if wanted[id_] > 0]


def shelf_list_of(order: Order, *, location: Location) -> list[Stand]:
    """Where what is still to go of an order stands in a store; what the store holds for this order can be taken there."""
    held: dict[int, Decimal] = defaultdict(Decimal)
    promised = Q(order=order, location=location, demand__level__location=location, status__in=IN_THE_BUILDING)
    for line in OrderLine.objects.filter(promised):
        held[line.variant_id] += _to_go(line)
    return shelf_list(location=location, goods=goods_of(order), set_aside=held)


def _to_go(line: OrderLine) -> Decimal:
    return line.standing - line.quantity_fulfilled
