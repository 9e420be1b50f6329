"""People and organisations that buy: as each system knows them, and as one picture."""

from apps.customers.models.consent import Consent
from apps.customers.models.customer import Customer
from apps.customers.models.identity import MatchEvent
from apps.customers.models.records import Identifier, PersonDetails, SourceRecord

__all__ = ["Consent", "Customer", "Identifier", "MatchEvent", "PersonDetails", "SourceRecord"]
