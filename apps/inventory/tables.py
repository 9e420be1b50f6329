"""Columns of stock, stock documents and store tasks."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Condition, SourcingProfile, StockDocument, StockLevel, StoreTask
from apps.portal import formats
from apps.portal.tables import Column, QuantityColumn, Table, WhenColumn, status_mark

CONDITION_TONES: dict[str, str] = {
    Condition.SALEABLE: "ok",
    Condition.DISPLAY: "idle",
    Condition.DAMAGED: "bad",
    Condition.QUALITY: "wait",
    Condition.REFURBISH: "wait",
    Condition.SUPPLIER: "wait",
    Condition.IN_TRANSIT: "busy",
}


def state_of(level: Any) -> tuple[str, Any]:
    """How a level stands, as tone and word; wants `available` annotated."""
    if level.condition != Condition.SALEABLE:
        return CONDITION_TONES[level.condition], level.get_condition_display()
    if level.oversold > 0 or level.on_hand < 0:
        return "bad", _("Sold beyond stock")
    return ("ok", _("Free")) if level.available > 0 else ("wait", _("Nothing free"))


class StockTable(Table):
    """Stock per variant and location."""

    variant = Column(_("Variant"), slot="title", clip=True, orderable=False)
    sku = Column(_("SKU"), accessor="variant__sku", slot="line", tight=True, order_by=("variant__sku",))
    location = Column(_("Location"), slot="foot", clip=True, linkify=True, order_by=("location__code",))
    on_hand = QuantityColumn(_("On hand"), wide=54)
    reserved = QuantityColumn(_("Reserved"), wide=62)
    safety = QuantityColumn(_("Safety"), accessor="kept", wide=70)
    available = QuantityColumn(_("Available"), slot="value")
    state = Column(_("Status"), slot="note", tight=True, empty_values=(), orderable=False)

    class Meta(Table.Meta):
        model = StockLevel
        fields: tuple[str, ...] = ()

    def render_variant(self, record: StockLevel) -> str:
        return format_html('<a href="{}">{}</a>', stock_url(record.variant.sku), record.variant.name)

    def render_state(self, record: Any) -> str:
        return status_mark(*state_of(record))


def task_url(task: StoreTask) -> str:
    """Where a task is done: of what is recalled somebody says how many there are."""
    route = "inventory:take-off" if task.kind == StoreTask.Kind.TAKE_OFF else "inventory:finish-task"
    return f"{reverse(route)}?task={task.pk}"


def stock_url(sku: str) -> str:
    return reverse("inventory:variant", kwargs={"sku": sku})


class StockDocumentTable(Table):
    """Receipts, counts and corrections."""

    number = Column(_("Number"), slot="title", tight=True, linkify=True)
    kind = Column(_("Kind"), slot="note", tight=True, orderable=False)
    reason = Column(_("Reason"), clip=True, orderable=False)
    location = Column(_("Location"), slot="line", clip=True, orderable=False)
    reference = Column(_("Reference"), slot="foot", clip=True, dim=True, wide=54, orderable=False)
    occurred_at = WhenColumn(_("When"), slot="value")

    class Meta(Table.Meta):
        model = StockDocument
        fields: tuple[str, ...] = ()


class StoreTaskTable(Table):
    """What stores have to do about their stock."""

    kind = Column(_("Task"), slot="title", clip=True)
    variant = Column(_("Variant"), slot="line", clip=True, orderable=False)
    location = Column(_("Location"), slot="foot", clip=True, order_by=("location__code",))
    quantity = QuantityColumn(_("Pieces"), slot="value", label=True)
    raised_at = WhenColumn(_("Raised"), wide=54)
    done_at = Column(_("Status"), slot="note", tight=True, empty_values=())

    may_finish = False  # whether the reader works on a shop floor

    class Meta(Table.Meta):
        model = StoreTask
        fields: tuple[str, ...] = ()

    def render_kind(self, record: StoreTask) -> str:
        if record.done_at is not None or not self.may_finish:
            return str(record.get_kind_display())
        return format_html('<a href="{}">{}</a>', task_url(record), record.get_kind_display())

    def render_variant(self, record: StoreTask) -> str:
        if record.variant is None:
            return ""
        return format_html('<a href="{}">{}</a>', stock_url(record.variant.sku), record.variant.name)

    def render_done_at(self, record: StoreTask) -> str:
        if record.done_at is None:
            return status_mark("wait", _("To do"))
        return status_mark("ok", formats.when(record.done_at))


class ProfileTable(Table):
    version = Column(_("Version"), slot="title", linkify=True, tight=True)
    name = Column(_("Name"), slot="line")
    in_order = Column(_("Strategies"), accessor="pk", slot="foot", dim=True, orderable=False)
    published_at = WhenColumn(_("Published"), slot="value", default=_("Draft"))

    class Meta(Table.Meta):
        model = SourcingProfile
        fields = ("version", "name", "in_order", "published_at")

    def render_in_order(self, record: SourcingProfile) -> str:
        return " → ".join(strategy.name for strategy in record.strategies.all()) or "–"
