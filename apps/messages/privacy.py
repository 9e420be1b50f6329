"""Mail in the register of personal data."""

from apps.core.privacy.register import Personal, declare
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
