"""Stock that waits for the people of a store: transfers, counts, and tasks that followed from what happened."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import Count as Number
from django.db.models import DateTimeField, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.reach import reach_of
from apps.core.statements import today
from apps.inventory.models import Count, PurchaseNotice, StoreTask, Transfer
from apps.inventory.tables import task_url
from apps.portal.access import may
from apps.portal.work.kinds import Described, WorkKind

DAY = dt.timedelta(hours=9)


def _goods(lines: int) -> str:
    return ngettext("%(count)s line", "%(count)s lines", lines) % {"count": lines}


def _told_of(transfer: Any) -> list[str]:
    told = [transfer.number, _goods(transfer.goods)]
    return [*told, _("for order %(number)s") % {"number": transfer.cause_id}] if transfer.is_for_a_document else told


# --- transfers --------------------------------------------------------------------------------------------------------


def _describe_transfers(what: Any, route: str, other: str) -> Any:
    """Describes transfers by `what` is to be done with them, and the location at the other end."""

    def describe(principal: Any, keys: Collection[Any]) -> dict[Any, Described]:
        acts = may(principal, "inventory.transfer")
        transfers = Transfer.objects.visible_to(principal).filter(pk__in=keys).select_related("sender", "receiver")
        return {
            transfer.pk: Described(
                what=what % {"location": getattr(transfer, other)},
                url=reverse(route, kwargs={"number": transfer.number}) if acts else transfer.get_absolute_url(),
                meta=", ".join(_told_of(transfer)),
            )
            for transfer in transfers.annotate(goods=Number("lines"))
        }

    return describe


SEND = WorkKind(
    name="inventory.send",
    label=gettext_lazy("Transfers to send"),
    icon="truck",
    permission="inventory.transfer",
    seen_with="inventory.view",
    rows=lambda principal: Transfer.objects.visible_to(principal).to_send(),
    describe=_describe_transfers(gettext_lazy("Send to %(location)s"), "inventory:send-transfer", "receiver"),
    within=DAY,
    order=40,
    route="inventory:transfers",
    location="sender",
    since="requested_at",
)
AGREE = WorkKind(
    name="inventory.agree",
    label=gettext_lazy("Requests for goods"),
    icon="circle-question-mark",
    permission="inventory.agree",
    seen_with="inventory.view",
    rows=lambda principal: Transfer.objects.visible_to(principal).to_agree(),
    describe=_describe_transfers(gettext_lazy("Agree to send to %(location)s"), "inventory:transfer", "receiver"),
    within=DAY,
    order=38,
    route="inventory:transfers",
    location="sender",
    since="requested_at",
)
RECEIVE = WorkKind(
    name="inventory.receive",
    label=gettext_lazy("Transfers to receive"),
    icon="package-plus",
    permission="inventory.transfer",
    seen_with="inventory.view",
    rows=lambda principal: Transfer.objects.visible_to(principal).on_their_way(),
    describe=_describe_transfers(gettext_lazy("Receive from %(location)s"), "inventory:receive-transfer", "sender"),
    within=3 * DAY,
    order=50,
    route="inventory:transfers",
    location="receiver",
    since="sent_at",
)


def _describe_deliveries(principal: Any, keys: Collection[Any]) -> dict[Any, Described]:
    acts = may(principal, "inventory.receive")
    notices = PurchaseNotice.objects.visible_to(principal).filter(pk__in=keys)
    return {
        notice.pk: Described(
            what=_("Receive from %(location)s") % {"location": notice.supplier},
            url=reverse("inventory:receive-delivery", kwargs={"number": notice.number})
            if acts
            else notice.get_absolute_url(),
            meta=f"{notice.reference}, {_goods(notice.goods)}",
        )
        for notice in notices.annotate(goods=Number("lines"))
    }


DELIVERIES = WorkKind(
    name="inventory.deliveries",
    label=gettext_lazy("Deliveries to receive"),
    icon="package-open",
    permission="inventory.receive",
    seen_with="inventory.view",
    rows=lambda principal: (
        PurchaseNotice.objects.visible_to(principal)
        .to_come()
        .filter(expected_on__lte=today())
        .annotate(expected_at=Cast("expected_on", DateTimeField()))
    ),
    describe=_describe_deliveries,
    within=DAY,
    order=55,
    route="inventory:deliveries",
    since="expected_at",
)

# --- tasks ------------------------------------------------------------------------------------------------------------


def open_tasks(principal: Any) -> Any:
    """What is to be done in stores because of what happened to their stock."""
    return StoreTask.objects.visible_to(principal).open()


def _describe_tasks(principal: Any, keys: Collection[Any]) -> dict[Any, Described]:
    acts = may(principal, "orders.fulfil")
    tasks = StoreTask.objects.visible_to(principal).filter(pk__in=keys).select_related("variant__product")
    return {
        task.pk: Described(
            what=task.get_kind_display(),
            url=task_url(task) if acts else reverse("inventory:tasks"),
            meta=task.variant.name if task.variant else "",
        )
        for task in tasks.prefetch_related("variant__product__texts")
    }


COUNT_TASK = WorkKind(
    name="inventory.tasks",
    label=gettext_lazy("To look into"),
    icon="package-search",
    permission="orders.fulfil",
    seen_with="inventory.view",
    rows=lambda principal: open_tasks(principal).exclude(kind__in=[StoreTask.Kind.PUT_BACK, StoreTask.Kind.TAKE_OFF]),
    describe=_describe_tasks,
    within=DAY,
    order=60,
    route="inventory:tasks",
    since="raised_at",
)
PUT_BACK = WorkKind(
    name="inventory.put_back",
    label=gettext_lazy("To put back"),
    icon="undo-2",
    permission="orders.fulfil",
    seen_with="inventory.view",
    rows=lambda principal: open_tasks(principal).filter(kind=StoreTask.Kind.PUT_BACK),
    describe=_describe_tasks,
    within=dt.timedelta(hours=4),
    order=70,
    route="inventory:tasks",
    since="raised_at",
)

TAKE_OFF = WorkKind(
    name="inventory.take_off",
    label=gettext_lazy("To take off the shelf"),
    icon="octagon-alert",
    permission="orders.fulfil",
    seen_with="inventory.view",
    rows=lambda principal: open_tasks(principal).filter(kind=StoreTask.Kind.TAKE_OFF),
    describe=_describe_tasks,
    within=dt.timedelta(hours=1),
    order=5,
    route="inventory:tasks",
    since="raised_at",
)

# --- counts -----------------------------------------------------------------------------------------------------------


def _to_approve(principal: Any) -> QuerySet[Count]:
    counts: QuerySet[Count] = Count.objects.visible_to(principal).filter(status=Count.Status.SUBMITTED)
    return counts


def _describe_counts(principal: Any, keys: Collection[Any]) -> dict[Any, Described]:
    counts_here = not reach_of(principal).every_location
    return {count.pk: _count(count, counts_here) for count in Count.objects.visible_to(principal).filter(pk__in=keys)}


def _count(count: Count, counts_here: bool) -> Described:
    to_approve = count.status == Count.Status.SUBMITTED
    words = _("Approve count %(number)s") if to_approve else _("Count %(number)s")
    own_page = to_approve or not counts_here
    return Described(
        what=words % {"number": count.number},
        url=count.get_absolute_url() if own_page else reverse("inventory:counting", kwargs={"number": count.number}),
        meta=f"{count.get_basis_display()} {count.shelf}".strip(),
    )


COUNT = WorkKind(
    name="inventory.counts",
    label=gettext_lazy("To count"),
    icon="clipboard-check",
    permission="inventory.count",
    seen_with="inventory.count",
    rows=lambda principal: Count.objects.visible_to(principal).to_count(),
    describe=_describe_counts,
    within=2 * DAY,
    order=80,
    route="inventory:counts",
    since="created_at",
)
APPROVE = WorkKind(
    name="inventory.approve",
    label=gettext_lazy("Counts to approve"),
    icon="clipboard-check",
    permission="inventory.count_approve",
    seen_with="inventory.count",
    rows=_to_approve,
    describe=_describe_counts,
    within=DAY,
    order=90,
    route="inventory:counts",
    since="submitted_at",
)
KINDS = (TAKE_OFF, AGREE, SEND, RECEIVE, DELIVERIES, COUNT_TASK, PUT_BACK, COUNT, APPROVE)
