"""What the orders app puts on the portal."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.reach import reach_of
from apps.customers.figures.counting import bought_at
from apps.customers.review.reasons import reason_source
from apps.customers.services.belongings import belonging
from apps.customers.services.lookup import Purpose, identifier_source
from apps.customers.timeline import VISITS
from apps.orders.expected import short_orders
from apps.orders.guiding import first_and_last_bought, waiting_for_order
from apps.orders.models import Order
from apps.orders.near import bought_in_stores, orders_near
from apps.orders.scanning import match_collect_code, match_order, note_unknown
from apps.orders.searching import find_orders, open_order_given
from apps.orders.services.looking_up import BY_COLLECT_CODE, BY_NUMBER, person_of_collect_code, person_of_order
from apps.orders.timeline import Collections, Purchases
from apps.orders.views.ordering import order_link
from apps.orders.views.shelf_list import shelf_list_link
from apps.orders.work import KINDS
from apps.portal import registry
from apps.portal.contributions import Figure, Through
from apps.portal.discretion import Tag
from apps.portal.registry import Section
from apps.service.guidance.states import State, matter, purchases_from


def short_figure(principal: Any) -> Figure | None:
    """How many orders could not be found in full, for those who look after the chain."""
    if not reach_of(principal).every_location:
        return None
    short = Order.objects.visible_to(principal).filter(short_orders())
    return Figure(
        name=_("Short orders"),
        value=str(short.count()),
        url=f"{reverse('orders:orders')}?view=short",
        how=_(
            "Orders with a line that was not found and waits for other stock, or whose delivery nobody announces any more."
        ),
    )


registry.navigation(
    Section.SALES, gettext_lazy("Orders"), "orders:orders", "shopping-bag", "orders.view", order=10, key="o"
)
registry.navigation(
    Section.START,
    gettext_lazy("Pick list"),
    "orders:pick-list",
    "clipboard-list",
    "orders.fulfil",
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
    order=40,
    store_order=25,
    key="c",
)
registry.navigation(
    Section.RANGE, gettext_lazy("Shelf list"), "orders:shelf-list", "map-pin", "inventory.view", order=25
)
for kind in KINDS:
    registry.work(kind)
registry.today("orders.short", short_figure, "orders.view", order=30)
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
registry.scan(
    "order",
    gettext_lazy("Order number"),
    match_order,
    "orders.view",
    icon="shopping-bag",
    order=10,
    unknown=note_unknown,
)
registry.scan(
    "collect code", gettext_lazy("Collect code"), match_collect_code, "orders.fulfil", icon="package-check", order=20
)
registry.scan_act(
    "product", "order", gettext_lazy("Order for a customer"), order_link, "orders.place", icon="shopping-bag", order=10
)
registry.scan_act(
    "product", "shelf list", gettext_lazy("Shelf list"), shelf_list_link, "inventory.view", icon="map-pin", order=25
)
OF_THEMSELVES = {
    "loyalty_card",
    BY_NUMBER,
    BY_COLLECT_CODE,
    "receipt",
    "sign_up",
}  # who shows these means what they bought
registry.datum("orders.history", gettext_lazy("What they bought before"), Tag.DISCREET, opens_with=OF_THEMSELVES)
registry.datum("orders.open", gettext_lazy("Open orders"), Tag.OPEN)
registry.datum("orders.spend", gettext_lazy("What they spend"), Tag.DISCREET, by_purpose={Purpose.COUNTER: Tag.HIDDEN})
registry.timeline(
    "orders",
    Purchases(),
    "orders.view",
    label=gettext_lazy("Orders"),
    through={Through.STORE, Through.ONLINE},
    order=10,
    datum="orders.history",
)
registry.timeline(
    "collections",
    Collections(),
    "orders.view",
    kind=VISITS,
    label=gettext_lazy("Visits"),
    through={Through.STORE},
    order=26,
    datum="orders.history",
)
registry.panel(
    "inventory.sourcingprofile",
    "dry-runs",
    gettext_lazy("Tried out"),
    "orders:dry-runs-of",
    "inventory.sourcing",
    order=10,
)
registry.panel(
    "customers.customer",
    "open-orders",
    gettext_lazy("Open orders"),
    "orders:open-of-customer",
    "customers.view",
    order=10,
    datum="orders.open",
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
registry.panel(
    "inventory.recall", "orders", gettext_lazy("Orders with it"), "orders:of-recall", "orders.view", order=10
)
reason_source("orders", orders_near)
purchases_from(first_and_last_bought, datum="orders.history")
matter(State(name="order", label=gettext_lazy("Waits for an order"), order=40, datum="orders.open"), waiting_for_order)
bought_at(bought_in_stores)
identifier_source(BY_NUMBER, person_of_order)
identifier_source(BY_COLLECT_CODE, person_of_collect_code)
registry.topic("order.placed", gettext_lazy("Placed"))
registry.topic("order.paid", gettext_lazy("Payment told of"))
registry.topic("order.picked", gettext_lazy("Picked"))
registry.topic("order.returned", gettext_lazy("Goods came back"))
registry.topic("order.ready", gettext_lazy("Ready to collect"))
registry.topic("order.fulfilled", gettext_lazy("Goods went to the customer"))
registry.topic("order.moved", gettext_lazy("Comes from elsewhere: a till sold it"))
registry.topic("order.refused", gettext_lazy("A store could not give it"))
registry.topic("order.parcel_left", gettext_lazy("A parcel left"))
registry.topic("order.reminded", gettext_lazy("Reminded to collect"))
registry.topic("order.kept_longer", gettext_lazy("Kept longer for the customer"))
registry.topic("order.sent_on", gettext_lazy("On its way to the store"))
registry.topic("order.arrived", gettext_lazy("Came to the store"))
registry.topic("order.lost_on_the_way", gettext_lazy("Not all of it came"))
registry.topic("order.rerouted", gettext_lazy("Delivered another way"))
registry.topic("order.time_changed", gettext_lazy("Brought at another time"))
registry.topic("order.time_kept", gettext_lazy("Brought by another store, at the same time"))
registry.topic("order.readdressed", gettext_lazy("Goes to another address"))
registry.topic("order.cancelled", gettext_lazy("Cancelled in part or whole"))

belonging(
    "orders",
    gettext_lazy("Orders"),
    lambda records: Order.objects.filter(source_record__in=records).count(),
    order=20,
)
