"""Contact moments in the register of personal data."""

from apps.core.privacy.register import About, Personal, declare
from apps.service.models import ContactMoment

declare(
    ContactMoment,
    personal={
        "text": Personal("what was said"),
        "handled_by": Personal("name of a colleague", about=About.STAFF),
    },
    impersonal={"source", "external_id", "channel", "direction", "topic", "order_number", "actor"},
    subject="source_record",
)
