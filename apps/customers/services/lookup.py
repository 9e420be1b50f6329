"""Looking somebody up by what they said or showed, and opening their rows for a while.

Nobody browses people. A look-up names a purpose, and where it finds one person it leaves an access grant behind, which
is the permission to look. That somebody tried, and what came of it, stands in the log of looks (apps.customers.review).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db import models, transaction
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import AccessGrant
from apps.accounts.services import grant_access
from apps.core.actors import actor_of
from apps.core.errors import Fault, InvalidInput
from apps.core.reach import reach_of
from apps.core.statements import KeptQuery, now
from apps.customers.models import Customer, Identifier, SourceRecord
from apps.customers.review.noting import note_look_up
from apps.customers.services import barring, normalising
from apps.customers.services.people import Kind
from apps.customers.services.sources import source_of

MOST_CANDIDATES = 8
_MOST_ROWS = 200

ADDRESS_PARTS = ("postcode", "house_number")


class Purpose(models.TextChoices):
    """Why somebody is looked up: all there are, for staff and for API clients. By it follows what of them is open."""

    SERVICE = "service", gettext_lazy("Contact with the customer")
    COUNTER = "counter", gettext_lazy("Help in the store")
    PRIVACY = "privacy", gettext_lazy("Request about their own data")
    CHECKOUT = "checkout", gettext_lazy("Shop or app, for the customer")
    SIGN_UP = "sign_up", gettext_lazy("Signing up")
    MATCHING = "matching", gettext_lazy("Pairs in doubt")


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be meant. `evidence` is the strongest kind of identifier that led here, `record` where it stands;
    `proven` says that it is proof of who they are rather than something they once gave."""

    customer: Customer
    source_record_id: int
    evidence: str
    proven: bool


@dataclass(frozen=True)
class Lookup:
    """What a look-up found. `customer` is set, and open to the principal, exactly when `match` is "one"."""

    match: Literal["one", "none", "ambiguous"]
    customer: Customer | None = None
    candidate: Candidate | None = None


Finder = Callable[[str, Any], int | None]
_finders: dict[str, Finder] = {}


def identifier_source(kind: str, finder: Finder) -> None:
    """Let an app above name people by something of its own: `finder(value, principal)` gives a source record id, or None."""
    if _finders.setdefault(kind, finder) is not finder:
        raise ValueError(f"two finders for {kind}")


def identifier_kinds() -> list[str]:
    """What a look-up may give, address in its two parts."""
    return [Kind.CARD, Kind.ACCOUNT, Kind.EMAIL, Kind.PHONE, *ADDRESS_PARTS, *_finders]


@transaction.atomic
def look_up(
    *, identifiers: Mapping[str, str], purpose: str, principal: Any, case: str = "", network: str = ""
) -> Lookup:
    """Find who is meant, and write down that somebody tried. With "one" the customer is open for half an hour.

    Several identifiers narrow each other down; one that nobody has is passed over. Of several people the one who has it
    as proof is meant. How many there are makes no difference to what is read, written or answered. Raises InvalidInput when
    no usable kind of identifier is given.
    """
    ways = _ways(identifiers, principal)
    proven = [way for way in ways if way.proven]
    meant = ways if len(ways) == 1 else proven
    tried: dict[str, Any] = {"principal": principal, "given": identifiers, "purpose": purpose, "case": case}
    tried["network"] = network
    if len(meant) != 1:
        outcome: Literal["none", "ambiguous"] = "ambiguous" if ways else "none"
        note_look_up(outcome=outcome, **tried)
        return Lookup(outcome)
    [way] = meant
    candidate = Candidate(Customer.objects.get(pk=way.customer_id), way.source_record_id, way.evidence, way.proven)
    grant = open_customer(candidate=candidate, purpose=purpose, principal=principal, case=case)
    note_look_up(outcome="one", customer_key=candidate.customer.key, grant_key=grant.key, **tried)
    return Lookup("one", candidate.customer, candidate)


def open_customer(*, candidate: Candidate, purpose: str, principal: Any, case: str = "") -> AccessGrant:
    """Open somebody's rows to a principal for half an hour."""
    return grant_access(
        principal=principal,
        object_type="customer",
        object_key=str(candidate.customer.key),
        purpose=purpose,
        evidence=candidate.evidence,
        case=case,
    )


def purpose_of(principal: Any) -> Purpose:
    """Why a member of staff looks customers up: in a store to help them there, elsewhere because of a contact."""
    return Purpose.SERVICE if reach_of(principal).every_location else Purpose.COUNTER


def grant_in_force(customer: Customer, *, principal: Any) -> AccessGrant | None:
    """The newest grant under which a principal sees a customer now."""
    newest = _grants_in_force.read(principal=actor_of(principal), customer=customer.pk)
    return newest[0] if newest else None


def _newest_grant(asked: Mapping[str, Any]) -> QuerySet[AccessGrant]:
    """The newest live grant for a customer: under their own key, or that of whoever was joined into them."""
    known = Customer.objects.filter(Q(pk=asked["customer"]) | Q(merged_into=asked["customer"]))
    live = AccessGrant.objects.filter(
        principal=asked["principal"],
        object_type="customer",
        object_key__in=known.annotate(text=Cast("key", CharField())).values("text"),
        expires_at__gt=now(),
    )
    return live.order_by("-granted_at")[:1]


_grants_in_force = KeptQuery(_newest_grant)


def find_people(identifiers: Mapping[str, str], *, principal: Any = None) -> list[Candidate]:
    """Everybody who may be meant, proven ones first. This opens nothing and must not be shown beyond what choosing takes."""
    ways = _ways(identifiers, principal)
    customers = Customer.objects.in_bulk([way.customer_id for way in ways])
    return [Candidate(customers[way.customer_id], way.source_record_id, way.evidence, way.proven) for way in ways]


@dataclass(frozen=True)
class _Way:
    """How somebody who may be meant was found."""

    customer_id: int
    source_record_id: int
    evidence: str
    proven: bool


def _ways(identifiers: Mapping[str, str], principal: Any) -> list[_Way]:
    """Everybody who may be meant, proven ones first, of whom nothing was read yet but that they exist."""
    given = _normal(identifiers)
    found = _holders(given, principal) if given else {}
    for kind, value in identifiers.items():
        if kind in _finders and value:
            found |= _found_above(kind, value, principal)
    if not found:
        return []
    everywhere = set.intersection(*map(set, found.values()))
    meant = everywhere or set.union(*map(set, found.values()))
    return sorted((_way(pk, found) for pk in sorted(meant)), key=lambda way: not way.proven)


_Found = dict[str, dict[int, tuple[int, bool]]]  # kind: {customer id: (source record id, proven)}, strongest kind first


def _normal(identifiers: Mapping[str, str]) -> dict[str, str]:
    """Identifiers in normal form. What cannot be one, or is barred, finds nobody; a kind nobody knows is the caller's mistake."""
    kinds = identifier_kinds()
    if unknown := [kind for kind in identifiers if kind not in kinds]:
        detail = _("There is no identifier %(kind)s.") % {"kind": unknown[0]}
        raise InvalidInput(detail, faults=[Fault("does_not_exist", detail, f"identifiers.{unknown[0]}")])
    if not any(identifiers.values()):
        detail = _("Give at least one identifier.")
        raise InvalidInput(detail, faults=[Fault("required", detail, "identifiers")])
    postcode, number = (identifiers.get(part) or "" for part in ADDRESS_PARTS)
    if bool(postcode) != bool(number):
        missing = ADDRESS_PARTS[bool(postcode)]
        detail = _("Postcode and house number go together.")
        raise InvalidInput(detail, faults=[Fault("required", detail, f"identifiers.{missing}")])
    normal = {
        Kind.CARD: normalising.card(identifiers.get(Kind.CARD)),
        Kind.ACCOUNT: normalising.account(identifiers.get(Kind.ACCOUNT)),
        Kind.EMAIL: normalising.email(identifiers.get(Kind.EMAIL)),
        Kind.PHONE: normalising.phone(identifiers.get(Kind.PHONE)),
        Kind.ADDRESS: normalising.address_key(postcode, number),
    }
    return dict(barring.usable((kind, value) for kind, value in normal.items() if value))


def _holders(given: Mapping[str, str], principal: Any) -> _Found:
    condition = Q()
    for kind, value in given.items():
        held = Q(kind=kind, value=value)
        if kind == Kind.ACCOUNT and getattr(principal, "is_api_client", False):
            held &= Q(source_record__source=source_of(principal.channel))  # an account id is the channel's own
        condition |= held
    rows = (
        Identifier.objects.filter(condition, Q(valid_until=None) | Q(valid_until__gt=timezone.now()))
        .order_by("-verified", "pk")
        .values_list("kind", "source_record__customer", "source_record", "verified")[:_MOST_ROWS]
    )
    found: _Found = {}
    for kind, customer_id, record_id, verified in rows:
        found.setdefault(kind, {}).setdefault(customer_id, (record_id, verified))
    return {kind: found[kind] for kind in given if kind in found}


def _found_above(kind: str, value: str, principal: Any) -> _Found:
    record_id = _finders[kind](value, principal)
    if record_id is None:
        return {}
    return {kind: {SourceRecord.objects.values_list("customer", flat=True).get(pk=record_id): (record_id, True)}}


def _way(customer_id: int, found: _Found) -> _Way:
    led = [(kind, *holders[customer_id]) for kind, holders in found.items() if customer_id in holders]
    kind, record_id, proven = next((way for way in led if way[2]), led[0])
    return _Way(customer_id, record_id, kind, proven)
