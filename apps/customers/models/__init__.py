"""People and organisations that buy: as each system knows them, and as one picture."""

from apps.customers.models.barring import BarredValue, IdentifierRule
from apps.customers.models.consent import ConfirmationAsked, Consent, ConsentText, Purpose
from apps.customers.models.customer import Customer
from apps.customers.models.erasure import Erasure
from apps.customers.models.households import Household, Residence
from apps.customers.models.identity import Basis, Doubt, DoubtAct, Edge, MatchEvent, Meeting
from apps.customers.models.matching import BlockKey, MatchingModel, MatchingRun, MatchRequest
from apps.customers.models.organisations import ContactPerson, Organisation
from apps.customers.models.records import Identifier, PersonDetails, SourceRecord
from apps.customers.review.models import Finding, Judgement, Look, Seal, Watched
from apps.customers.rights.models import PrivacyRequest, PrivacyStep, Protection
from apps.customers.rights.retention.models import RetentionCall, RetentionRun, RetentionTerm
from apps.customers.segments.models import Segment, SegmentCount, SegmentVersion

__all__ = [
    "BarredValue",
    "Basis",
    "BlockKey",
    "ConfirmationAsked",
    "Consent",
    "ConsentText",
    "ContactPerson",
    "Customer",
    "Doubt",
    "DoubtAct",
    "Edge",
    "Erasure",
    "Finding",
    "Household",
    "Identifier",
    "IdentifierRule",
    "Judgement",
    "Look",
    "MatchEvent",
    "MatchRequest",
    "MatchingModel",
    "MatchingRun",
    "Meeting",
    "Organisation",
    "PersonDetails",
    "PrivacyRequest",
    "PrivacyStep",
    "Protection",
    "Purpose",
    "Residence",
    "RetentionCall",
    "RetentionRun",
    "RetentionTerm",
    "Seal",
    "Segment",
    "SegmentCount",
    "SegmentVersion",
    "SourceRecord",
    "Watched",
]
