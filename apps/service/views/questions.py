"""Questions between the desk and the stores: what waits, one of them, and answering it."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.customers.models import Customer
from apps.portal.pages import Action, DetailPage, Fact, FormPage, ListPage, Preset
from apps.service.filters import QuestionFilter
from apps.service.forms import AnswerForm
from apps.service.models import Question
from apps.service.services.questions import AlreadyAnswered, answer_question, may_answer
from apps.service.tables import QuestionTable


class QuestionList(ListPage):
    permission = "service.view"
    model = Question
    table_class = QuestionTable
    filterset_class = QuestionFilter
    search_fields = ("order_number__istartswith", "asked_by")
    views = (
        Preset("open", gettext_lazy("Open"), {"state": "open"}),
        Preset("desk", gettext_lazy("For the service desk"), {"state": "open", "asked_of": "desk"}),
        Preset("answered", gettext_lazy("Answered"), {"state": "answered"}),
        Preset("all", gettext_lazy("All")),
    )
    select_related = ("location", "asked_in", "answer", "contact__topic")
    ordering = ("-asked_at", "-id")
    title = gettext_lazy("Questions")
    empty_title = gettext_lazy("No questions")
    empty_text = gettext_lazy(
        "They are asked where a contact is written down: the desk asks a store, or a store the desk."
    )
    empty_icon = "message-circle-question-mark"


def _is_open(question: Question) -> bool:
    return not hasattr(question, "answer")


class QuestionPage(DetailPage):
    """One question, and its answer."""

    permission = "service.view"
    model = Question
    lookup = "key"
    template_name = "service/question.html"
    select_related = ("location", "asked_in", "answer", "contact__topic", "source_record__customer")
    back = ("service:questions", gettext_lazy("Questions"))
    actions = (
        Action(
            label=gettext_lazy("Answer"),
            route="service:answer",
            permission="service.write",
            icon="reply",
            primary=True,
            when=_is_open,
        ),
    )

    def get_bound_actions(self) -> list[Any]:
        return super().get_bound_actions() if may_answer(self.request.user, self.object) else []

    def get_title(self) -> Any:
        return _("Question: %(topic)s") % {"topic": self.object.contact.topic.name}

    def get_status(self) -> tuple[str, Any]:
        return ("wait", _("Open")) if _is_open(self.object) else ("ok", _("Answered"))

    def get_facts(self) -> list[Fact]:
        question = self.object
        facts = [
            Fact(_("Asked of"), asked_of(question)),
            Fact(_("Asked by"), question.asked_by or "–", note=question.asked_in or _("Service desk")),
        ]
        if question.order_number:
            found = f"{reverse('portal:search')}?{urlencode({'q': question.order_number})}"
            facts.append(Fact(_("Order"), question.order_number, url=found))
        customer = question.source_record.customer if question.source_record else None
        if customer is not None and self.visible(Customer).filter(pk=customer.pk).exists():
            facts.append(Fact(_("Customer"), str(customer), url=customer.get_absolute_url()))
        elif customer is not None:
            facts.append(Fact(_("Customer"), _("Known"), note=_("Look the customer up to see who it is.")))
        return facts


def asked_of(question: Question) -> Any:
    return question.location.name if question.location else _("Service desk")


class AnswerQuestion(FormPage):
    """Answer a question."""

    permission = "service.write"
    model = Question
    lookup = "key"
    form_class = AnswerForm
    template_name = "service/answer.html"
    title = gettext_lazy("Answer")
    button = gettext_lazy("Answer")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"back_label": _("Question: %(topic)s") % {"topic": self.object.contact.topic.name}}

    def perform(self, form: AnswerForm) -> Question:
        question: Question = self.object
        if not _is_open(question):
            raise AlreadyAnswered(_("Somebody has answered this already."))
        answer_question(
            question=question,
            text=form.cleaned_data["text"],
            principal=self.request.user,
            answered_by=str(self.request.user),
        )
        return question

    def get_success_message(self, result: Question) -> Any:
        return _("Answered. %(name)s sees it.") % {"name": result.asked_by or _("Whoever asked")}
