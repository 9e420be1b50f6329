"""The service desk: conversations with customers in any channel, what they are about, and what is asked of stores."""

from apps.service.guidance.models import CardShown, DatumRule, GuidanceRule, Policy
from apps.service.models.contacts import ContactMoment
from apps.service.models.conversations import ContactEvent
from apps.service.models.questions import Answer, Question
from apps.service.models.topics import Topic

__all__ = [
    "Answer",
    "CardShown",
    "ContactEvent",
    "ContactMoment",
    "DatumRule",
    "GuidanceRule",
    "Policy",
    "Question",
    "Topic",
]
