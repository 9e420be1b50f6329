"""Steps of the conversation one is in: pick up, hold, go on, hang up, drop it."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from apps.core.actors import actor_of
from apps.core.errors import DomainError
from apps.customers.services.signing_up import record_for
from apps.customers.services.sources import DESK
from apps.customers.views import SeesCustomer
from apps.portal.pages import PlainPage
from apps.service.models import ContactEvent, ContactMoment
from apps.service.services.conversations import current, drop, know_caller, pick_up, step


class Step(PlainPage):
    """A button of the bar: it does its step and leads back to the page one was on."""

    permission = "service.desk"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor, asked = actor_of(request.user), request.POST.get("step", "")
        try:
            if asked == ContactEvent.Kind.DROPPED:
                drop(actor=actor)
                messages.success(request, _("The conversation is over. Nothing was written down."))
            elif asked == ContactEvent.Kind.START:
                pick_up(actor=actor, channel=ContactMoment.Channel.PHONE)
            elif asked in (ContactEvent.Kind.HOLD, ContactEvent.Kind.RESUME, ContactEvent.Kind.AFTER_WORK):
                step(actor=actor, kind=asked)
        except DomainError as refusal:
            messages.error(request, refusal.detail)
        return HttpResponseRedirect(back_of(request))


class Begin(SeesCustomer):
    """Pick up with the customer of this page, or say that this is who it is."""

    permission = "service.desk"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor, record_id = actor_of(request.user), record_for(self.object, source=DESK).pk
        if current(actor) is None:
            pick_up(actor=actor, channel=ContactMoment.Channel.PHONE, source_record_id=record_id)
        else:
            know_caller(actor=actor, source_record_id=record_id)
        return HttpResponseRedirect(self.get_object_url())


def back_of(request: HttpRequest) -> str:
    """The page of ours that a button was pressed on, else the desk."""
    came_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()}):
        parts = urlsplit(came_from)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return reverse("service:desk")
