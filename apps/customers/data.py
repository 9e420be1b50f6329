"""What the customers app knows of somebody, and how much of it may be said before head office decides otherwise.

At the desk nobody reads out how somebody can be reached: who calls says it, and the agent checks. In a store others listen.
"""

from django.utils.translation import gettext_lazy as _

from apps.customers.services.lookup import Purpose
from apps.portal import registry
from apps.portal.discretion import Tag

_NOT_IN_STORES: dict[str, Tag] = {Purpose.COUNTER: Tag.HIDDEN}

registry.datum("customers.name", _("Name"), Tag.OPEN)
registry.datum("customers.since", _("Customer since"), Tag.OPEN)
registry.datum("customers.home_store", _("Home store"), Tag.OPEN)
registry.datum("customers.email", _("E-mail address"), Tag.DISCREET)
registry.datum("customers.phone", _("Phone"), Tag.DISCREET)
registry.datum("customers.street", _("Street and house number"), Tag.DISCREET, by_purpose=_NOT_IN_STORES)
registry.datum("customers.place", _("Postcode and town"), Tag.DISCREET)
registry.datum("customers.birth_date", _("Date of birth"), Tag.DISCREET, by_purpose=_NOT_IN_STORES)
registry.datum("customers.household", _("Household"), Tag.DISCREET, by_purpose=_NOT_IN_STORES)
registry.datum("customers.open_work", _("What is still to be done"), Tag.OPEN)
registry.datum("customers.visits", _("Visits to stores"), Tag.DISCREET, opens_with={"loyalty_card"})
registry.datum("customers.records", _("Source records"), Tag.DISCREET, by_purpose=_NOT_IN_STORES)
registry.datum("customers.consents", _("Consent"), Tag.OPEN)
registry.datum("customers.loyalty_card", _("Loyalty card"), Tag.OPEN)
