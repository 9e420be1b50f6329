"""Keeping a state of a list under a name, for oneself or for everybody in a role."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.roles import Role
from apps.core.reach import reach_of
from apps.portal.models import ListSettings, SavedView
from apps.portal.pages.parts import Part


class ViewForm(forms.Form):
    """Name, with whom, and whether to begin here."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=40)
    role = forms.ChoiceField(label=gettext_lazy("Who sees it"), required=False)
    start = forms.BooleanField(label=gettext_lazy("Begin in this view"), required=False)

    def __init__(self, *args: Any, principal: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = reach_of(principal).roles
        role: Any = self.fields["role"]
        shareable = [r for r in Role if r in held or Role.HEAD_OFFICE in held]
        role.choices = [
            ("", _("only me")),
            *((r.value, _("everybody with the role %(role)s") % {"role": r.label}) for r in shareable),
        ]


class Saving(Part):
    """The dialog that saves the list's state of now as a new view, or changes one's own view."""

    name = "view"
    fragment = "shell/_list_view.html"

    @property
    def own(self) -> SavedView | None:
        """The view the person is in, if it is theirs to change."""
        view = self.page.state.view
        return view if isinstance(view, SavedView) and view.owner_id == self.request.user.pk else None

    @property
    def makes_new(self) -> bool:
        return self.own is None or "new" in self.request.GET or self.request.POST.get("do") == "create"

    def get_context(self) -> dict[str, Any]:
        return {"view_form": self._form(), "own": None if self.makes_new else self.own}

    def _form(self, data: Any = None) -> ViewForm:
        own = None if self.makes_new else self.own
        initial: dict[str, Any] = {}
        if own is not None:
            initial = {"name": own.name, "role": own.role, "start": self.page.settings.start == own.slug}
        return ViewForm(data, initial=initial, principal=self.request.user, auto_id="view-%s")

    def get(self) -> HttpResponseBase:
        context = {"part": self, **self.get_context()}
        template = self.fragment if self.page.is_swap else "shell/list_view.html"
        return TemplateResponse(self.request, template, context)

    def post(self) -> HttpResponseBase:
        act = self.request.POST.get("do")
        if act == "delete":
            return self._delete()
        form = self._form(self.request.POST)
        if not form.is_valid():
            own = None if self.makes_new else self.own
            context = {"part": self, "view_form": form, "own": own}
            return TemplateResponse(self.request, "shell/list_view.html", context, status=422)
        view = SavedView(page=self.page.page_name, owner=self.page.person) if self.makes_new else self.own
        if view is None:
            raise Http404
        view.name, view.role = form.cleaned_data["name"], form.cleaned_data["role"]
        if self.makes_new or "replace" in self.request.POST:
            view.query, view.columns = self.page.state.query, self.page.columns
        view.save()
        self._begin_in(view, form.cleaned_data["start"])
        return HttpResponseRedirect(f"{self.request.path}?view={view.slug}")

    def _delete(self) -> HttpResponseBase:
        if self.own is None:
            raise Http404
        self.own.delete()
        return HttpResponseRedirect(self.request.path)

    def _begin_in(self, view: SavedView, wanted: bool) -> None:
        before = self.page.settings.start
        start = view.slug if wanted else "" if before == view.slug else before
        if start != before:
            ListSettings.objects.update_or_create(
                user=self.page.person, page=self.page.page_name, defaults={"start": start}
            )
