"""Finishing a store task."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.inventory.models import StoreTask
from apps.inventory.services.finishing import finish_task
from apps.portal.pages import FormPage


class _TaskField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        goods = obj.variant.name if obj.variant else obj.get_kind_display()
        return f"{goods}, {obj.location} ({obj.get_kind_display()})"


class FinishForm(forms.Form):
    """Which task was done. What the person may see narrows it; of that, what is still to do."""

    task = _TaskField(
        label=gettext_lazy("Task"),
        queryset=StoreTask.objects.open()
        .select_related("location", "variant__product")
        .prefetch_related("variant__product__texts"),
        empty_label=None,
    )

    def clean_task(self) -> StoreTask:
        task: StoreTask = self.cleaned_data["task"]
        return task


class FinishTask(FormPage):
    """The task of the address is chosen already; the person says that it is done."""

    permission = "orders.fulfil"
    model = StoreTask
    lookup = "task"
    form_class = FinishForm
    title = gettext_lazy("Task done")
    button = gettext_lazy("It is done")
    back = ("inventory:tasks", gettext_lazy("Store tasks"))

    def get_initial(self) -> dict[str, Any]:
        return {"task": self.request.GET.get("task")}

    def perform(self, form: Any) -> StoreTask:
        return finish_task(task=form.cleaned_data["task"], actor=actor_of(self.request.user))

    def get_success_message(self, result: Any) -> str:
        return _("Done: %(task)s") % {"task": result.get_kind_display()}

    def get_success_url(self, result: Any) -> str:
        return reverse("inventory:tasks")
