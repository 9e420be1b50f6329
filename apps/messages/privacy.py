"""Mail in the register of personal data."""

from django.db.models import Q
from django.utils.translation import gettext_lazy

from apps.core.privacy.register import Personal, declare
from apps.customers.rights.retention.rules import RetentionRule, Words, retention
from apps.messages import forgetting  # noqa: F401  (registers what an erasure does to mail in files)
from apps.messages.models import Message

declare(
    Message,
    personal={
        "address": Personal("e-mail address"),
        "subject": Personal("subject of a mail"),
        "body": Personal("text of a mail"),
        "error": Personal("answer of the mail server, which may quote the address", export=False),
    },
    impersonal={"template", "purpose", "dedupe_key", "locale", "status"},
    subject="source_record",
)

retention(
    RetentionRule(
        code="mails",
        name=gettext_lazy("Mails to customers"),
        purpose=gettext_lazy("Knowing what customers were told"),
        since=gettext_lazy("after the mail was made"),
        ends=gettext_lazy("Address, subject and text go; which kind of mail went out when stays."),
        why=gettext_lazy("Two years cover guarantee and claims."),
        months=24,
        least=3,
        parts=(
            Words(
                Message,
                ("address", "subject", "body", "error"),
                since="queued_at",
                only=Q(status__in=(Message.Status.SENT, Message.Status.FAILED, Message.Status.WITHHELD)),
                number="template",
            ),
        ),
    )
)
