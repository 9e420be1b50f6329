"""Pages that change something: they call a service, and translate what it refuses, once."""

import itertools
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.acting import because
from apps.core.errors import DomainError
from apps.core.retry import in_transaction
from apps.portal.narrowing import narrow_choices
from apps.portal.pages.explaining import ReasonForm, reason_field
from apps.portal.pages.objects import ObjectPage


class Acting(ObjectPage, abstract=True):
    """Runs a service inside a transaction and checks reach again before it commits.

    With `asks_reason` nobody gets by without saying why; it is kept in the audit trail with all that the act changes. An act
    that `gives_away` may put its object out of the person's reach: a store that passes an order on.
    """

    asks_reason: ClassVar[bool] = False
    gives_away: ClassVar[bool] = False

    def needs_reason(self) -> bool:
        """Whether this act on this object asks why."""
        return self.asks_reason

    def carry_out(self, act: Any) -> Any:
        """Run `act()`; if what it gives back is a row the person may not see, roll everything back with a 403.

        Otherwise somebody could move a row out of their stores, or make one in another store. Where other transactions got
        in its way it is done again, as services do that have a transaction of their own; then `Busy` is raised.
        """
        attempts = itertools.count()

        def once() -> Any:
            if next(attempts):
                self.__dict__.pop("object", None)  # what the first attempt made of it in memory was rolled back
            result = act()
            if isinstance(result, Model) and not self.gives_away and not self.still_sees(result):
                raise PermissionDenied(self.permission)
            return result

        return in_transaction(once)

    def still_sees(self, row: Model) -> bool:
        return bool(self.visible(type(row)).filter(pk=row.pk).exists())

    def get_success_message(self, result: Any) -> Any:
        """What happened, in one sentence with names and numbers. Nothing is said when empty."""
        return ""

    def get_success_url(self, result: Any) -> str:
        return self.with_list(str(result.get_absolute_url()))

    def done(self, result: Any) -> HttpResponse:
        if said := self.get_success_message(result):
            messages.success(self.request, said)
        return HttpResponseRedirect(self.get_success_url(result))


class ActionPage(Acting, abstract=True):
    """Asks before it acts: GET shows the question (a page, or a dialog in a swap), POST does it.

    `act()` calls one service and returns the object it changed. A button that needs no question may post here
    directly. What the domain refuses becomes an error page that says why and leads back; nothing was changed.
    """

    template_name = "shell/confirm.html"
    dialog_template = "shell/_confirm.html"
    button: ClassVar[Any] = _("Confirm")
    danger: ClassVar[bool] = False

    def act(self) -> Any:
        raise NotImplementedError

    def get_question(self) -> Any:
        """The act as a question naming object and count: "Cancel 3 orders?"."""
        return self.get_title()

    def get_effect(self) -> Any:
        """What the act brings about, said before it happens."""
        return ""

    def get_success_url(self, result: Any) -> str:
        return self.get_object_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("reason_form", ReasonForm() if self.needs_reason() else None)
        return context | {
            "question": self.get_question(),
            "effect": self.get_effect(),
            "button": self.button,
            "danger": self.danger,
            "back_url": self.get_object_url(),
            "back_label": str(self.object),
        }

    def get_template_names(self) -> list[str]:
        return [self.dialog_template if self.is_swap else self.template_name]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        back_url, reason = self.get_object_url(), ""
        if self.needs_reason():
            form = ReasonForm(request.POST)
            if not form.is_valid():
                return self.render_to_response(self.get_context_data(reason_form=form), status=422)
            reason = form.cleaned_data["reason"]
        try:
            with because(reason):
                result = self.carry_out(self.act)
        except DomainError as refusal:
            context = {"refusal": refusal, "back_url": back_url, "back_label": str(self.object)}
            return self.response_class(request, ["409.html"], context, status=refusal.status)
        return self.done(self.object if result is None else result)


class FormPage(Acting, abstract=True):
    """A form and the service it calls: `perform(form)` returns the object made or changed.

    With a `lookup` argument in the URL it is about that object, otherwise about a new one. Every drop-down is narrowed
    to what the person may see. What the domain refuses stands beside the field it names, or above the form.
    """

    template_name = "shell/form.html"
    form_class: ClassVar[type[forms.BaseForm]]
    title: ClassVar[Any] = ""
    button: ClassVar[Any] = _("Save")
    back: ClassVar[tuple[str, Any] | None] = None  # (route, label), for a new object

    def perform(self, form: Any) -> Any:
        raise NotImplementedError

    @property
    def is_about_one(self) -> bool:
        return self.lookup in self.kwargs

    def get_title(self) -> Any:
        return self.title or (str(self.object) if self.is_about_one else "")

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Arguments for the form class beyond `initial`, `data` and `files`."""
        return {}

    def get_form(self, **data: Any) -> forms.BaseForm:
        form = self.form_class(initial=self.get_initial(), **self.get_form_kwargs(), **data)
        if self.needs_reason():
            form.fields["reason"] = reason_field()
        narrow_choices(form, self.request.user)
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = {"title": self.get_title(), "button": self.button, **kwargs}
        context.setdefault("form", None)
        if context["form"] is None:
            context["form"] = self.get_form()
        if self.is_about_one:
            context |= {
                "object": self.object,
                "back_url": self.get_object_url(),
                "back_label": str(self.object),
            }
        elif self.back:
            context |= {"back_url": reverse(self.back[0]), "back_label": self.back[1]}
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.is_about_one:
            self.object  # noqa: B018  (404 before anything is looked at)
        form = self.get_form(data=request.POST, files=request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        try:
            with because(form.cleaned_data["reason"] if self.needs_reason() else ""):
                result = self.carry_out(lambda: self.perform(form))
        except DomainError as refusal:
            show_refusal(form, refusal)
            return self.render_to_response(self.get_context_data(form=form), status=refusal.status)
        return self.done(result)


def show_refusal(form: forms.BaseForm, refusal: DomainError) -> None:
    """Put what the domain refused beside the fields it names, the rest above the form."""
    for fault in refusal.faults:
        field = fault.attr if fault.attr in form.fields else None
        form.add_error(field, fault.detail)
