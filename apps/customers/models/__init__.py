"""People and organisations that buy: as each system knows them, and as one picture."""

from apps.customers.models.customer import Customer, MatchEvent
from apps.customers.models.records import Consent, Identifier, PersonDetails, SourceRecord

__all__ = ["Consent", "Customer", "Identifier", "MatchEvent", "PersonDetails", "SourceRecord"]
