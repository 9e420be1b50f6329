"""While goods lie ready: more time for the customer, somebody else who comes for them, and the terms of each channel."""

import datetime as dt
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.network.changing import set_collect_terms
from apps.network.models import Channel
from apps.orders.models import Collector, Order
from apps.orders.promised import clock_of
from apps.orders.services.keeping import keep_until, name_collector
from apps.orders.views.own import OwnOrder
from apps.portal import formats
from apps.portal.pages import FormPage

MOST_DAYS = 90


class KeepForm(forms.Form):
    """Until when the goods are kept."""

    day = forms.DateField(
        label=gettext_lazy("Keep until"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("The customer gets a mail with this day."),
    )


class KeepLonger(OwnOrder, FormPage):
    """Give the customer more time, or less, to come for what lies ready."""

    permission = "orders.reroute"
    rail = "orders:collect"
    form_class = KeepForm
    asks_reason = True
    button = gettext_lazy("Keep until then")

    def get_title(self) -> Any:
        return _("How long is order %(number)s kept?") % {"number": self.object.number}

    def get_initial(self) -> dict[str, Any]:
        until = self.object.collect_until or timezone.now()
        with clock_of(self.object):
            return {"day": timezone.localdate(until) + dt.timedelta(days=7)}

    def perform(self, form: KeepForm) -> Order:
        return keep_until(number=self.object.number, day=form.cleaned_data["day"], actor=actor_of(self.request.user))

    def get_success_message(self, result: Order) -> Any:
        with clock_of(result):
            said = {"number": result.number, "day": formats.day(result.collect_until)}
        return _("Order %(number)s is kept until %(day)s.") % said


class CollectorForm(forms.Form):
    """Who comes for the order."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=160,
        help_text=gettext_lazy(
            "As it stands on the document they will show. With the collect code anybody can collect."
        ),
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class NameCollector(OwnOrder, FormPage):
    """The customer sends somebody else."""

    permission = "orders.collector"
    rail = "orders:collect"
    form_class = CollectorForm

    def get_title(self) -> Any:
        return _("Who collects order %(number)s?") % {"number": self.object.number}

    def perform(self, form: CollectorForm) -> None:
        self.named: Collector = name_collector(
            number=self.object.number, name=form.cleaned_data["name"].strip(), actor=actor_of(self.request.user)
        )

    def get_success_message(self, result: Any) -> Any:
        return _("%(name)s may collect the order and shows a document.") % {"name": self.named.name}

    def get_success_url(self, result: Any) -> str:
        return self.get_object_url()


class TermsForm(forms.Form):
    """For each channel: after how many days the customer is reminded, and after how many the goods go back."""

    def __init__(self, *args: Any, channels: list[Channel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channels = channels
        for channel in channels:
            self.fields[f"{channel.code}-reminder"] = forms.IntegerField(
                label=_("%(channel)s: days until a reminder") % {"channel": channel.name},
                min_value=1,
                max_value=MOST_DAYS,
            )
            self.fields[f"{channel.code}-days"] = forms.IntegerField(
                label=_("%(channel)s: days that goods lie ready") % {"channel": channel.name},
                min_value=2,
                max_value=MOST_DAYS,
            )

    def clean(self) -> dict[str, Any]:
        terms: dict[str, Any] = super().clean() or {}
        for channel in self.channels:
            reminder, days = terms.get(f"{channel.code}-reminder"), terms.get(f"{channel.code}-days")
            if reminder and days and reminder >= days:
                self.add_error(f"{channel.code}-reminder", _("Remind the customer before the last day."))
        return terms


class CollectTerms(FormPage):
    """How long what was ordered online lies ready in a store, for each channel."""

    permission = "network.change"
    rail = "orders:orders"
    form_class = TermsForm
    title = gettext_lazy("How long goods lie ready")
    back = ("orders:orders", gettext_lazy("Orders"))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"channels": list(self.visible(Channel).filter(kind__in=Channel.ONLINE).order_by("code"))}

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {}
        for channel in self.get_form_kwargs()["channels"]:
            initial |= {
                f"{channel.code}-reminder": channel.collect_reminder_days,
                f"{channel.code}-days": channel.collect_days,
            }
        return initial

    def perform(self, form: TermsForm) -> None:
        for channel in form.channels:
            terms = form.cleaned_data
            set_collect_terms(
                channel=channel,
                reminder_days=terms[f"{channel.code}-reminder"],
                days=terms[f"{channel.code}-days"],
            )

    def get_success_message(self, result: Any) -> Any:
        return _("It holds for what is made ready from now on.")

    def get_success_url(self, result: Any) -> str:
        return reverse("orders:orders")
