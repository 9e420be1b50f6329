"""Loading a file: which, and an empty one to fill in."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from apps.portal.csv_files import csv_of_cells
from apps.portal.importing.forms import UploadForm
from apps.portal.importing.models import Import
from apps.portal.importing.output import template_rows
from apps.portal.importing.services import take_in
from apps.portal.importing.views.access import MAY_IMPORT, OfKind
from apps.portal.importing.views.files import as_csv
from apps.portal.pages import FormPage


class NewImport(OfKind, FormPage):
    """Which file."""

    permission = MAY_IMPORT
    model = Import
    lookup = "key"
    form_class = UploadForm
    template_name = "portal/importing/new.html"
    button = gettext_lazy("Load file")

    def get_title(self) -> Any:
        return self.kind.label

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        route, label = self.kind.back
        context = {"back_url": reverse(route), "back_label": label, **kwargs, "kind": self.kind}
        return super().get_context_data(**context)

    def perform(self, form: Any) -> Import:
        return take_in(kind=self.kind, file=form.cleaned_data["file"], owner=self.request.user)

    def get_success_url(self, result: Import) -> str:
        return reverse("imports:reading", kwargs={"key": result.key})


class ImportTemplate(OfKind):
    """An empty file to fill in, with one example."""

    permission = MAY_IMPORT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return as_csv(csv_of_cells(template_rows(self.kind)), f"{slugify(str(self.kind.label))}.csv")
