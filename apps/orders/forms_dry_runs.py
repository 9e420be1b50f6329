"""Over which orders a profile is tried out."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.orders.services.dry_runs.replaying import LONGEST


class TryOutForm(forms.Form):
    """A period that is over or goes on, of at most a month."""

    since = forms.DateField(
        label=gettext_lazy("Orders from"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(label=gettext_lazy("until"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until:
            if until < since:
                self.add_error("until", _("The last day comes after the first."))
            elif until - since > LONGEST:
                self.add_error("until", _("At most a month."))
            elif since > timezone.localdate():
                self.add_error("since", _("That day is still to come."))
        return given


def last_week() -> dict[str, dt.date]:
    """The seven days before today."""
    today = timezone.localdate()
    return {"since": today - dt.timedelta(days=7), "until": today - dt.timedelta(days=1)}
