"""Imbalances over the chain: what runs out in one store and lies for weeks in another, asked for many at once."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Max, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from apps.catalogue.matching import variants_with_words
from apps.core.actors import actor_of
from apps.core.jobs.starting import start_job
from apps.core.models import Job
from apps.inventory.filters_imbalances import ImbalanceFilter
from apps.inventory.models import Imbalance, Transfer
from apps.inventory.services.transfers.balancing import ask_for, check_to_ask
from apps.inventory.tables_imbalances import ImbalanceTable
from apps.portal import formats
from apps.portal.pages import Action, FormPage, ListPage, ManyAction, Preset
from apps.portal.pages.actions import refused_by


def _ask(row: Imbalance, principal: Any) -> Transfer:
    return ask_for(imbalance=row, actor=actor_of(principal))


def _effect(rows: Sequence[Imbalance]) -> str:
    """What is set aside, and for how many slips another owner decides."""
    pairs = {(row.sender_id, row.receiver_id) for row in rows}
    others = {(row.sender_id, row.receiver_id) for row in rows if row.sender_owner_id != row.receiver_owner_id}
    said = ngettext(
        "The goods are set aside at the sender now, on %(count)s transfer.",
        "The goods are set aside at the senders now, on %(count)s transfers.",
        len(pairs),
    ) % {"count": formats.quantity(len(pairs))}
    if not others:
        return said
    return f"{said} " + ngettext(
        "%(count)s of them is between two owners: a sender who did not agree to that decides first.",
        "%(count)s of them are between two owners: senders who did not agree to that decide first.",
        len(others),
    ) % {"count": formats.quantity(len(others))}


class ImbalanceList(ListPage):
    """What runs out first at the top."""

    permission = "inventory.balance"
    model = Imbalance
    table_class = ImbalanceTable
    filterset_class = ImbalanceFilter
    search_fields = ("variant__sku",)
    select_related = ("variant__product", "receiver", "sender", "transfer")
    prefetch_related = ("variant__product__texts",)
    views = (
        Preset("open", gettext_lazy("To ask for"), {"asked": "false"}),
        Preset("own", gettext_lazy("Within one owner"), {"asked": "false", "same_owner": "true"}, counted=False),
        Preset("asked", gettext_lazy("Asked for"), {"asked": "true"}),
        Preset("all", gettext_lazy("All"), counted=False),
    )
    ordering = ("days", "pk")
    large = True
    actions = (
        Action(
            label=gettext_lazy("Work out anew"),
            route="inventory:balance-anew",
            permission="inventory.balance",
            icon="refresh-cw",
        ),
    )
    many_actions = (
        ManyAction(
            name="ask",
            label=gettext_lazy("Ask for them"),
            permission="inventory.balance",
            icon="truck",
            question=ngettext_lazy("Ask for this product?", "Ask for %(count)s products?", "number"),
            effect=_effect,
            passes_over=lambda row, principal: refused_by(check_to_ask, row),
            act=_ask,
        ),
    )
    empty_title = gettext_lazy("Stock lies where it sells")
    empty_text = gettext_lazy(
        "Nothing that runs out in one store can be spared by another. It is worked out every six hours."
    )
    empty_icon = "scale"

    def search(self, rows: QuerySet[Imbalance], text: str) -> QuerySet[Imbalance]:
        return rows.filter(variant__in=variants_with_words(text))

    @property
    def may_sort(self) -> bool:
        """There are far fewer rows than stock: any column may sort them."""
        return True

    @cached_property
    def worked_out_at(self) -> Any:
        return Imbalance.objects.aggregate(at=Max("worked_out_at"))["at"]

    def get_facts(self) -> list[Any]:
        return [_("Worked out %(when)s") % {"when": formats.when(self.worked_out_at)}] if self.worked_out_at else []


class WorkOutAnew(FormPage):
    """Have the list worked out now, in the background."""

    permission = "inventory.balance"
    model = Imbalance
    rail = "inventory:imbalances"
    form_class = forms.Form
    title = gettext_lazy("Work out imbalances anew?")
    button = gettext_lazy("Work it out")
    back = ("inventory:imbalances", gettext_lazy("Imbalances"))

    def perform(self, form: Any) -> Job:
        return start_job(kind="inventory.balance", owner=self.request.user, once="all")
