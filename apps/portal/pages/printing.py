"""Pages made to be printed: on the screen the paper as it will come out, above it what may be chosen."""

from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from apps.portal.narrowing import narrow_choices
from apps.portal.pages.base import PlainPage


class Printed(PlainPage, abstract=True):
    """A sheet whose template extends `shell/print.html` and fills its `sheet` block.

    `form_class` says what is printed; it is read from the address, over what `get_initial()` proposes, so that a
    sheet can be linked to. A field's own `initial` counts where neither says anything.
    """

    title: ClassVar[Any]
    back: ClassVar[tuple[str, Any]]  # (route, label)
    form_class: ClassVar[type[forms.Form] | None] = None

    def get_initial(self) -> dict[str, str]:
        return {}

    @cached_property
    def form(self) -> forms.Form | None:
        """What is to be printed; None for a sheet without a choice."""
        if self.form_class is None:
            return None
        asked = QueryDict(mutable=True)
        usual = {name: field.initial for name, field in self.form_class.base_fields.items() if field.initial}
        for name, value in (usual | self.get_initial()).items():
            asked[name] = str(value)
        for name, values in self.request.GET.lists():
            asked.setlist(name, values)
        form = self.form_class(asked)
        narrow_choices(form, self.request.user)
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "title": self.title,
            "form": self.form,
            "back_url": reverse(self.back[0]),
            "back_label": self.back[1],
            "as_of": timezone.now(),
        }
