"""Questions of the service desk that wait for a store's answer."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.portal.work.kinds import Described, WorkKind
from apps.service.models import Question


def _waiting(principal: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = Question.objects.visible_to(principal).open().filter(location__isnull=False)
    return rows


def _describe(principal: Any, keys: Collection[Any]) -> dict[Any, Described]:
    rows = Question.objects.visible_to(principal).filter(pk__in=keys).select_related("contact__topic")
    return {
        question.pk: Described(
            what=_("Question: %(question)s") % {"question": Truncator(question.text).chars(80)},
            url=question.get_absolute_url(),
            meta=", ".join(
                str(part) for part in (question.contact.topic.name, question.order_number, question.asked_by) if part
            ),
        )
        for question in rows
    }


ANSWER = WorkKind(
    name="service.answer",
    label=gettext_lazy("Questions to answer"),
    icon="message-circle-question-mark",
    permission="service.write",
    seen_with="service.view",
    rows=_waiting,
    describe=_describe,
    within=dt.timedelta(hours=4),
    order=60,
    route="service:questions",
    since="asked_at",
)
