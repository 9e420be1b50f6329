"""What the acts on orders have in common: the person works where the order lies, or where its goods do."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from apps.core.reach import reach_of
from apps.orders.addresses import address_of
from apps.orders.knowing import KnownContacts
from apps.orders.models import Order, OrderLine
from apps.orders.querysets import OrderQuerySet
from apps.portal.pages import ObjectPage


class OwnOrder(ObjectPage, abstract=True):
    """An order of one's own stores. Another store's is a 404, also while its customer's access grant lets one see it."""

    model = Order
    select_related = ("location", "channel", "contact", "payment_account", "slot_booking__slot")

    def get_queryset(self) -> QuerySet[Any]:
        return self.own(super().get_queryset()).prefetch_related(
            Prefetch("lines", self.lines_at_hand().order_by("line"))
        )

    def own(self, orders: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = orders.filter(reach_of(self.request.user).q("location"))
        return rows

    def lines_at_hand(self) -> QuerySet[OrderLine]:
        return OrderLine.objects.all()


class OrderHere(OwnOrder, abstract=True):
    """An order with goods in one's own stores, to be collected or sent: its `lines` are those whose goods lie there."""

    rail = "orders:pick-list"

    def own(self, orders: Any) -> QuerySet[Any]:
        reach = reach_of(self.request.user)
        handled: OrderQuerySet = orders if reach.every_location else orders.handled_at(reach.location_ids)
        return handled

    def lines_at_hand(self) -> QuerySet[OrderLine]:
        return OrderLine.objects.filter(reach_of(self.request.user).q("location"))

    @property
    def places(self) -> frozenset[int] | None:
        """Where the person works; None for everywhere."""
        reach = reach_of(self.request.user)
        return None if reach.every_location else reach.location_ids

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        order = self.object
        known = KnownContacts(self.request.user).knows(order, order.lines.all())
        return context | {
            "contact": getattr(order, "contact", None) if known else None,
            "address": address_of(order) if known else None,
        }
