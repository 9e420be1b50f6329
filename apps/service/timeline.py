"""Contact moments on the customer's timeline."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from apps.portal.contributions import Cut, Through, TimelineEntry
from apps.portal.timeline import part_of
from apps.service.models import Answer, ContactMoment, Question

PREFIX = "contact:"
QUESTION = "question:"
ANSWER = "answer:"
ICONS = {
    "phone": "phone",
    "email": "mail",
    "chat": "message-circle",
    "social": "share-2",
    "store": "store",
    "letter": "mail-open",
}


def contact_moments(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    rows = ContactMoment.objects.visible_to(principal).select_related("location", "topic")
    if cut.through:
        in_store = Q(channel=ContactMoment.Channel.STORE)
        rows = rows.filter(in_store if cut.through == Through.STORE else ~in_store)
    for moment in part_of(rows, source_record_ids, limit, cut, at="occurred_at", key="key", prefix=PREFIX):
        where = [moment.get_channel_display(), moment.handled_by, moment.location.name if moment.location else ""]
        yield TimelineEntry(
            at=moment.occurred_at,
            key=f"{PREFIX}{moment.key}",
            kind="contact",
            icon=ICONS.get(moment.channel, "message-square"),
            title=moment.topic.name,
            where=", ".join(part for part in where if part),
            text=moment.text,
            url=moment.get_absolute_url(),
            through=Through.STORE if moment.channel == ContactMoment.Channel.STORE else Through.DESK,
        )


def questions_of(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    """What was asked of a store or the desk about this customer."""
    rows = Question.objects.visible_to(principal).select_related("location", "asked_in", "answer")
    if cut.through:
        rows = rows.filter(asked_in__isnull=cut.through == Through.DESK)
    for question in part_of(rows, source_record_ids, limit, cut, at="asked_at", key="key", prefix=QUESTION):
        is_open = not hasattr(question, "answer")
        of = question.location.name if question.location else _("the service desk")
        yield TimelineEntry(
            at=question.asked_at,
            key=f"{QUESTION}{question.key}",
            kind="contact",
            icon="message-circle-question-mark",
            title=_("Asked of %(whom)s") % {"whom": of},
            where=", ".join(str(part) for part in (question.asked_by, question.asked_in or "") if part),
            text=f"{question.text} – {_('Waits for an answer.')}" if is_open else question.text,
            url=question.get_absolute_url(),
            tone="now note" if is_open else "note",
            through=Through.STORE if question.asked_in_id else Through.DESK,
        )


def answers_to(principal: Any, source_record_ids: Sequence[int], limit: int, cut: Cut) -> Iterable[TimelineEntry]:
    """What a store or the desk answered."""
    seen = Question.objects.visible_to(principal)
    rows = Answer.objects.filter(question__in=seen).select_related("question__location")
    if cut.through:
        rows = rows.filter(question__location__isnull=cut.through == Through.DESK)
    for answer in part_of(
        rows,
        source_record_ids,
        limit,
        cut,
        at="answered_at",
        key="id",
        prefix=ANSWER,
        owner="question__source_record",
    ):
        place = answer.question.location
        yield TimelineEntry(
            at=answer.answered_at,
            key=f"{ANSWER}{answer.pk:020d}",
            kind="contact",
            icon="reply",
            title=_("Answer of %(who)s") % {"who": place.name if place else _("the service desk")},
            where=answer.answered_by,
            text=answer.text,
            url=answer.question.get_absolute_url(),
            tone="note",
            through=Through.STORE if place else Through.DESK,
        )
