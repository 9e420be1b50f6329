"""The file for who asked what we know of them. It is made while the officer waits, written down, and kept nowhere."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import PersonalExport
from apps.accounts.services import note_export
from apps.customers.models import PrivacyRequest, PrivacyStep
from apps.customers.rights.handling import check_identified, check_open, note_step
from apps.customers.rights.languages import language_of
from apps.customers.rights.telling import answer
from apps.customers.rights.views.requests import HANDLE
from apps.customers.rights.writing import as_json, as_pdf
from apps.portal.pages import FormPage

FORMATS = {"pdf": (as_pdf, "application/pdf"), "json": (as_json, "application/json")}


class ExportForm(forms.Form):
    file_format = forms.ChoiceField(
        label=gettext_lazy("File"),
        choices=[("pdf", gettext_lazy("PDF, to read")), ("json", gettext_lazy("JSON, for a program"))],
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    read = forms.BooleanField(
        label=gettext_lazy("I read its free texts before I send it"),
        help_text=gettext_lazy(
            "Names of colleagues and housemates, and addresses and numbers of others, are left out by themselves. A text may "
            "still say something about somebody else."
        ),
    )


class ExportData(FormPage):
    """Everything that we know of whoever asked, as a file."""

    permission = HANDLE
    model = PrivacyRequest
    select_related = ("source_record__customer",)
    form_class = ExportForm
    title = gettext_lazy("Make the file")
    button = gettext_lazy("Download")

    def get_initial(self) -> dict[str, Any]:
        kind = "json" if self.object.kind == PrivacyRequest.Kind.PORTABILITY else "pdf"
        return {"file_format": kind, "language": language_of(self.object.source_record.customer)}

    def perform(self, form: ExportForm) -> HttpResponse:
        request, name = self.object, form.cleaned_data["file_format"]
        check_open(request)
        check_identified(request)
        told = answer(request.source_record.customer, language=form.cleaned_data["language"])
        write, content_type = FORMATS[name]
        content = write(told)
        note_export(
            principal=self.request.user,
            page="privacy:export",
            filters=request.number,
            columns=[chapter.name for chapter in told.chapters],
            rows=told.rows,
            file_format=name,
            purpose=PersonalExport.Purpose.AUTHORITY,
        )
        note_step(request, PrivacyStep.Kind.EXPORTED, principal=self.request.user)
        file_name = f"{_('your-data')}-{request.number}.{name}"
        return HttpResponse(
            content,
            content_type=content_type,
            headers={
                "Content-Disposition": f'attachment; filename="{file_name}"',
                "Cache-Control": "no-store, private",
            },
        )

    def done(self, result: HttpResponse) -> HttpResponse:
        return result
