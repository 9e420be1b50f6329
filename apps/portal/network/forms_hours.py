"""What people fill in about opening hours: a week, how fast orders go, and days that differ."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from apps.network.models import Timetable
from apps.network.opening import Hours
from apps.portal.network.showing_hours import in_words

_MOST_MINUTES = 40 * 60
_AS_CHAIN = (("", _("as the chain")), ("yes", _("closed")), ("no", _("open as on other days")))


def clock_field(label: Any, help_text: Any = "", *, required: bool = True) -> forms.TimeField:
    """A time by the clock on the wall."""
    widget = forms.TimeInput({"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=required, help_text=help_text, widget=widget)


def _wall(label: Any, help_text: Any) -> forms.TimeField:
    return clock_field(label, help_text, required=False)


class HoursForm(forms.Form):
    """The seven days come first. What is left empty is as in `kept`, but a day on which it is closed now stays so."""

    holidays = forms.ChoiceField(label=_("Public holidays"), choices=_AS_CHAIN, required=False)
    collect_cut_off = _wall(
        _("Orders to collect, begun the same day until"), _("What is ordered later is begun when the store opens next.")
    )
    parcel_cut_off = _wall(_("Parcels leave the same day until"), _("What is ordered later leaves the next open day."))
    picking_minutes = forms.IntegerField(
        label=_("Minutes to pick an order"), required=False, min_value=1, max_value=_MOST_MINUTES
    )
    transit_days = forms.IntegerField(
        label=_("Working days that a parcel is on its way"), required=False, min_value=0, max_value=30
    )

    def __init__(self, *args: Any, kept: Hours, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = self.fields
        self.fields = {}
        has_own_week = any(self.initial.get(f"week.{n}") for n in WEEKDAYS)
        for n, name in WEEKDAYS.items():
            self.fields[f"week.{n}"] = forms.CharField(
                label=capfirst(str(name)),
                required=False,
                max_length=80,
                widget=forms.TextInput(
                    {"placeholder": in_words(() if has_own_week else kept.week[n]), "autocomplete": "off"}
                ),
            )
        self.fields["week.0"].help_text = _(
            "For instance 9:00-12:30, 13:30-18:00. Empty while other days are filled in: closed."
        )
        self.fields |= own
        self.fields["picking_minutes"].help_text = _("Usually %(minutes)s.") % {
            "minutes": int(kept.picking.total_seconds()) // 60
        }
        self.fields["transit_days"].help_text = _("Usually %(days)s.") % {"days": kept.transit_days}

    def said(self) -> dict[str, Any]:
        """What `set_hours` takes."""
        given = self.cleaned_data
        week = [given[f"week.{n}"] for n in WEEKDAYS]
        return {
            "week": week if any(week) else None,
            "closes_on_holidays": {"yes": True, "no": False}.get(given["holidays"]),
            **{name: given[name] for name in ("collect_cut_off", "parcel_cut_off", "picking_minutes", "transit_days")},
        }


def initial_of(said: Timetable | None) -> dict[str, Any]:
    """What was written down, as its form shows it."""
    if said is None:
        return {}
    closes = said.closes_on_holidays
    return {
        **({f"week.{n}": text for n, text in enumerate(said.week)} if said.week else {}),
        "holidays": "" if closes is None else "yes" if closes else "no",
        "collect_cut_off": said.collect_cut_off,
        "parcel_cut_off": said.parcel_cut_off,
        "picking_minutes": said.picking_minutes,
        "transit_days": said.transit_days,
    }


class OpeningDayForm(forms.Form):
    day = forms.DateField(label=_("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    hours = forms.CharField(
        label=_("Hours"),
        required=False,
        max_length=80,
        help_text=_("For instance 12:00-17:00. Empty: closed that day."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    name = forms.CharField(label=_("Why"), required=False, max_length=60, help_text=_("Stock-taking, extra Sunday."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].widget.attrs["min"] = timezone.localdate().isoformat()
