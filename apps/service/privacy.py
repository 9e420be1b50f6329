"""Contact moments and questions in the register of personal data."""

from apps.core.privacy.register import About, Personal, declare
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
