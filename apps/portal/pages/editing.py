"""Changing one fact of an object where it stands.

Whoever saves says what they saw. When it is something else by now, nothing is written: they see who changed it and to what,
and choose. Undoing is the same act the other way round, so it is checked in the same way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as part
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from apps.accounts.naming import names_of
from apps.core.acting import because
from apps.core.audit.trail import Entry, trail_of
from apps.core.errors import DomainError
from apps.core.money import plain
from apps.portal import formats
from apps.portal.access import may
from apps.portal.flashes import undo_by
from apps.portal.narrowing import narrow_choices
from apps.portal.pages.explaining import reason_field


@dataclass(frozen=True, kw_only=True)
class Editable:
    """A fact that may be changed in its place: the form field, who may, how it is read, and the service that writes it.

    `column` is the audited column behind it, by which a conflict names whoever came first. `extra` fields are asked beside it and
    handed to `save` by name, a moment from which the value holds for instance; with `asks_reason` they say why. `say` words a
    value where its field does not do.
    """

    name: str
    field: forms.Field
    permission: str
    read: Callable[[Any], Any]
    save: Callable[..., Any]
    column: str = ""
    extra: Mapping[str, forms.Field] = part(default_factory=dict)
    asks_reason: bool = False
    say: Callable[[Any], str] | None = None

    @property
    def label(self) -> Any:
        return self.field.label

    def spoken(self, value: Any) -> str:
        """A value as people say it."""
        if self.say is not None and value is not None:
            return self.say(value)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(self.field, forms.ChoiceField) and not isinstance(self.field, forms.ModelChoiceField):
            choices: Any = self.field.choices
            return str(dict(choices).get(value, value))
        return "–" if value in (None, "") else str(value)


def token(value: Any) -> str:
    """What somebody saw, as it travels in a form."""
    key = value.pk if isinstance(value, Model) else value
    if isinstance(key, Decimal):
        key = plain(key)
    return "" if key is None else str(key)


class Editing:
    """The part of a detail page that edits one of its facts: `?part=edit&fact=name`."""

    def __init__(self, page: Any, request: HttpRequest) -> None:
        self.page, self.request = page, request
        asked = request.GET.get("fact")
        found = next((each for each in page.get_editables() if each.name == asked), None)
        if found is None:
            raise Http404
        if not may(request.user, found.permission):
            raise PermissionDenied(found.permission)
        self.editable: Editable = found

    @property
    def address(self) -> str:
        asked = urlencode({"part": "edit", "fact": self.editable.name})
        return str(self.page.with_list(f"{self.request.path}?{asked}"))

    def _form(self, data: Any = None) -> forms.Form:
        fields = {self.editable.name: self.editable.field, **self.editable.extra}
        if self.editable.asks_reason:
            fields["reason"] = reason_field()
        kind = type("FactForm", (forms.Form,), fields)
        form = kind(data, initial={self.editable.name: self.editable.read(self.page.object)}, auto_id="edit-%s")
        narrow_choices(form, self.request.user)
        return form

    def get(self) -> HttpResponse:
        if "cancel" in self.request.GET:
            return self._fact()
        return self._draw(self._form(), was=token(self.editable.read(self.page.object)))

    def post(self) -> HttpResponse:
        form = self._form(self.request.POST)
        was = self.request.POST.get("was", "")
        if not form.is_valid():
            return self._draw(form, was=was, status=422)
        value = form.cleaned_data[self.editable.name]
        more = {name: form.cleaned_data[name] for name in self.editable.extra}
        try:
            with because(form.cleaned_data.get("reason", "")), transaction.atomic():
                row = self.page.model._base_manager.select_for_update().get(pk=self.page.object.pk)
                seen = self.editable.read(row)
                if token(seen) == was and token(seen) != token(value):
                    self.editable.save(row, value, **more)
                    row = self.page.model._base_manager.get(pk=row.pk)
        except DomainError as refusal:
            form.add_error(self.editable.name, refusal.detail)
            return self._draw(form, was=was, status=refusal.status)
        if token(seen) != was and token(seen) != token(value):
            return self._conflict(form, seen, value)
        changed = token(seen) != token(value)
        del self.page.object  # read it again: what is shown is what is stored
        return self._done(seen, value, changed=changed)

    def _draw(self, form: forms.Form, *, was: str, status: int = 200, **more: Any) -> HttpResponse:
        template = "shell/_edit.html" if self.page.is_swap else "shell/edit.html"
        context = {"editing": self, "form": form, "was": was, "object": self.page.object, **more}
        context |= {"back_url": self.page.get_object_url(), "back_label": str(self.page.object)}
        return TemplateResponse(self.request, template, context, status=status)

    def _conflict(self, form: forms.Form, seen: Any, value: Any) -> HttpResponse:
        entry = self._change_to(seen)
        name = names_of([entry.actor]).get(entry.actor, "") if entry else ""
        conflict = {
            "who": name or _("Somebody"),
            "at": formats.clock(entry.at) if entry else "",
            "theirs": self.editable.spoken(seen),
            "yours": self.editable.spoken(value),
        }
        return self._draw(form, was=token(seen), status=409, conflict=conflict)

    def _change_to(self, seen: Any) -> Entry | None:
        """The newest change that made this fact what it is now: an object may have several prices, or names."""
        column = self.editable.column or self.editable.name
        kind, key = self.page.audit_key
        for entry in trail_of(kind, key, limit=20):
            _before, after = (entry.fields or {}).get(column, (None, None))
            if isinstance(after, float):
                after = Decimal(str(after))
            if after is not None and token(after) == token(seen):
                return entry
        return None

    def _done(self, before: Any, value: Any, *, changed: bool) -> HttpResponse:
        now = self.editable.read(self.page.object)
        words = {"fact": self.editable.label, "value": self.editable.spoken(value)}
        if changed and token(now) != token(value):  # it holds from a later moment: there is nothing to undo yet
            messages.success(self.request, _("%(fact)s becomes: %(value)s.") % words)
        elif changed:
            back = {self.editable.name: token(before), "was": token(now)}
            if isinstance(self.editable.field, forms.BooleanField) and not before:
                del back[self.editable.name]  # a box that is not ticked is not sent
            if self.editable.asks_reason:
                back["reason"] = _("Undone")
            undo = undo_by(self.address, back) if before is not None else ""
            messages.success(self.request, _("%(fact)s is now: %(value)s.") % words, extra_tags=undo)
        if self.page.is_swap:
            return self._fact()
        return HttpResponseRedirect(self.page.get_object_url())

    def _fact(self) -> HttpResponse:
        """The fact as it stands on the page, what there is to say about it, and the head of the page, which may name it."""
        fact = next((fact for fact in self.page.get_editable_facts() if fact.edit == self.editable.name), None)
        if not self.page.is_swap or fact is None:
            return HttpResponseRedirect(self.page.get_object_url())
        head = {"title": self.page.get_title(), "sub": self.page.get_sub(), "status": self.page.get_status()}
        return TemplateResponse(self.request, "shell/_edited.html", {"fact": fact, "can_edit": True, **head})
