"""Customers in the register of personal data."""

from apps.core.privacy.register import BY_WORDS, About, Basis, Erase, Personal, declare
from apps.customers.models import (
    BarredValue,
    ConfirmationAsked,
    Consent,
    ConsentText,
    Customer,
    Doubt,
    DoubtAct,
    Edge,
    Finding,
    Identifier,
    IdentifierRule,
    Judgement,
    Look,
    MatchEvent,
    MatchingModel,
    MatchingRun,
    Organisation,
    PersonDetails,
    PrivacyRequest,
    PrivacyStep,
    Protection,
    RetentionRun,
    RetentionTerm,
    Seal,
    Segment,
    SegmentVersion,
    SourceRecord,
    Watched,
)

NAME = Personal("name")
ORGANISATION = Personal("organisation")
EMAIL = Personal("e-mail address")
PHONE = Personal("phone number")
ADDRESS = Personal("postal address")

_ADDRESS = dict.fromkeys(("street", "house_number", "postcode", "city", "country"), ADDRESS)

declare(Customer, personal={"name": NAME, "email": EMAIL, "phone": PHONE, **_ADDRESS}, subject="source_records")
declare(
    PersonDetails,
    personal={
        "first_name": NAME,
        "initials": NAME,
        "infix": NAME,
        "birth_date": Personal("date of birth"),
        "last_name": NAME,
        "organisation": ORGANISATION,
        "email": EMAIL,
        "phone": PHONE,
        "house_number_suffix": ADDRESS,
        "fingerprint": Personal("digest of the details, by which they could be guessed", export=False),
        **_ADDRESS,
    },
    subject="source_record",
)
# A system's own key for a person may be their e-mail address or card.
declare(SourceRecord, personal={"external_id": Personal("key in another system")}, impersonal={"source"}, subject="pk")
declare(Identifier, personal={"value": Personal("identifier")}, impersonal={"kind"}, subject="source_record")
declare(
    Consent,
    personal={"proof": Personal("proof of consent", Basis.LAW, erase=Erase.NAMELESS)},
    impersonal={"purpose", "basis", "order_number", "said", "text_version"},
    subject="source_record",
)
declare(ConsentText, impersonal={"purpose", "version", "locale", "text", "digest"})
declare(
    ConfirmationAsked,
    personal={"address": EMAIL, "proof": Personal("proof of consent", Basis.LAW)},
    impersonal={"locale", "purposes", "text_version"},
    subject="source_record",
)
declare(MatchEvent, impersonal={"kind", "evidence", "rule_version", "actor"})
# What is explained is codes and bits; the values they were found in stand with the records.
declare(
    Edge,
    personal={"reason": Personal("why two records were said to be one person, or not", erase=Erase.BLANK)},
    impersonal={"kind", "basis", "evidence", "explanation", "rule_version", "actor"},
    subject=("left", "right"),
)
declare(
    Doubt,
    impersonal={"basis", "evidence", "cause", "explanation", "rule_version", "outcome", "decided_by", "first_yes_by"},
)
declare(DoubtAct, impersonal={"kind", "actor", "reason"})
# A model holds how frequent values are, under their digests.
declare(MatchingModel, impersonal={"version", "origin", "engine"})
declare(MatchingRun, impersonal={"asked_by"})
declare(
    BarredValue,
    personal={"value": Personal("identifier that stands for nobody", Basis.INTEREST)},
    impersonal={"kind", "state", "reason", "actor"},
    subject=BY_WORDS,
)
declare(IdentifierRule, impersonal={"kind"})
# The KvK number of somebody trading alone is about them.
declare(Organisation, personal={"name": ORGANISATION, "kvk": ORGANISATION, "vat": ORGANISATION}, subject=BY_WORDS)
# A segment says what customers do, in codes and numbers; who they are is worked out anew each time.
declare(Segment, impersonal={"name", "roles"})
declare(SegmentVersion, impersonal={"definition", "actor"})
# Codes, keys and keyed digests, no words: what was given and in which case cannot be read from it, so nothing has to be erased.
# What a customer may know of looks at them is read by `apps.customers.review.services.looks_at`.
declare(
    Look,
    impersonal={
        "act",
        "outcome",
        "principal",
        "role",
        "source",
        "kind",
        "given",
        "near",
        "network",
        "purpose",
        "part",
        "request_id",
    },
)
declare(Seal, impersonal={"digest"})
declare(Watched, impersonal={"added_by"})
declare(Finding, impersonal={"rule", "principal", "role"})
declare(
    Judgement,
    personal={
        "reason": Personal("what came of a review", Basis.LAW, About.STAFF, Erase.KEEP),
        "request_number": Personal("request it led to", Basis.LAW, About.STAFF, Erase.KEEP),
    },
    impersonal={"outcome", "judged_by"},
)
# That somebody asked, and when they got an answer, proves that we kept the law; their words go.
declare(
    PrivacyRequest,
    personal={"asked": Personal("what somebody asked about their data", Basis.LAW)},
    impersonal={"number", "kind", "came", "identity", "status", "registered_by"},
    subject="source_record",
)
declare(
    PrivacyStep,
    personal={"words": Personal("what somebody was told about their data", Basis.LAW)},
    impersonal={"kind", "actor"},
    subject="request__source_record",
)
declare(
    Protection,
    personal={"reason": Personal("why data is kept, or may not be used", Basis.LAW)},
    impersonal={"kind", "set_by", "ended_by"},
    subject="source_record",
)
declare(RetentionTerm, impersonal={"rule", "reason", "decided_by"})
declare(RetentionRun, impersonal={"rule", "asked_by", "sample"})

from apps.customers.rights.retention import lapsed, own_rules  # noqa: E402, F401  (rules name declared columns)
