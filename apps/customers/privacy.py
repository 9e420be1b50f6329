"""Customers in the register of personal data."""

from apps.core.privacy.register import Basis, Erase, Personal, declare
from apps.customers.models import Consent, Customer, Identifier, MatchEvent, PersonDetails, SourceRecord

NAME = Personal("name")
ORGANISATION = Personal("organisation")
EMAIL = Personal("e-mail address")
PHONE = Personal("phone number")
ADDRESS = Personal("postal address")

_ADDRESS = dict.fromkeys(("street", "house_number", "postcode", "city", "country"), ADDRESS)

declare(Customer, personal={"name": NAME, "email": EMAIL, "phone": PHONE, **_ADDRESS})
declare(
    PersonDetails,
    personal={
        "first_name": NAME,
        "last_name": NAME,
        "organisation": ORGANISATION,
        "email": EMAIL,
        "phone": PHONE,
        "house_number_suffix": ADDRESS,
        "fingerprint": Personal("digest of the details, by which they could be guessed", export=False),
        **_ADDRESS,
    },
)
# A system's own key for a person may be their e-mail address or card.
declare(SourceRecord, personal={"external_id": Personal("key in another system")}, impersonal={"source"})
declare(Identifier, personal={"value": Personal("identifier")}, impersonal={"kind"})
declare(
    Consent,
    personal={"proof": Personal("proof of consent", Basis.LAW, erase=Erase.KEEP)},
    impersonal={"purpose", "text_version"},
)
declare(MatchEvent, impersonal={"kind", "evidence", "rule_version", "actor"})
