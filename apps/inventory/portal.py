"""What stock puts on the portal."""

from typing import Any

from django.db.models import Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.reach import reach_of
from apps.inventory.importing import CountImport
from apps.inventory.models import Count
from apps.inventory.scanning import match_product
from apps.inventory.views.correcting import correct_link
from apps.inventory.views.counts.opening import count_link
from apps.inventory.views.requesting import ask_link
from apps.inventory.views.tasks import own_open_tasks
from apps.inventory.waiting import count_transfers, match_transfer, receive_list, send_list
from apps.portal import formats, registry
from apps.portal.contributions import Figure, Task, Tasks
from apps.portal.importing.kinds import import_kind
from apps.portal.registry import Section

TASKS_SHOWN = 5


def count_tasks(principal: Any) -> int:
    """How much there is to count in the person's stores; those who look after the chain are not reminded."""
    return 0 if reach_of(principal).every_location else own_open_tasks(principal).count()


def tasks_figure(principal: Any) -> Figure | None:
    """How much there is to count, and since when."""
    tasks = own_open_tasks(principal)
    oldest = tasks.aggregate(since=Min("raised_at"))["since"]
    if oldest is None:
        return None
    return Figure(
        name=_("To count"),
        value=str(tasks.count()),
        url=reverse("inventory:tasks"),
        change=_("The oldest since %(time)s") % {"time": formats.when(oldest)},
        how=_("Products of which a till sold more than there was, or which were not found when picking."),
    )


def count_list(principal: Any) -> Tasks | None:
    """What has waited longest to be counted."""
    if reach_of(principal).every_location:
        return None
    waiting = own_open_tasks(principal)
    oldest = (
        waiting.select_related("variant__product").prefetch_related("variant__product__texts").order_by("raised_at")
    )
    tasks = [
        Task(
            what=task.get_kind_display(),
            url=f"{reverse('inventory:finish-task')}?task={task.pk}",
            icon="package-search",
            meta=task.variant.name if task.variant else "",
            due=formats.when(task.raised_at),
        )
        for task in oldest[:TASKS_SHOWN]
    ]
    if not tasks:
        return None
    total = waiting.count() if len(tasks) == TASKS_SHOWN else len(tasks)
    return Tasks(title=_("To count"), tasks=tasks, total=total, more_url=reverse("inventory:tasks"))


def own_counts(principal: Any) -> QuerySet[Count]:
    """What waits in the person's stores: to be counted, and for whoever may, to be approved."""
    counts = Count.objects.visible_to(principal)
    return counts.under_way() if reach_of(principal).may("inventory.count_approve") else counts.to_count()


def counts_waiting(principal: Any) -> int:
    """How many counts wait for somebody; those who look after the chain are not reminded."""
    return 0 if reach_of(principal).every_location else own_counts(principal).count()


def count_rounds(principal: Any) -> Tasks | None:
    """The counts that wait longest."""
    if reach_of(principal).every_location:
        return None
    waiting = own_counts(principal)
    tasks = [_round(count) for count in waiting.select_related("location").order_by("created_at", "pk")[:TASKS_SHOWN]]
    if not tasks:
        return None
    total = waiting.count() if len(tasks) == TASKS_SHOWN else len(tasks)
    return Tasks(title=_("Stock counts"), tasks=tasks, total=total, more_url=reverse("inventory:counts"))


def _round(count: Count) -> Task:
    to_approve = count.status == Count.Status.SUBMITTED
    words = _("Approve count %(number)s") if to_approve else _("Count %(number)s")
    return Task(
        what=words % {"number": count.number},
        url=count.get_absolute_url() if to_approve else reverse("inventory:counting", kwargs={"number": count.number}),
        icon="clipboard-check",
        meta=f"{count.get_basis_display()} {count.shelf}".strip(),
        due=formats.when(count.created_at),
    )


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
    count_tasks,
    order=30,
    key="w",
)
registry.navigation(
    Section.RANGE,
    gettext_lazy("Stock counts"),
    "inventory:counts",
    "clipboard-check",
    "inventory.count",
    counts_waiting,
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
    count_transfers,
    order=35,
)
registry.tasks("inventory.send", send_list, "inventory.transfer", order=30)
registry.tasks("inventory.receive", receive_list, "inventory.transfer", order=40)
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
registry.panel("catalogue.product", "stock", gettext_lazy("Stock"), "inventory:of-product", "inventory.view", order=10)
registry.today("inventory.tasks", tasks_figure, "inventory.view", order=40)
registry.tasks("inventory.count", count_list, "orders.fulfil", order=20)
registry.tasks("inventory.counts", count_rounds, "inventory.count", order=15)
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
registry.topic("stock.changed", gettext_lazy("Stock moved"))
registry.topic("transfer.requested", gettext_lazy("Asked for"))
registry.topic("transfer.sent", gettext_lazy("Sent"))
registry.topic("transfer.received", gettext_lazy("Received"))
registry.topic("transfer.cancelled", gettext_lazy("Cancelled"))
registry.topic("count.opened", gettext_lazy("Count opened"))
registry.topic("count.submitted", gettext_lazy("Count submitted"))
registry.topic("count.recount", gettext_lazy("Asked to count again"))
registry.topic("count.closed", gettext_lazy("Count closed, differences booked"))
registry.topic("count.withdrawn", gettext_lazy("Count withdrawn"))
import_kind(CountImport())
