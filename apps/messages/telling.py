"""What the outbox tells somebody who asks what we know of them."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.customers.rights.telling import Asked, Row, tells
from apps.messages.kinds import kind_in_words
from apps.messages.models import Message


@tells(
    "messages.messages",
    title=_("Mail we sent you"),
    purpose=_("To tell you about your orders, and what you allowed us to send."),
    kept=_("Until you ask us to erase it, or until the term in our privacy statement is over."),
    columns=(
        ("at", _("When")),
        ("kind", _("Kind")),
        ("address", _("To")),
        ("subject", _("Subject")),
        ("text", _("Text")),
    ),
    models=(Message,),
    order=55,
)
def messages(asked: Asked) -> Iterable[Row]:
    for row in Message.objects.filter(source_record__in=asked.records).order_by("queued_at", "pk"):
        yield {
            "at": row.sent_at or row.queued_at,
            "kind": kind_in_words(row.template),
            "address": row.address,
            "subject": row.subject,
            "text": asked.withhold(row.body),
        }
