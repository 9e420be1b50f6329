"""What people fill in about the times at which a location brings orders itself."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.network.keeping_slots import MOST_MINUTES, MOST_ORDERS
from apps.portal.network.forms_hours import clock_field


class ChangeSlotForm(forms.Form):
    capacity = forms.IntegerField(label=_("Orders at most"), min_value=1, max_value=MOST_ORDERS)
    cut_off_minutes = forms.IntegerField(
        label=_("Ordered so many minutes before it starts"),
        min_value=0,
        max_value=MOST_MINUTES,
        initial=120,
        help_text=_("Time enough to pick the order and to leave."),
    )


class AddSlotForm(ChangeSlotForm):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"), coerce=int, choices=(), widget=forms.CheckboxSelectMultiple, initial=[0, 1, 2, 3, 4]
    )
    starts = clock_field(_("From"))
    ends = clock_field(
        pgettext_lazy("a clock time", "Until"),
        _("A day on which the store is not open all that time has no such slot."),
    )
    field_order = ("weekdays", "starts", "ends", "capacity", "cut_off_minutes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = self.fields["weekdays"]
        assert isinstance(days, forms.TypedMultipleChoiceField)
        days.choices = [(n, capfirst(str(name))) for n, name in WEEKDAYS.items()]
