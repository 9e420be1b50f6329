"""Pages of the service desk."""

from apps.service.views.contacts import ComposeContact, ContactList, ContactPage, LogContact, NewContact
from apps.service.views.conversations import Begin, Step
from apps.service.views.desk import Desk
from apps.service.views.questions import AnswerQuestion, QuestionList, QuestionPage
from apps.service.views.topics import AddTopic, ChangeTopic, TopicList

__all__ = [
    "AddTopic",
    "AnswerQuestion",
    "Begin",
    "ChangeTopic",
    "ComposeContact",
    "ContactList",
    "ContactPage",
    "Desk",
    "LogContact",
    "NewContact",
    "QuestionList",
    "QuestionPage",
    "Step",
    "TopicList",
]
