"""What a customer waits for from the desk or a store, and whether they complained lately."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.customers.services.open_work import MOST, OpenItem
from apps.service.models import ContactMoment, Question
from apps.service.topics import COMPLAINT

LATELY = dt.timedelta(days=30)


def questions_waiting(principal: Any, source_record_ids: Sequence[int]) -> Iterable[OpenItem]:
    """Questions about them without an answer, newest first."""
    asked = Question.objects.visible_to(principal).open().filter(source_record__in=source_record_ids)
    for question in asked.select_related("location").order_by("-asked_at", "-id")[:MOST]:
        whom = question.location.name if question.location else _("the service desk")
        yield OpenItem(
            title=_("Asked of %(whom)s") % {"whom": whom},
            since=question.asked_at,
            status=_("Waits for an answer"),
            url=question.get_absolute_url(),
        )


def complaints_lately(principal: Any, source_record_ids: Sequence[int]) -> Iterable[OpenItem]:
    """Whoever complained a short while ago is spoken with knowing it."""
    said = ContactMoment.objects.visible_to(principal).filter(COMPLAINT, source_record__in=source_record_ids)
    lately = said.filter(occurred_at__gte=timezone.now() - LATELY).select_related("topic")
    for moment in lately.order_by("-occurred_at", "-id")[:MOST]:
        yield OpenItem(
            title=moment.topic.name,
            since=moment.occurred_at,
            status=_("Complained lately"),
            tone="bad",
            url=moment.get_absolute_url(),
        )
