"""Till tickets in the register of personal data."""

from apps.core.privacy.register import About, Basis, Erase, Personal, declare
from apps.tills.models import Ticket

declare(
    Ticket,
    personal={"operator": Personal("code of a colleague", Basis.INTEREST, About.STAFF, Erase.KEEP)},
    impersonal={"till", "fingerprint", "number", "currency"},
)
