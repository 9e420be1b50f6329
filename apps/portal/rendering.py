"""How Django's forms come out: our field markup, Django's own widgets."""

from typing import Any

from django.forms.renderers import DjangoTemplates
from django.template.loader import get_template


class PortalForms(DjangoTemplates):
    """Renders forms and fields with the portal's templates, widgets with Django's. Named by FORM_RENDERER."""

    form_template_name = "shell/forms/form.html"
    field_template_name = "shell/forms/field.html"

    def get_template(self, template_name: str) -> Any:
        return (
            get_template(template_name) if template_name.startswith("shell/") else super().get_template(template_name)
        )
