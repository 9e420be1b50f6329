"""Picking in the store: the list of what to pick, and one order line by line. Every tap is saved at once."""

from typing import Any

from django.db.models import F
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.core.errors import InvalidInput
from apps.core.reach import reach_of
from apps.network.models import Location
from apps.orders.acts import all_picked, is_possible, pickable, ready_to_lie, shippable
from apps.orders.forms import PickedForm
from apps.orders.models import LineStatus, Order, OrderLine
from apps.orders.promised import brought_at
from apps.orders.querysets import OrderQuerySet
from apps.orders.services.fulfilling import mark_ready, pick
from apps.orders.services.shortages import report_short
from apps.orders.views.own import OrderHere, OwnOrder
from apps.orders.waiting import TO_PICK, PickOrder, pick_lines, pick_orders, shelves_of, to_pick
from apps.orders.ways import sent
from apps.portal.pages import ActionPage, PlainPage
from apps.portal.store import store_of, stores_of

MOST_ORDERS = 60


class StoreWork(PlainPage, abstract=True):
    """Work in one store: the one the person is in, or another of theirs by `?store=`."""

    permission = "orders.fulfil"

    @cached_property
    def store(self) -> Location | None:
        asked = self.request.GET.get("store", "")
        return next((store for store in stores_of(self.request) if store.code == asked), store_of(self.request))

    def waiting(self) -> OrderQuerySet:
        """The orders of this store: to be collected there, or with goods that are sent from it."""
        orders: Any = self.visible(Order)
        return orders.handled_at(self.location_ids)

    @property
    def location_ids(self) -> frozenset[int]:
        return reach_of(self.request.user).location_ids if self.store is None else frozenset({self.store.pk})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stores = stores_of(self.request)
        return super().get_context_data(
            store=self.store, stores=stores if len(stores) > 1 else [], as_of=timezone.now(), **kwargs
        )


class PickList(StoreWork):
    """What to pick in this store: what is brought at a time by that time, then the order that waits longest first."""

    template_name = "orders/pick_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = to_pick(self.waiting(), self.location_ids)
        by_time = (F("slot_booking__slot__starts_at").asc(nulls_last=True), "placed_at", "id")
        orders = pick_orders(waiting.order_by(*by_time)[:MOST_ORDERS], self.location_ids)
        total = waiting.count() if len(orders) == MOST_ORDERS else len(orders)
        lines = sum(len(order.lines) for order in orders)
        return super().get_context_data(orders=orders, total=total, more=total - len(orders), lines=lines, **kwargs)


class PickOrderPage(OrderHere, ActionPage):
    """One order, line by line along the shelves. POST notes how many of a line were taken, or that everything was."""

    permission = "orders.fulfil"
    template_name = "orders/pick.html"
    part = "orders/_pick.html"

    def get_template_names(self) -> list[str]:
        return [self.part if self.is_swap else self.template_name]

    def get_title(self) -> Any:
        return _("Pick %(number)s") % {"number": self.object.number}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | self.get_lines(self.object)

    def get_lines(self, order: Order) -> dict[str, Any]:
        lines = list(order.lines.all())
        read = pick_lines(lines, shelves_of(lines))
        to_pick = [ln for ln in read if ln.line.status in TO_PICK] if is_possible(pickable, order, lines) else []
        return {
            "pick": PickOrder(order, to_pick),
            "set_aside": [ln for ln in read if ln.line.status in {LineStatus.READY, LineStatus.OPEN}],
            "is_complete": is_possible(all_picked, order, lines),
            "is_packable": is_possible(shippable, order, lines),
            "is_layable": is_possible(ready_to_lie, order, lines),
            "brought": brought_at(order) if sent(lines) else "",
        }

    def act(self) -> Order:
        order, actor = self.object, actor_of(self.request.user)
        if "everything" in self.request.POST:
            return pick(number=order.number, places=self.places, actor=actor)
        form = PickedForm(self.request.POST)
        if not form.is_valid():
            raise InvalidInput(_("Say of which line you took how many pieces."))
        picked = {form.cleaned_data["line"]: form.cleaned_data["picked"]}
        return pick(number=order.number, quantities=picked, places=self.places, actor=actor)

    def done(self, result: Any) -> HttpResponse:
        if not self.is_swap:
            return super().done(result)
        del self.object  # read again what the service wrote
        return self.render_to_response(self.get_context_data())

    def get_success_url(self, result: Any) -> str:
        return self.with_list(reverse("orders:pick", kwargs={"number": self.object.number}))


class NotFound(OrderHere, ActionPage):
    """A line is not on the shelf: it waits for other stock, and the store gets a task to count."""

    permission = "orders.fulfil"
    button = gettext_lazy("Report not found")
    danger = True
    gives_away = True

    @cached_property
    def line(self) -> OrderLine:
        line = next((ln for ln in self.object.lines.all() if ln.line == self.kwargs["line"]), None)
        if line is None:
            raise Http404
        return line

    def get_question(self) -> Any:
        return _("%(name)s is not there?") % {"name": self.line.name}

    def get_effect(self) -> Any:
        return _(
            "Nothing of this line is picked then, so put back what you took. Other stock is looked for, and %(sku)s is "
            "promised to nobody here until you have counted it."
        ) % {"sku": self.line.sku}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.line  # noqa: B018  (404 before anything is asked)
        return super().get_context_data(**kwargs) | {"back_url": self.pick_page}

    def act(self) -> Order:
        actor = actor_of(self.request.user)
        return report_short(number=self.object.number, line=self.line.line, places=self.places, actor=actor)

    def get_success_message(self, result: Order) -> Any:
        return _("%(name)s is reported as not found.") % {"name": self.line.name}

    def get_success_url(self, result: Order) -> str:
        return self.pick_page if self.still_sees(result) else reverse("orders:pick-list")

    @property
    def pick_page(self) -> str:
        return self.with_list(reverse("orders:pick", kwargs={"number": self.object.number}))


class MakeReady(OwnOrder, ActionPage):
    """Everything was picked: the order lies ready, and the customer is told."""

    permission = "orders.fulfil"
    rail = "orders:pick-list"
    button = gettext_lazy("Make ready")

    def get_question(self) -> Any:
        return _("Make order %(number)s ready?") % {"number": self.object.number}

    def get_effect(self) -> Any:
        if getattr(self.object, "contact", None) is not None and self.object.contact.email:
            return _("The customer gets a mail with the collect code.")
        return _("The customer left no e-mail address, so no mail is sent.")

    def act(self) -> Order:
        return mark_ready(number=self.object.number, actor=actor_of(self.request.user))

    def get_success_message(self, result: Order) -> Any:
        return _("Order %(number)s is ready to collect.") % {"number": result.number}

    def get_success_url(self, result: Any) -> str:
        return self.get_object_url() if self.list_behind.address else reverse("orders:pick-list")
