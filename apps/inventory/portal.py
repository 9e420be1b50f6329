"""What stock puts on the portal."""

from django.utils.translation import gettext_lazy

from apps.inventory import work
from apps.inventory.importing import CountImport
from apps.inventory.scanning import match_product
from apps.inventory.scanning_transfers import match_transfer
from apps.inventory.views.correcting import correct_link
from apps.inventory.views.counts.opening import count_link
from apps.inventory.views.places.moving import move_link
from apps.inventory.views.requesting import ask_link
from apps.portal import registry
from apps.portal.importing.kinds import import_kind
from apps.portal.registry import Section

registry.navigation(
    Section.RANGE,
    gettext_lazy("Stock"),
    "inventory:stock",
    "package",
    "inventory.view",
    order=20,
    store_order=30,
    key="v",
)
registry.navigation(
    Section.RANGE,
    gettext_lazy("Store tasks"),
    "inventory:tasks",
    "square-check",
    "inventory.view",
    order=30,
)
registry.navigation(
    Section.RANGE,
    gettext_lazy("Stock counts"),
    "inventory:counts",
    "clipboard-check",
    "inventory.count",
    order=35,
)
registry.navigation(
    Section.RANGE, gettext_lazy("Stock documents"), "inventory:documents", "file-text", "inventory.view", order=40
)
registry.navigation(
    Section.RANGE,
    gettext_lazy("Transfers"),
    "inventory:transfers",
    "truck",
    "inventory.view",
    order=35,
)
registry.navigation(
    Section.RANGE, gettext_lazy("Deliveries"), "inventory:deliveries", "package-open", "inventory.view", order=32
)
for kind in work.KINDS:
    registry.work(kind)
registry.scan("transfer", gettext_lazy("Transfer slip"), match_transfer, "inventory.view", icon="truck", order=15)
registry.scan_act(
    "product",
    "transfer",
    gettext_lazy("Ask another location"),
    ask_link,
    "inventory.transfer",
    icon="truck",
    order=20,
)
registry.navigation(
    Section.CHAIN, gettext_lazy("Sourcing"), "inventory:sourcing-profiles", "split", "inventory.sourcing", order=50
)
registry.navigation(
    Section.CHAIN, gettext_lazy("Safety stock"), "inventory:safety", "shield-check", "inventory.keep", order=52
)
registry.navigation(
    Section.CHAIN, gettext_lazy("Consignment"), "inventory:consignments", "handshake", "inventory.keep", order=53
)
registry.navigation(
    Section.CHAIN, gettext_lazy("Till feeds"), "inventory:feeds", "activity", "inventory.keep", order=54
)
registry.panel("catalogue.product", "stock", gettext_lazy("Stock"), "inventory:of-product", "inventory.view", order=10)
registry.scan(
    "product",
    gettext_lazy("Product: bar code, SKU or scale label"),
    match_product,
    "inventory.view",
    icon="package",
    order=50,
)
registry.scan_act(
    "product",
    "correct",
    gettext_lazy("Correct stock"),
    correct_link,
    "inventory.adjust",
    icon="pencil",
    order=30,
)
registry.scan_act(
    "product",
    "count",
    gettext_lazy("Count it here"),
    count_link,
    "inventory.count",
    icon="clipboard-check",
    order=40,
)
registry.scan_act(
    "product",
    "move",
    gettext_lazy("Move"),
    move_link,
    "inventory.receive",
    icon="move",
    order=25,
)
registry.navigation(Section.RANGE, gettext_lazy("Places"), "inventory:places", "boxes", "inventory.view", order=25)
registry.topic("stock.changed", gettext_lazy("Stock moved"))
registry.navigation(
    Section.RANGE, gettext_lazy("Imbalances"), "inventory:imbalances", "scale", "inventory.balance", order=38
)
registry.navigation(
    Section.RANGE, gettext_lazy("Recalls"), "inventory:recalls", "octagon-alert", "inventory.view", order=60
)
registry.topic("stock.placed", gettext_lazy("Moved inside the location"))
registry.topic("recall.started", gettext_lazy("Recall started"))
registry.topic("recall.lifted", gettext_lazy("Recall lifted"))
registry.topic("stock.rebuilt", gettext_lazy("Level rebuilt from the ledger"))
registry.topic("delivery.announced", gettext_lazy("Announced"))
registry.topic("delivery.closed", gettext_lazy("The rest does not come"))
registry.topic("transfer.requested", gettext_lazy("Asked for"))
registry.topic("transfer.agreed", gettext_lazy("The sender agreed"))
registry.topic("transfer.sent", gettext_lazy("Sent"))
registry.topic("transfer.received", gettext_lazy("Received"))
registry.topic("transfer.cancelled", gettext_lazy("Cancelled"))
registry.topic("count.opened", gettext_lazy("Count opened"))
registry.topic("count.submitted", gettext_lazy("Count submitted"))
registry.topic("count.recount", gettext_lazy("Asked to count again"))
registry.topic("count.closed", gettext_lazy("Count closed, differences booked"))
registry.topic("count.withdrawn", gettext_lazy("Count withdrawn"))
import_kind(CountImport())
