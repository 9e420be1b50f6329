"""What the customers app puts on the portal."""

from django.utils.translation import gettext_lazy

from apps.customers import data  # noqa: F401  (declares what is known of somebody)
from apps.customers.importing.people import CustomerImport
from apps.customers.models import DoubtAct
from apps.customers.resolving.deciding import waiting_for
from apps.customers.review.reasons import reason_source
from apps.customers.review.views import to_review
from apps.customers.rights.opening import requests_near
from apps.customers.rights.views.requests import to_answer
from apps.customers.rights.waiting import requests_waiting
from apps.customers.scanning import match_card, note_unknown
from apps.customers.searching import find_customers, look_up_given
from apps.customers.services.belongings import belonging
from apps.customers.services.open_work import open_work
from apps.customers.timeline import VISITS, HelpedInStore
from apps.portal import registry
from apps.portal.contributions import Through
from apps.portal.importing.kinds import import_kind
from apps.portal.registry import Section

registry.navigation(
    Section.CUSTOMERS,
    gettext_lazy("Find a customer"),
    "customers:find",
    "user-search",
    "customers.lookup",
    order=10,
    store_order=30,
    store_label=gettext_lazy("Customer"),
    key="k",
)
registry.navigation(
    Section.CUSTOMERS,
    gettext_lazy("Segments"),
    "segments:segments",
    "users",
    "segments.view",
    order=40,
    store_order=90,
)
registry.navigation(
    Section.CUSTOMERS,
    gettext_lazy("Pairs in doubt"),
    "customers:doubts",
    "users",
    "customers.match",
    waiting_for,
    order=30,
)
registry.navigation(
    Section.CUSTOMERS, gettext_lazy("Matching"), "customers:matching", "workflow", "customers.matching", order=45
)
registry.navigation(
    Section.CUSTOMERS,
    gettext_lazy("Own customers"),
    "customers:figures",
    "users",
    "customers.figures",
    order=47,
)
registry.navigation(
    Section.CUSTOMERS,
    gettext_lazy("Review of look-ups"),
    "customers:review",
    "shield-check",
    "customers.review",
    waiting=to_review,
    order=50,
)
registry.navigation(
    Section.CUSTOMERS,
    gettext_lazy("Barred identifiers"),
    "customers:barred",
    "ban",
    "customers.bar",
    order=60,
)
registry.navigation(
    Section.CUSTOMERS,
    gettext_lazy("Privacy requests"),
    "privacy:requests",
    "scale",
    "privacy.handle",
    waiting=to_answer,
    order=52,
)
registry.panel(
    "customers.customer",
    "privacy",
    gettext_lazy("Privacy"),
    "privacy:panel",
    "privacy.register",
    order=80,
    side=True,
)
reason_source("privacy requests", requests_near)
registry.topic("privacy_request.received", gettext_lazy("Received"))
registry.topic("privacy_request.extended", gettext_lazy("Extended by two months"))
registry.topic("privacy_request.refused", gettext_lazy("Refused, and the person was told why"))
registry.topic("privacy_request.closed", gettext_lazy("Closed"))
registry.search(
    "customer",
    gettext_lazy("Customers"),
    find_customers,
    "customers.lookup",
    icon="user-search",
    order=30,
    look_up=look_up_given,
)
registry.scan(
    "card",
    gettext_lazy("Loyalty card"),
    match_card,
    "customers.lookup",
    icon="id-card",
    order=40,
    unknown=note_unknown,
)
registry.topic("customer.recognised", gettext_lazy("Recognised"))
import_kind(CustomerImport())
registry.timeline(
    "visits",
    HelpedInStore(),
    "customers.view",
    kind=VISITS,
    label=gettext_lazy("Visits"),
    through={Through.STORE},
    order=25,
    datum="customers.visits",
)
registry.topic("customer.joined", gettext_lazy("Joined with another customer"))
for _kind, _label in DoubtAct.Kind.choices:
    registry.topic(f"doubt.{_kind}", _label)
registry.topic("customer.parted", gettext_lazy("Taken apart"))
registry.topic("customer.erased", gettext_lazy("Forgotten"))
registry.topic("identifier.barred", gettext_lazy("Barred"))
registry.topic("identifier.released", gettext_lazy("Released"))
registry.topic("identifier.limited", gettext_lazy("Limits changed"))

registry.panel(
    "customers.customer",
    "open-work",
    gettext_lazy("Still to be done"),
    "customers:open-work",
    "customers.view",
    order=15,
    datum="customers.open_work",
)
registry.panel(
    "customers.customer",
    "household",
    gettext_lazy("Household"),
    "customers:household",
    "customers.view",
    order=60,
    side=True,
    datum="customers.household",
)
open_work("privacy requests", requests_waiting, "privacy.register", datum="customers.open_work", order=5)
belonging("records", gettext_lazy("Source records"), len, order=10)
