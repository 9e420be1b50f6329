"""The network's columns in the register of personal data."""

from apps.core.privacy.register import About, Erase, Personal, declare
from apps.network.models import Channel, LegalEntity, Location, OpeningDay, Timetable

# A franchisee may trade in their own name; statements must name them for as long as the law wants the books.
_ENTREPRENEUR = Personal("franchisee's company", about=About.PARTNER, erase=Erase.KEEP)

declare(
    LegalEntity,
    personal={"name": _ENTREPRENEUR, "kvk_number": _ENTREPRENEUR, "vat_number": _ENTREPRENEUR},
    impersonal={"code", "kind", "country", "currency", "time_zone"},
)
declare(
    Location,
    impersonal={
        "code",
        "name",
        "kind",
        "street",
        "house_number",
        "postcode",
        "city",
        "country",
        "time_zone",
        "sales_come",
    },
)
declare(Timetable, impersonal={"week"})
declare(OpeningDay, impersonal={"hours", "name"})
declare(Channel, impersonal={"code", "name", "kind", "country", "currency", "time_zone", "locale", "vat_basis"})
