"""What goes for all of a file, how it is read, and which of its columns is which."""

from typing import Any

from django import forms
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.urls import reverse

from apps.core.errors import DomainError
from apps.core.inbox.sheets import Reading, header_of, rows_of, shown
from apps.portal.importing.columns import guess_columns
from apps.portal.importing.forms import COLUMN, ReadingForm
from apps.portal.importing.models import Import
from apps.portal.importing.services import local_file, read_as, start_check
from apps.portal.importing.views.access import MAY_IMPORT
from apps.portal.narrowing import narrow_choices
from apps.portal.pages import (
    Fact,
    ObjectPage,
)
from apps.portal.pages.acting import show_refusal
from apps.portal.store import store_of

SAMPLE = 5


class ReadingPage(ObjectPage):
    """What goes for all of the file, and how it is read, with its first rows as they are understood then."""

    permission = MAY_IMPORT
    model = Import
    lookup = "key"
    template_name = "portal/importing/reading.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.state == Import.State.BOOKED or self.object.is_busy or not self.object.has_file:
            return HttpResponseRedirect(self.object.get_absolute_url())
        return self._page(Reading(**self.object.reading), self.object.header, self.object.mapping)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        upload: Import = self.object
        before = Reading(**upload.reading)
        with local_file(upload) as path:
            form = ReadingForm(request.POST, kind=upload.of_kind, reading=before, header=upload.header, path=path)
            for name in form.fields:
                if name.startswith(COLUMN):  # the columns may be those of another reading by now
                    form.fields[name].choices = [*form.fields[name].choices, *_given(request, name)]  # type: ignore[attr-defined]  # all are choices
            options = self._options(request.POST)
            if not form.is_valid() or ("look" not in request.POST and not options.is_valid()):
                return self._page(before, upload.header, upload.mapping, form, options, status=422)
            reading, mapping = form.reading(before), form.mapping()
            if "look" in request.POST:
                return self._look_again(reading, mapping, path)
        kept = upload.of_kind.keep_options(options.cleaned_data)
        try:
            upload = read_as(upload=upload, reading=reading, mapping=mapping, options=kept)
            start_check(upload=upload, principal=request.user)
        except DomainError as refusal:
            show_refusal(form, refusal)
            return self._page(reading, upload.header, mapping, form, options, status=refusal.status)
        return HttpResponseRedirect(upload.get_absolute_url())

    def _look_again(self, reading: Reading, mapping: dict[str, str], path: Any) -> HttpResponse:
        try:
            header = header_of(path, reading)
        except DomainError as refusal:
            form = self._form(reading, self.object.header, mapping, path, bound=True)
            form.is_valid()
            form.add_error(None, refusal.detail)
            return self._page(reading, self.object.header, mapping, form, status=refusal.status)
        kept = {name: head for name, head in mapping.items() if head in header}
        return self._page(reading, header, guess_columns(self.object.of_kind, header, kept))

    def _options(self, data: Any = None) -> forms.Form:
        """What goes for all of the file: as it was given, else what is in the form already, else what is most likely meant."""
        kind = self.object.of_kind
        begun = kind.suggest_options(store_of(self.request)) | kind.recall_options(self.object.options)
        form = (kind.options_form or forms.Form)(data, initial=begun | self.request.POST.dict())
        narrow_choices(form, self.request.user)
        return form

    def _form(self, reading: Reading, header: Any, mapping: Any, path: Any, *, bound: bool = False) -> ReadingForm:
        values = reading.as_json() | {COLUMN + name: head for name, head in mapping.items()}
        shown_as = {"data": values} if bound else {"initial": values}
        return ReadingForm(**shown_as, kind=self.object.of_kind, reading=reading, header=header, path=path)

    def _page(
        self,
        reading: Reading,
        header: Any,
        mapping: Any,
        form: ReadingForm | None = None,
        options: forms.Form | None = None,
        *,
        status: int = 200,
    ) -> HttpResponse:
        upload: Import = self.object
        sample: list[list[str]] = []
        with local_file(upload) as path:
            if form is None:
                form = self._form(reading, header, mapping, path)
            try:
                for line in rows_of(path, reading):
                    sample.append([shown(cell) for cell in line.cells[: len(header)]])
                    if len(sample) == SAMPLE:
                        break
            except DomainError as refusal:
                if not form.is_bound:
                    form = self._form(reading, header, mapping, path, bound=True)
                if refusal.detail not in form.non_field_errors():
                    form.add_error(None, refusal.detail)
        context = self.get_context_data(form=form, header=header, sample=sample, options=options or self._options())
        before = (
            reverse("imports:new", kwargs={"kind": upload.kind}) if upload.job is None else upload.get_absolute_url()
        )
        context |= {"back_url": before, "back_label": upload.of_kind.label, "kind": upload.of_kind}
        return self.response_class(self.request, [self.template_name], context, status=status)


def _given(request: HttpRequest, name: str) -> list[tuple[str, str]]:
    value = request.POST.get(name, "")
    return [(value, value)] if value else []


def options_of(upload: Import) -> list[Fact]:
    return [Fact(label, value) for label, value in upload.of_kind.say_options(upload.options)]
