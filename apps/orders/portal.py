"""What the orders app puts on the portal."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.reach import reach_of
from apps.customers.services.lookup import identifier_source
from apps.orders.models import Order, OrderStatus
from apps.orders.scanning import match_collect_code, match_order
from apps.orders.searching import find_orders, open_order_given
from apps.orders.services.looking_up import BY_COLLECT_CODE, BY_NUMBER, person_of_collect_code, person_of_order
from apps.orders.timeline import purchases
from apps.orders.views.ordering import order_link
from apps.orders.views.shelf_list import shelf_list_link
from apps.orders.waiting import (
    count_to_collect,
    count_to_pick,
    own_orders,
    own_to_pick,
    pick_orders,
    stores_with_work,
    to_collect,
    works_in_stores,
)
from apps.portal import formats, registry
from apps.portal.contributions import Figure, Task, Tasks
from apps.portal.registry import Section

TASKS_SHOWN = 5


def pick_figure(principal: Any) -> Figure | None:
    """How many orders wait to be picked in the person's stores, and since when."""
    if not works_in_stores(principal):
        return None
    waiting = own_to_pick(principal)
    oldest = waiting.aggregate(since=Min("placed_at"))["since"]
    return Figure(
        name=_("Orders to pick"),
        value=str(waiting.count()),
        url=reverse("orders:pick-list"),
        change=_("The oldest since %(time)s") % {"time": formats.when(oldest)} if oldest else "",
        how=_("Orders to collect in your store or to send from it, with at least one line that is promised and waits."),
    )


def collect_figure(principal: Any) -> Figure | None:
    """How many orders lie ready for customers."""
    if not works_in_stores(principal):
        return None
    ready = to_collect(own_orders(principal))
    oldest = ready.aggregate(since=Min("ready_at"))["since"]
    return Figure(
        name=_("Ready to collect"),
        value=str(ready.count()),
        url=reverse("orders:collect"),
        change=_("The oldest since %(time)s") % {"time": formats.when(oldest)} if oldest else "",
        how=_("Orders with goods that lie ready in your store and were not handed over."),
    )


def short_figure(principal: Any) -> Figure | None:
    """How many orders could not be found in full, for those who look after the chain."""
    if works_in_stores(principal):
        return None
    short = Order.objects.visible_to(principal).filter(status=OrderStatus.OPEN)
    return Figure(
        name=_("Short orders"),
        value=str(short.count()),
        url=f"{reverse('orders:orders')}?view=short",
        how=_("Orders with a line that the store did not find and that waits for other stock."),
    )


def pick_tasks(principal: Any) -> Tasks | None:
    """The orders that wait longest to be picked."""
    if not works_in_stores(principal):
        return None
    waiting = own_to_pick(principal)
    oldest = pick_orders(waiting.order_by("placed_at", "id")[:TASKS_SHOWN], reach_of(principal).location_ids)
    tasks = [
        Task(
            what=_("Pick %(number)s") % {"number": pick.order.number},
            url=reverse("orders:pick", kwargs={"number": pick.order.number}),
            icon="clipboard-list",
            meta=_goods(pick),
            due=formats.when(pick.order.placed_at),
        )
        for pick in oldest
    ]
    total = waiting.count() if len(tasks) == TASKS_SHOWN else len(tasks)
    return Tasks(title=_("Orders to pick"), tasks=tasks, total=total, more_url=reverse("orders:pick-list"))


def waiting_stores(principal: Any) -> Tasks | None:
    """For those who look after the chain: the stores where customers' orders wait longest."""
    if works_in_stores(principal):
        return None
    stores = stores_with_work(Order.objects.visible_to(principal))
    tasks = [
        Task(
            what=store.name,
            url=f"{reverse('orders:orders')}?{urlencode({'view': 'waiting', 'location': store.code, 'sort': 'placed_at'})}",
            icon="store",
            meta=ngettext("%(count)s order to pick", "%(count)s orders to pick", store.orders)
            % {"count": store.orders},
            due=formats.when(store.oldest),
        )
        for store in stores[:TASKS_SHOWN]
    ]
    more_url = f"{reverse('orders:orders')}?view=waiting"
    return Tasks(title=_("Stores where orders wait longest"), tasks=tasks, total=len(stores), more_url=more_url)


def _goods(pick: Any) -> str:
    lines = len(pick.lines)
    said = ngettext("%(count)s line", "%(count)s lines", lines) % {"count": lines}
    contact = getattr(pick.order, "contact", None)
    return f"{said}, {contact.name}" if contact is not None and contact.name else said


registry.navigation(
    Section.SALES, gettext_lazy("Orders"), "orders:orders", "shopping-bag", "orders.view", order=10, key="o"
)
registry.navigation(
    Section.START,
    gettext_lazy("Pick list"),
    "orders:pick-list",
    "clipboard-list",
    "orders.fulfil",
    count_to_pick,
    order=30,
    store_order=20,
    store_label=gettext_lazy("Pick"),
    key="p",
)
registry.navigation(
    Section.START,
    gettext_lazy("Collect"),
    "orders:collect",
    "package-check",
    "orders.fulfil",
    count_to_collect,
    order=40,
    store_order=25,
    key="c",
)
registry.navigation(
    Section.RANGE, gettext_lazy("Shelf list"), "orders:shelf-list", "map-pin", "inventory.view", order=25
)
registry.today("orders.pick", pick_figure, "orders.fulfil", order=10)
registry.today("orders.collect", collect_figure, "orders.fulfil", order=20)
registry.today("orders.short", short_figure, "orders.view", order=30)
registry.tasks("orders.pick", pick_tasks, "orders.fulfil", order=10)
registry.tasks("orders.stores", waiting_stores, "orders.view", order=15)
registry.search(
    "order",
    gettext_lazy("Orders"),
    find_orders,
    "orders.view",
    icon="shopping-bag",
    order=10,
    list_route="orders:orders",
    look_up=open_order_given,
)
registry.scan("order", gettext_lazy("Order number"), match_order, "orders.view", icon="shopping-bag", order=10)
registry.scan(
    "collect code", gettext_lazy("Collect code"), match_collect_code, "orders.fulfil", icon="package-check", order=20
)
registry.scan_act(
    "product", "order", gettext_lazy("Order for a customer"), order_link, "orders.place", icon="shopping-bag", order=10
)
registry.scan_act(
    "product", "shelf list", gettext_lazy("Shelf list"), shelf_list_link, "inventory.view", icon="map-pin", order=25
)
registry.timeline("orders", purchases, "orders.view")
registry.panel(
    "customers.customer",
    "open-orders",
    gettext_lazy("Open orders"),
    "orders:open-of-customer",
    "customers.view",
    order=10,
)
registry.panel(
    "orders.order",
    "sources",
    gettext_lazy("Where it comes from"),
    "orders:sources",
    "inventory.view_everywhere",
    order=30,
    side=True,
)
identifier_source(BY_NUMBER, person_of_order)
identifier_source(BY_COLLECT_CODE, person_of_collect_code)
registry.topic("order.placed", gettext_lazy("Placed"))
registry.topic("order.ready", gettext_lazy("Ready to collect"))
registry.topic("order.fulfilled", gettext_lazy("Goods went to the customer"))
registry.topic("order.refused", gettext_lazy("A store could not give it"))
registry.topic("order.rerouted", gettext_lazy("Delivered another way"))
registry.topic("order.cancelled", gettext_lazy("Cancelled in part or whole"))
