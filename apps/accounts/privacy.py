"""Staff and access in the register of personal data."""

from apps.accounts.models import (
    AccessGrant,
    ApiClient,
    ApiKey,
    Assignment,
    PersonalExport,
    User,
    WebhookDelivery,
    WebhookEndpoint,
)
from apps.core.privacy.register import BY_WORDS, About, Basis, Erase, Personal, declare

declare(
    User,
    personal={
        "email": Personal("work address", about=About.STAFF),
        "name": Personal("name", about=About.STAFF),
        "password": Personal("password, hashed", about=About.STAFF, export=False),
        "language": Personal("preferred language", about=About.STAFF),
    },
)
declare(Assignment, impersonal={"role"})
declare(ApiClient, impersonal={"name", "scopes"})
declare(ApiKey, impersonal={"prefix", "digest"})
# Who looked at whom, when and why: the person looked at may ask for it, and it proves what we did.
declare(
    AccessGrant,
    personal={
        "purpose": Personal("why somebody looked", Basis.LAW, erase=Erase.KEEP),
        "evidence": Personal("how the customer was recognised", Basis.LAW, erase=Erase.KEEP),
        "case": Personal("case in which somebody looked", Basis.LAW, erase=Erase.KEEP),
    },
    impersonal={"principal", "object_type", "object_key"},
    subject=BY_WORDS,
)
declare(
    PersonalExport,
    personal={
        "filters": Personal(
            "which rows somebody saved, in words they may have typed", Basis.LAW, erase=Erase.KEEP, export=False
        ),
        "purpose": Personal("what somebody saved them for", Basis.LAW, erase=Erase.KEEP, export=False),
    },
    impersonal={"principal", "page", "columns", "file_format"},
    subject=BY_WORDS,
)
declare(WebhookEndpoint, impersonal={"url", "topics", "off_because"})
declare(
    WebhookDelivery,
    personal={
        "answer": Personal(
            "what a webshop answered, which we cannot know", Basis.INTEREST, erase=Erase.EXPIRES, export=False
        )
    },
    impersonal={"topic", "object_key", "body", "status", "problem"},
    subject=BY_WORDS,
)
