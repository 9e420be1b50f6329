"""Drop-downs hold only what the person may see: the same call that narrows rows narrows choices."""

from typing import Any

from django import forms
from django.core.exceptions import ImproperlyConfigured


def narrow_choices(form: forms.BaseForm, principal: Any) -> None:
    """Restrict each model choice of a form to the rows visible to `principal`.

    A model that does not say what is visible cannot be a drop-down; it raises rather than show everything.
    """
    for name, field in form.fields.items():
        if not isinstance(field, forms.ModelChoiceField):
            continue
        choices: Any = field.queryset
        if not hasattr(choices, "visible_to"):
            raise ImproperlyConfigured(f"Field {name!r} offers {choices.model._meta.label}, which has no visible_to()")
        field.queryset = choices.visible_to(principal)
