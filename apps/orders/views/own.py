"""What the acts on orders have in common: the order lies in a store that the person works for."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from apps.core.reach import reach_of
from apps.orders.models import Order, OrderLine
from apps.portal.pages import ObjectPage


class OwnOrder(ObjectPage, abstract=True):
    """An order of one's own stores. Another store's is a 404, also while its customer's access grant lets one see it."""

    model = Order
    select_related = ("location", "channel", "contact", "payment_account")

    def get_queryset(self) -> QuerySet[Any]:
        lines = Prefetch("lines", OrderLine.objects.order_by("line"))
        return super().get_queryset().filter(reach_of(self.request.user).q("location")).prefetch_related(lines)
