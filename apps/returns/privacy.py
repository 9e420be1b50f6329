"""Returns in the register of personal data."""

from apps.core.privacy.register import Personal, declare
from apps.returns.models import Return, ReturnLine

declare(
    Return,
    impersonal={
        "number",
        "external_id",
        "fingerprint",
        "origin",
        "status",
        "return_code",
        "currency",
        "withdrawn_because",
    },
)
declare(
    ReturnLine,
    personal={"reason": Personal("why somebody brought it back")},
    impersonal={"charge_type", "sku", "name", "grade"},
)
