"""The desk: who is calling, in one field; and what waits for it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.core.actors import actor_of
from apps.customers.services.lookup import Candidate
from apps.customers.views.finding import FindCustomer
from apps.service.forms import CallerForm
from apps.service.models import ContactMoment, Question
from apps.service.services.conversations import current, know_caller, pick_up

_SHOWN = 6


class Desk(FindCustomer):
    """Who is on the line? One field opens their page, and from then on the time of the conversation runs.

    It is posted: whom somebody asks for never stands in an address or a log.
    """

    permission = "service.desk"
    template_name = "service/desk.html"
    channel = ContactMoment.Channel.PHONE

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = request.POST.get("channel", "")
        self.channel = ContactMoment.Channel(asked) if asked in ContactMoment.Channel else self.channel
        if "choice" in request.POST:
            return self.open_choice(request.POST["choice"])
        return self.look_up(CallerForm(request.POST))

    def find_again(self, said: str) -> HttpResponse:
        return self.answer(CallerForm(), said=said, status=422)

    def open(self, person: Candidate, attempts: Sequence[dict[str, str]] = ()) -> HttpResponse:
        response = super().open(person, attempts)
        actor = actor_of(self.request.user)
        if current(actor) is None:
            pick_up(actor=actor, channel=self.channel, source_record_id=person.source_record_id)
        else:
            know_caller(actor=actor, source_record_id=person.source_record_id)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", CallerForm())
        context = super().get_context_data(**kwargs)
        actor = actor_of(self.request.user)
        questions: Any = self.visible(Question).select_related("location", "asked_in", "contact__topic")
        context["precise"] = [field for field in context["precise"] if field.name != "channel"]
        return context | {
            "is_precise": any(field.errors or field.value() for field in context["precise"]),
            "channel": self.channel,
            "asked": questions.open().filter(location=None).order_by("asked_at")[:_SHOWN],
            "answered": questions.filter(actor=actor, answer__isnull=False)
            .select_related("answer")
            .order_by("-answer__answered_at")[:_SHOWN],
            "own": self.visible(ContactMoment)
            .filter(actor=actor)
            .select_related("topic")
            .order_by("-occurred_at")[:_SHOWN],
        }
