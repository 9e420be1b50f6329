"""Contact moments on the customer's timeline."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.portal.contributions import Through, TimelineEntry, TimelineReader
from apps.service.models import Answer, ContactMoment, Question

ICONS = {
    "phone": "phone",
    "email": "mail",
    "chat": "message-circle",
    "social": "share-2",
    "store": "store",
    "letter": "mail-open",
}


class ContactMoments(TimelineReader[ContactMoment]):
    """Conversations with the desk or in a store."""

    model, prefix, at, key = ContactMoment, "contact:", "occurred_at", "key"

    def rows(self, principal: Any, through: str) -> QuerySet[ContactMoment]:
        moments = super().rows(principal, through)
        in_store = Q(channel=ContactMoment.Channel.STORE)
        return moments.filter(in_store if through == Through.STORE else ~in_store) if through else moments

    def said(self, rows: QuerySet[ContactMoment]) -> QuerySet[ContactMoment]:
        return rows.select_related("location", "topic")

    def entries(self, rows: Sequence[ContactMoment]) -> Iterable[TimelineEntry]:
        for moment in rows:
            where = [moment.get_channel_display(), moment.handled_by, moment.location.name if moment.location else ""]
            yield TimelineEntry(
                at=moment.occurred_at,
                key=self.key_of(moment),
                kind="contact",
                icon=ICONS.get(moment.channel, "message-square"),
                title=moment.topic.name,
                where=", ".join(part for part in where if part),
                text=moment.text,
                url=moment.get_absolute_url(),
                through=Through.STORE if moment.channel == ContactMoment.Channel.STORE else Through.DESK,
            )


class Questions(TimelineReader[Question]):
    """What was asked of a store or the desk about this customer."""

    model, prefix, at, key = Question, "question:", "asked_at", "key"

    def rows(self, principal: Any, through: str) -> QuerySet[Question]:
        questions = super().rows(principal, through)
        return questions.filter(asked_in__isnull=through == Through.DESK) if through else questions

    def said(self, rows: QuerySet[Question]) -> QuerySet[Question]:
        return rows.select_related("location", "asked_in", "answer")

    def entries(self, rows: Sequence[Question]) -> Iterable[TimelineEntry]:
        for question in rows:
            is_open = not hasattr(question, "answer")
            of = question.location.name if question.location else _("the service desk")
            yield TimelineEntry(
                at=question.asked_at,
                key=self.key_of(question),
                kind="contact",
                icon="message-circle-question-mark",
                title=_("Asked of %(whom)s") % {"whom": of},
                where=", ".join(str(part) for part in (question.asked_by, question.asked_in or "") if part),
                text=f"{question.text} – {_('Waits for an answer.')}" if is_open else question.text,
                url=question.get_absolute_url(),
                tone="now note" if is_open else "note",
                through=Through.STORE if question.asked_in_id else Through.DESK,
            )


class Answers(TimelineReader[Answer]):
    """What a store or the desk answered."""

    model, prefix, at, key, owner = Answer, "answer:", "answered_at", "id", "question"

    def rows(self, principal: Any, through: str) -> QuerySet[Answer]:
        answers = Answer.objects.all()
        return answers.filter(question__location__isnull=through == Through.DESK) if through else answers

    def owners(self, principal: Any, source_record_ids: Sequence[int]) -> QuerySet[Any, Any]:
        return Question.objects.visible_to(principal).filter(source_record__in=source_record_ids).values_list("pk")

    def said(self, rows: QuerySet[Answer]) -> QuerySet[Answer]:
        return rows.select_related("question__location")

    def entries(self, rows: Sequence[Answer]) -> Iterable[TimelineEntry]:
        for answer in rows:
            place = answer.question.location
            yield TimelineEntry(
                at=answer.answered_at,
                key=self.key_of(answer),
                kind="contact",
                icon="reply",
                title=_("Answer of %(who)s") % {"who": place.name if place else _("the service desk")},
                where=answer.answered_by,
                text=answer.text,
                url=answer.question.get_absolute_url(),
                tone="note",
                through=Through.STORE if place else Through.DESK,
            )
