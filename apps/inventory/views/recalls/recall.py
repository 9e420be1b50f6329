"""The page of one recall, and lifting it."""

from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.accounts.naming import names_of
from apps.core.actors import actor_of
from apps.inventory.models import Recall, RecallSorting, StoreTask
from apps.inventory.services.recalls.moving import CAUSE_TYPE
from apps.inventory.services.recalls.starting import check_in_force, lift_recall
from apps.inventory.tables import stock_url
from apps.inventory.tables_recalls import state_of
from apps.portal import formats
from apps.portal.pages import Action, ActionPage, DetailPage, Fact

SHOWN = 50


class RecallPage(DetailPage):
    """What is recalled and why, how far the stores are, and (by other apps) which orders have it."""

    permission = "inventory.view"
    model = Recall
    template_name = "inventory/recalls/recall.html"
    prefetch_related = ("variants__variant__product__texts",)
    back = ("inventory:recalls", gettext_lazy("Recalls"))
    actions = (
        Action(
            label=gettext_lazy("Lift the recall"),
            route="inventory:lift-recall",
            permission="inventory.recall",
            icon="check",
            asks=True,
            check=check_in_force,
        ),
    )

    def get_title(self) -> Any:
        return _("Recall %(number)s") % {"number": self.object.number}

    def get_status(self) -> tuple[str, Any]:
        return state_of(self.object)

    def get_sub(self) -> list[Any]:
        names = list(dict.fromkeys(str(row.variant.product) for row in self.object.variants.all()))
        return [
            names[0] if len(names) == 1 else ngettext("%(n)s product", "%(n)s products", len(names)) % {"n": len(names)}
        ]

    @cached_property
    def tasks(self) -> Any:
        """What stores were asked, of those that the person sees."""
        return self.visible(StoreTask).filter(cause_type=CAUSE_TYPE, cause_id=self.object.number)

    def get_facts(self) -> list[Fact]:
        recall = self.object
        names = names_of({actor for actor in (recall.started_by, recall.lifted_by) if actor})
        sums = self.tasks.order_by().aggregate(
            pieces=Sum("quantity"), asked=Count("pk"), done=Count("pk", filter=Q(done_at__isnull=False))
        )
        facts = [
            Fact(_("Since"), formats.when(recall.started_at), note=names[recall.started_by]),
            Fact(_("Taken out of sale"), formats.quantity(sums["pieces"] or 0)),
            Fact(_("Shelves cleared"), _("%(done)s of %(all)s") % {"done": sums["done"], "all": sums["asked"]}),
        ]
        if recall.batch:
            facts += [
                Fact(_("Batch"), recall.batch, note=_("a store sells on once it has sorted its goods")),
                *self._sorted(),
            ]
        if recall.lifted_at:
            facts.append(Fact(_("Lifted"), formats.when(recall.lifted_at), note=names[recall.lifted_by]))
        return facts

    def _sorted(self) -> list[Fact]:
        locations = self.tasks.values("location")
        sortings = RecallSorting.objects.filter(recalled__recall=self.object, location__in=locations)
        sums = sortings.aggregate(of_batch=Sum("of_batch", default=0), others=Sum("others", default=0))
        return [
            Fact(_("Of the batch"), formats.quantity(sums["of_batch"])),
            Fact(_("For sale again"), formats.quantity(sums["others"])),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = self.tasks.open().select_related("location", "variant__product")
        waiting = waiting.prefetch_related("variant__product__texts").order_by("location__code", "variant__sku")
        return super().get_context_data(
            variants=[(row.variant, stock_url(row.variant.sku)) for row in self.object.variants.all()],
            waiting=list(waiting[:SHOWN]),
            more=max(waiting.count() - SHOWN, 0),
            tasks_url=reverse("inventory:tasks"),
            **kwargs,
        )


class LiftRecall(ActionPage):
    """What is held back is for sale again."""

    permission = "inventory.recall"
    model = Recall
    button = gettext_lazy("Lift the recall")
    asks_reason = True

    def get_question(self) -> Any:
        return _("Lift recall %(number)s?") % {"number": self.object.number}

    def get_effect(self) -> Any:
        return _("What it holds back is for sale again in all locations, at once. Tasks that nobody did are dropped.")

    def act(self) -> Recall:
        return lift_recall(recall=self.object, actor=actor_of(self.request.user))

    def get_success_message(self, result: Recall) -> Any:
        return _("Recall %(number)s is lifted.") % {"number": result.number}
