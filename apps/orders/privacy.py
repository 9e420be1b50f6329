"""Orders in the register of personal data."""

from apps.core.privacy.register import About, Basis, Erase, Personal, declare
from apps.orders.models import (
    Collector,
    DryRun,
    Handover,
    NewAddress,
    Order,
    OrderCharge,
    OrderContact,
    OrderLine,
    Parcel,
    Refusal,
)

# The order itself stays for the tax office; whom it was for is in a record beside it.
_ADDRESS = dict.fromkeys(("street", "house_number", "postcode", "city", "country"), Personal("delivery address"))
_COLLEAGUE = Personal("code of a colleague", Basis.INTEREST, About.STAFF, Erase.KEEP)

declare(
    Order,
    personal={"referral_associate": _COLLEAGUE},
    impersonal={
        "number",
        "external_id",
        "fingerprint",
        "origin",
        "status",
        "speed",
        "if_short",
        "method",
        "collect_code",
        "payment_terms",
        "currency",
        "referral_code",
    },
)
declare(
    OrderContact,
    personal={
        "name": Personal("name"),
        "email": Personal("e-mail address"),
        "phone": Personal("phone number"),
        **_ADDRESS,
    },
)
declare(NewAddress, personal=_ADDRESS, impersonal={"actor"})
declare(OrderLine, personal={"associate": _COLLEAGUE}, impersonal={"sku", "name", "status", "method"})
declare(OrderCharge, impersonal={"type", "description"})
declare(Refusal, impersonal={"reason", "actor"})  # actor is a key
# Named by the customer, for one order; the number of a document is never asked.
declare(Collector, personal={"name": Personal("name of who collects an order for somebody")}, impersonal={"actor"})
declare(Handover, impersonal={"proof", "actor"})
declare(DryRun, impersonal={"strategies", "tried", "in_force", "as_it_went"})  # figures by location
# The carrier's page behind a tracking number tells where it went; its label has the address on it.
declare(
    Parcel,
    personal={
        "tracking_number": Personal("tracking number of a parcel"),
        "tracking_url": Personal("tracking link of a parcel"),
        "label": Personal("label of a parcel", export=False),
        "failure": Personal("what a carrier said of a parcel", export=False),
    },
    impersonal={"number", "status", "carrier", "service", "label_type", "packed_by"},
)
