"""Taking recalled goods off the shelves of a store."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.inventory.forms_recalls import TakeOffForm
from apps.inventory.models import Condition, Recall, StoreTask
from apps.inventory.services.recalls.taking_off import take_off, to_set_apart
from apps.inventory.standing import places_with
from apps.portal.pages import FormPage


class TakeOff(FormPage):
    """The task of the address: where it lies, how many there should be, how many there are."""

    permission = "orders.fulfil"
    rail = "inventory:tasks"
    model = StoreTask
    form_class = TakeOffForm
    template_name = "inventory/recalls/take_off.html"
    title = gettext_lazy("Take it off the shelf")
    button = gettext_lazy("It is set apart")
    back = ("inventory:tasks", gettext_lazy("Store tasks"))

    @cached_property
    def task(self) -> StoreTask | None:
        asked = self.request.GET.get("task", "")
        if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
            return None
        tasks = self.visible(StoreTask).filter(kind=StoreTask.Kind.TAKE_OFF).select_related("location", "variant")
        return get_object_or_404(tasks, pk=int(asked))

    @cached_property
    def recall(self) -> Recall | None:
        return Recall.objects.filter(number=self.task.cause_id).first() if self.task is not None else None

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"batch": self.recall.batch if self.recall is not None else ""}

    def get_initial(self) -> dict[str, Any]:
        if self.task is None or self.recall is None:
            return {}
        # Of a batch the store has to look; without one it is all there should be.
        return {"task": self.task.pk} | ({} if self.recall.batch else {"quantity": to_set_apart(self.task).normalize()})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        task = self.task
        variant_id = task.variant_id if task is not None else None
        return super().get_context_data(
            task=task,
            recall=self.recall,
            there=to_set_apart(task) if task is not None else None,
            shelves=places_with(task.location_id, variant_id, condition=Condition.QUALITY)
            if task and variant_id
            else [],
            **kwargs,
        )

    def perform(self, form: Any) -> StoreTask:
        given = form.cleaned_data
        return take_off(
            task=given["task"],
            quantity=given["quantity"],
            others=given.get("others"),
            actor=actor_of(self.request.user),
        )

    def get_success_url(self, result: StoreTask) -> str:
        return reverse("inventory:tasks")

    def get_success_message(self, result: StoreTask) -> Any:
        return _("Done: %(task)s") % {"task": result.get_kind_display()}
