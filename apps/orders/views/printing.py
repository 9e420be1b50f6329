"""Paper for orders: the list to pick by, the slip that goes into the parcel or the bag."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.languages import known_locale
from apps.orders.acts import TO_PICK
from apps.orders.models import LineStatus, Method, OrderLine
from apps.orders.promised import door_promise
from apps.orders.services.leaving import left_of
from apps.orders.views.own import OrderHere
from apps.orders.views.picking import PickList
from apps.portal.pages import Printed

_NOT_ON_THE_SLIP = frozenset({LineStatus.CANCELLED, LineStatus.RETURNED})
_NOT_IN_IT = frozenset({LineStatus.OPEN, *_NOT_ON_THE_SLIP})


class PrintedPickList(PickList, Printed):
    """The pick list on paper: order by order, along the shelves, with a box to tick."""

    title = _("Pick list")
    back = ("orders:pick-list", _("Pick list"))
    template_name = "orders/pick_list_printed.html"


class PackingSlip(OrderHere):
    """What is in this parcel or bag, in the language of the channel that took the order. No prices: it may be a present."""

    permission = "orders.fulfil"
    template_name = "orders/packing_slip.html"

    def get_title(self) -> Any:
        return _("Packing slip %(number)s") % {"number": self.object.number}

    def _way(self, ways: set[str]) -> str:
        """What the slip is for where both lie here: the parcel, unless the bag to collect is asked for (`way`)."""
        asked = self.request.GET.get("way", "")
        order_of_use = (asked, Method.DELIVERY, Method.COLLECT, Method.CARRY_OUT)
        return next((way for way in order_of_use if way in ways), self.object.method)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        here = [line for line in self.object.lines.all() if line.status not in _NOT_IN_IT]
        way = self._way({line.method for line in here})
        here = [line for line in here if line.method == way]
        left = left_of(self.object)
        others = OrderLine.objects.filter(order=self.object).exclude(pk__in=[line.pk for line in here])
        others = others.exclude(method=Method.CARRY_OUT)
        return super().get_context_data(**kwargs) | {
            "lines": [(line, _goes(line, left)) for line in here],
            "is_sent": way == Method.DELIVERY,
            "elsewhere": others.exclude(status__in=_NOT_ON_THE_SLIP).order_by("line"),
            "brought": door_promise(self.object) if self.object.slot and way == Method.DELIVERY else "",
            "written_in": known_locale(self.object.channel.locale),
            "as_of": timezone.now(),
            "back_url": reverse("orders:pick", kwargs={"number": self.object.number}),
            "back_label": self.object.number,
        }


def _goes(line: OrderLine, left: Mapping[int, Decimal]) -> Decimal:
    """How many of a line are for the slip: of one that has gone in part what still goes, of one that has gone all of it."""
    return line.standing - left.get(line.pk, Decimal(0)) if line.status in TO_PICK else line.standing
