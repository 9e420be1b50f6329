"""Asking a store, or the desk, about a customer; and answering."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.core.actors import actor_of
from apps.core.errors import Conflict
from apps.core.events.log import Happened, record
from apps.core.reach import reach_of
from apps.network.models import Location
from apps.service.models import Answer, ContactMoment, Question


class AlreadyAnswered(Conflict):
    """Somebody else came first."""

    code = "already_answered"


class AskedOfOthers(Conflict):
    """It is for another store, or for the desk, to answer."""

    code = "asked_of_others"


@transaction.atomic
def ask(*, contact: ContactMoment, text: str, of: Location | None, actor: str, asked_by: str = "") -> Question:
    """Ask a store (or the desk, with None) something out of a conversation."""
    question = Question.objects.create(
        contact=contact,
        source_record_id=contact.source_record_id,
        location=of,
        asked_in=contact.location,
        order_number=contact.order_number,
        text=text,
        actor=actor,
        asked_by=asked_by,
    )
    _tell("question.asked", question, at=question.asked_at)
    return question


def may_answer(principal: Any, question: Question) -> bool:
    """The desk answers everything; a store what it was asked."""
    reach = reach_of(principal)
    return reach.may("service.write") and (reach.every_location or question.location_id in reach.location_ids)


@transaction.atomic
def answer_question(*, question: Question, text: str, principal: Any, answered_by: str = "") -> Answer:
    """Answer a question, which closes it. Raises AlreadyAnswered, and AskedOfOthers when it was asked of somebody else."""
    if not may_answer(principal, question):
        raise AskedOfOthers(_("This was asked of somebody else."))
    try:
        with transaction.atomic():
            answer = Answer.objects.create(
                question=question, text=text, actor=actor_of(principal), answered_by=answered_by
            )
    except IntegrityError as twin:
        raise AlreadyAnswered(_("Somebody has answered this already.")) from twin
    _tell("question.answered", question, at=answer.answered_at)
    return answer


def _tell(topic: str, question: Question, *, at: dt.datetime) -> None:
    """Keys only: what was asked and answered is about a person."""
    record(
        Happened(
            topic=topic,
            object_type="question",
            object_key=str(question.key),
            occurred_at=at,
            payload={
                "question": str(question.key),
                "contact": str(question.contact.key),
                "location": question.location.code if question.location else None,
            },
        )
    )
