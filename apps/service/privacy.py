"""Contact moments and questions in the register of personal data."""

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from apps.core.privacy.register import About, Personal, declare
from apps.customers.rights.retention.rules import RetentionRule, Words, keeps_customers, retention
from apps.service.models import (
    Answer,
    CardShown,
    ContactEvent,
    ContactMoment,
    DatumRule,
    GuidanceRule,
    Policy,
    Question,
    Topic,
)

_COLLEAGUE = Personal("name of a colleague", about=About.STAFF)

declare(
    ContactMoment,
    personal={"text": Personal("what was said"), "handled_by": _COLLEAGUE},
    impersonal={"source", "external_id", "channel", "direction", "topic_word", "order_number", "actor"},
    subject="source_record",
)
declare(
    Question,
    personal={"text": Personal("what a store or the desk was asked"), "asked_by": _COLLEAGUE},
    impersonal={"order_number", "actor"},
    subject="source_record",
)
declare(
    Answer,
    personal={"text": Personal("what a store or the desk answered"), "answered_by": _COLLEAGUE},
    impersonal={"actor"},
    subject="question__source_record",
)
declare(ContactEvent, impersonal={"kind", "actor", "channel"})
declare(Topic, impersonal={"code", "names", "words"})
declare(Policy, impersonal={"note", "published_by"})
declare(GuidanceRule, impersonal={"name", "state", "channels", "say", "ask", "skip"})
declare(DatumRule, impersonal={"datum", "tag", "role", "purpose"})
declare(CardShown, impersonal={"states"})


@keeps_customers
def spoke_with_us(since: dt.datetime) -> QuerySet[Any]:
    """Whoever we had contact with since then."""
    return (
        ContactMoment.objects.filter(occurred_at__gte=since, source_record__isnull=False)
        .order_by()
        .values("source_record")
    )


retention(
    RetentionRule(
        code="conversations",
        name=gettext_lazy("What was said in conversations"),
        purpose=gettext_lazy("Not letting customers tell their story twice, and settling what was agreed"),
        since=gettext_lazy("after the conversation"),
        ends=gettext_lazy("The words go; channel, topic, day and how long it took stay."),
        why=gettext_lazy("Two years cover guarantee and claims."),
        months=24,
        least=3,
        parts=(
            Words(ContactMoment, ("text",), since="occurred_at", number="order_number"),
            Words(Question, ("text",), since="asked_at", only=Q(answer__isnull=False), number="order_number"),
            Words(Answer, ("text",), since="answered_at"),
        ),
    )
)
