"""What the service desk tells somebody who asks what we know of them: what was said, without who of us said it."""

from collections.abc import Iterable

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from apps.customers.rights.telling import Asked, Row, tells
from apps.service.models import Answer, ContactMoment, Question


@tells(
    "service.contacts",
    title=_("What we talked about"),
    purpose=_("To help you, and not ask you the same twice."),
    kept=_("Until you ask us to erase it, or until the term in our privacy statement is over."),
    columns=(
        ("at", _("When")),
        ("how", _("How")),
        ("topic", _("About")),
        ("order", _("Order")),
        ("text", _("What was written down")),
    ),
    models=(ContactMoment, Question, Answer),
    order=50,
)
def contacts(asked: Asked) -> Iterable[Row]:
    moments = ContactMoment.objects.filter(source_record__in=asked.records).select_related("topic")
    for moment in moments.order_by("occurred_at", "pk"):
        yield {
            "at": moment.occurred_at,
            "how": moment.get_channel_display(),
            "topic": moment.topic.name,
            "order": moment.order_number,
            "text": asked.withhold(moment.text, also=[moment.handled_by]),
        }
    questions = Question.objects.filter(source_record__in=asked.records).select_related("answer")
    for question in questions.order_by("asked_at", "pk"):
        answered = getattr(question, "answer", None)
        also = [question.asked_by, answered.answered_by if answered else ""]
        asking = {"at": question.asked_at, "order": question.order_number}
        yield asking | {"how": _t("Asked among ourselves"), "text": asked.withhold(question.text, also=also)}
        if answered:
            text = asked.withhold(answered.text, also=also)
            yield {"at": answered.answered_at, "how": _t("Answered among ourselves"), "text": text}
