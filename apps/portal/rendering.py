"""How Django's forms come out: our field markup, Django's own widgets."""

from dataclasses import dataclass
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.template.loader import get_template

LONG = 4
"""How many fields are seen at a glance; a form with more says above itself what is wrong with which."""


@dataclass(frozen=True)
class Fault:
    """A field that is wrong: where it is, its label, and what it says."""

    id: str
    label: Any
    said: str


def faults_in(form: Any) -> list[Fault]:
    """The fields of a long form that are wrong, in their order."""
    if form is None or not form.is_bound or len(form.visible_fields()) <= LONG:
        return []
    return [
        # A group of boxes has no field of its own to go to: its first box is.
        Fault(field.id_for_label or f"{field.auto_id}_0", field.label, " ".join(field.errors))
        for field in form.visible_fields()
        if field.errors
    ]


class PortalForms(DjangoTemplates):
    """Renders forms and fields with the portal's templates, widgets with Django's. Named by FORM_RENDERER."""

    form_template_name = "shell/forms/form.html"
    field_template_name = "shell/forms/field.html"

    def get_template(self, template_name: str) -> Any:
        return (
            get_template(template_name) if template_name.startswith("shell/") else super().get_template(template_name)
        )
