"""Who may know for whom an order is: name, address, mail."""

from collections.abc import Iterable
from typing import Any

from apps.core.reach import reach_of
from apps.customers.models import SourceRecord
from apps.orders.acts import IN_THE_BUILDING
from apps.orders.models import LineStatus, Order, OrderLine, OrderStatus
from apps.orders.waiting import is_own, lines_here


class KnownContacts:
    """The orders whose contact a principal may know. Asks at most once for whom customers opened by a look-up stand.

    A store knows those who bought or collect there. For whom it only sends a parcel it must know as long as there is
    something to send, and no longer.
    """

    def __init__(self, principal: Any) -> None:
        self.principal = principal
        self.reach = reach_of(principal)
        self._opened: set[int] | None = None

    def knows(self, order: Order, lines: Iterable[OrderLine] = ()) -> bool:
        """`lines` are the order's, or those of them at hand; without them sending is no reason."""
        if not self.reach.may("customers.view"):
            return False
        if is_own(self.principal, order) or order.number in self.reach.granted("order"):
            return True
        return self._is_to_send(order, lines) or order.source_record_id in self._records()

    def _is_to_send(self, order: Order, lines: Iterable[OrderLine]) -> bool:
        waits = order.status != OrderStatus.AWAITING_PAYMENT
        to_send = IN_THE_BUILDING - {LineStatus.COMING}  # that goes to a store, not to the customer
        return waits and any(line.status in to_send for line in lines_here(self.principal, lines))

    def _records(self) -> set[int]:
        if self._opened is None:
            keys = list(self.reach.granted("customer"))
            found = SourceRecord.objects.filter(customer__key__in=keys).values_list("pk", flat=True) if keys else ()
            self._opened = set(found)
        return self._opened
