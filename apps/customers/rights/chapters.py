"""What the customers app itself tells: who somebody is to us, what they allowed, who looked, and how we put it together."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.core.privacy.register import Basis
from apps.customers.models import (
    ConfirmationAsked,
    Consent,
    Customer,
    Edge,
    Identifier,
    MatchEvent,
    Organisation,
    PersonDetails,
    PrivacyRequest,
    PrivacyStep,
    Protection,
    Residence,
    Segment,
    SourceRecord,
    Watched,
)
from apps.customers.review.services import looks_at
from apps.customers.rights.telling import Asked, Row, tells
from apps.customers.segments.people import People
from apps.customers.segments.selecting import who
from apps.customers.services.lookup import Purpose

_KNOW = _("To know who you are when you buy, call or write.")
_PROOF = _("To prove what we were allowed to do.")
_UNTIL_ERASED = _("Until you ask us to erase it, or until the term in our privacy statement is over.")


@tells(
    "customers.details",
    title=_("Who you are"),
    purpose=_KNOW,
    kept=_UNTIL_ERASED,
    columns=(
        ("told_on", _("Told on")),
        ("told_by", _("Told by")),
        ("name", _("Name")),
        ("initials", _("Initials")),
        ("organisation", _("Organisation")),
        ("birth_date", _("Date of birth")),
        ("email", _("E-mail address")),
        ("phone", _("Phone")),
        ("address", _("Address")),
        ("home_store", _("Home store")),
    ),
    models=(PersonDetails, Customer, SourceRecord),
    order=10,
)
def details(asked: Asked) -> Iterable[Row]:
    rows = PersonDetails.objects.filter(source_record__in=asked.records).select_related("source_record__home_location")
    for row in rows.order_by("recorded_at", "pk"):
        number = f"{row.house_number} {row.house_number_suffix}".strip()
        place = " ".join(part for part in (row.postcode, row.city, row.country) if part)
        yield {
            "told_on": row.recorded_at,
            "told_by": row.source_record.source,
            "name": " ".join(p for p in (row.first_name or row.initials, row.infix, row.last_name) if p),
            "initials": row.initials if row.first_name else "",
            "organisation": row.organisation,
            "birth_date": row.birth_date,
            "email": row.email,
            "phone": row.phone,
            "address": ", ".join(part for part in (f"{row.street} {number}".strip(), place) if part),
            "home_store": row.source_record.home_location and row.source_record.home_location.name,
        }


@tells(
    "customers.household",
    title=_("Your household"),
    purpose=_("To see who lives at one address, without making them one customer."),
    basis=Basis.INTEREST,
    kept=_UNTIL_ERASED,
    columns=(("since", _("Since")), ("what", _("What happened"))),
    models=(Residence,),
    order=15,
)
def household(asked: Asked) -> Iterable[Row]:
    """Without who else lives there, or how many: they are not asked."""
    others = Residence.objects.filter(household=OuterRef("household")).exclude(
        source_record__customer=asked.customer.pk
    )
    rows = Residence.objects.filter(source_record__in=asked.records).annotate(is_shared=Exists(others))
    for row in rows.order_by("since", "pk"):
        if row.household_id is None:
            what = _t("No longer counted with an address")
        elif row.is_shared:
            what = _t("Seen as one household with others at the address you gave")
        else:
            what = _t("Nobody else is known at the address you gave")
        yield {"since": row.since, "what": what}


@tells(
    "customers.identifiers",
    title=_("What we recognise you by"),
    purpose=_KNOW,
    kept=_UNTIL_ERASED,
    columns=(
        ("kind", _("Kind")),
        ("value", _("Value")),
        ("confirmed", _("Confirmed")),
        ("since", _("Since")),
        ("until", _("Until")),
    ),
    models=(Identifier, Organisation),
    order=20,
)
def identifiers(asked: Asked) -> Iterable[Row]:
    for row in Identifier.objects.filter(source_record__in=asked.records).order_by("kind", "pk"):
        yield {
            "kind": row.get_kind_display(),
            "value": row.value,
            "confirmed": _t("yes") if row.verified else _t("no"),
            "since": row.valid_from,
            "until": row.valid_until,
        }


@tells(
    "customers.consents",
    title=_("What you allowed us"),
    purpose=_PROOF,
    basis=Basis.LAW,
    kept=_("As long as we may be asked to prove it."),
    columns=(
        ("said_on", _("Said on")),
        ("purpose", _("For")),
        ("given", _("Allowed")),
        ("how", _("How")),
        ("where", _("Where")),
        ("text", _("What you were asked")),
        ("until", _("Until")),
    ),
    models=(Consent, ConfirmationAsked),
    order=60,
)
def consents(asked: Asked) -> Iterable[Row]:
    rows = Consent.objects.filter(source_record__in=asked.records).select_related("text")
    for row in rows.order_by("occurred_at", "pk"):
        yield {
            "said_on": row.occurred_at,
            "purpose": row.get_purpose_display(),
            "given": _t("yes") if row.given else _t("no"),
            "how": row.get_said_display(),
            "where": row.proof,
            "text": row.text.text if row.text else row.text_version,
            "until": row.expires_at,
        }
    mails = ConfirmationAsked.objects.filter(source_record__in=asked.records)
    for mail in mails.order_by("asked_at", "pk"):
        yield {
            "said_on": mail.confirmed_at or mail.asked_at,
            "purpose": _t("Confirming your e-mail address"),
            "given": _t("yes") if mail.confirmed_at else _t("not yet"),
            "how": _t("By a link in a mail"),
            "where": mail.address,
        }


@tells(
    "customers.looks",
    title=_("Who looked at your data"),
    purpose=_PROOF,
    basis=Basis.LAW,
    kept=_("As long as we may be asked to prove it."),
    columns=(
        ("at", _("When")),
        ("purpose", _("What for")),
        ("role", _("As")),
        ("store", _("Store")),
        ("what", _("What was seen")),
    ),
    order=80,
)
def looks(asked: Asked) -> Iterable[Row]:
    """Without the names of whoever looked: they are not the customer's data."""
    for look in looks_at(asked.records):
        role = str(Role(look.role).label) if look.role in Role else _t("our webshop or till")
        purpose = str(Purpose(look.purpose).label) if look.purpose in Purpose else look.purpose
        yield {
            "at": look.at,
            "purpose": purpose or _t("Request about their own data") if look.part.startswith("privacy:") else purpose,
            "role": role,
            "store": look.store,
            "what": _t("Looked up") if look.part == "look_up" else _t("Your page: %(part)s") % {"part": look.part},
        }


@tells(
    "customers.watched",
    title=_("Extra care for your data"),
    purpose=_("To notice when somebody looks at your data without a reason."),
    basis=Basis.INTEREST,
    kept=_("Until it is no longer needed."),
    columns=(("since", _("Since")), ("until", _("Until")), ("what", _("What happened"))),
    models=(Watched,),
    order=85,
)
def watched(asked: Asked) -> Iterable[Row]:
    """That looks at them are reviewed is for their own sake, and theirs to know; who put them on the list is not."""
    for row in Watched.objects.filter(source_record__in=asked.records).order_by("pk"):
        what = _t("Each time somebody looks at your data is reviewed")
        yield {"since": row.added_at, "until": row.ended_at, "what": what}


@tells(
    "customers.joining",
    title=_("How we put your data together"),
    purpose=_("To see purchases in stores and online as those of one customer."),
    basis=Basis.INTEREST,
    kept=_UNTIL_ERASED,
    columns=(("at", _("When")), ("what", _("What happened")), ("system", _("System")), ("by", _("By what"))),
    models=(Edge,),
    order=90,
)
def joining(asked: Asked) -> Iterable[Row]:
    rows = MatchEvent.objects.filter(source_record__in=asked.records).select_related("source_record", "edge")
    for row in rows.order_by("pk"):
        by = Identifier.Kind(row.evidence).label if row.evidence in Identifier.Kind else row.evidence
        by = by or (row.edge.get_basis_display() if row.edge else "")
        yield {"at": row.recorded_at, "what": row.get_kind_display(), "system": row.source_record.source, "by": by}


@tells(
    "customers.segments",
    title=_("Groups you are in"),
    purpose=_("To send what fits somebody, to those who allow it."),
    basis=Basis.CONSENT,
    kept=_("They are worked out anew each time; nothing of it is kept with you."),
    columns=(("group", _("Group")),),
    order=95,
)
def segments(asked: Asked) -> Iterable[Row]:
    me = People.of(SourceRecord.objects.filter(customer=asked.customer).values("customer"))
    for segment in Segment.objects.filter(retired_at=None).order_by("name"):
        if who(segment.definition, among=me).count():
            yield {"group": segment.name}


@tells(
    "customers.requests",
    title=_("What you asked about your data"),
    purpose=_("To answer you."),
    basis=Basis.LAW,
    kept=_("As long as we may be asked to prove it."),
    columns=(
        ("at", _("When")),
        ("number", _("Number")),
        ("what", _("What happened")),
        ("words", _("In words")),
    ),
    models=(PrivacyRequest, PrivacyStep, Protection),
    order=99,
)
def requests(asked: Asked) -> Iterable[Row]:
    for request in PrivacyRequest.objects.filter(source_record__in=asked.records).order_by("pk"):
        yield {
            "at": request.received_on,
            "number": request.number,
            "what": request.get_kind_display(),
            "words": asked.withhold(request.asked),
        }
        for step in request.steps.order_by("pk"):
            words = asked.withhold(step.words)
            yield {"at": step.at, "number": request.number, "what": step.get_kind_display(), "words": words}
    for row in Protection.objects.filter(source_record__in=asked.records).order_by("pk"):
        yield {"at": row.since, "what": row.get_kind_display(), "words": asked.withhold(row.reason)}
