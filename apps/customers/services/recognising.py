"""Recognising people: which source record, and so which customer, somebody is.

The same system and the same key is the same record. A new record goes to the customer who is known by one of its
proofs, tried in this order: loyalty card, account id within the same system, verified e-mail address, verified phone number,
payment card (with consent). Unverified e-mail addresses and phone numbers, and addresses, are kept to be found by, but never
join people: families share them. Nor does a value that is barred, and nobody gets more of a kind than one customer has.

Two customers who turn out to be one (a card known of one, a verified e-mail address of the other) are joined in the same
transaction when nothing contradicts it; else somebody is asked. The first proof says where the record itself goes.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Busy
from apps.core.events.log import Happened, record_many
from apps.core.events.models import Origin
from apps.core.ids import new_id
from apps.customers.models import Basis
from apps.customers.services import appending, barring, records
from apps.customers.services.appending import Post
from apps.customers.services.digests import meeting_id
from apps.customers.services.joining import join_or_ask
from apps.customers.services.people import Kind, Person, Sign, Told, normal_form
from apps.customers.services.projecting import refresh_customers
from apps.customers.services.records import Belonging, Holder, KnownRecord, Newcomer, Proof, RecordKey, Written
from apps.customers.services.suppressing import forgotten

__all__ = ["Person", "recognise"]

RULE_VERSION = "2"
EDGES = (Kind.CARD, Kind.ACCOUNT, Kind.EMAIL, Kind.PHONE, Kind.PAYMENT_TOKEN)
_VERIFIABLE = (Kind.EMAIL, Kind.PHONE)
_BATCH = 2000
_ROUNDS = 4


@transaction.atomic(savepoint=False)
def recognise(
    people: Sequence[Person],
    *,
    actor: str,
    origin: str = Origin.LIVE,
    record: Callable[[Iterable[Happened]], None] = record_many,
) -> list[int | None]:
    """The source record ids of people, in their order; None for somebody without any identifier.

    Of what is told of the past (`origin` history) somebody who was forgotten is nobody, and None as well.

    Unknown people become source records, and customers where no proof leads to one. What a system newly says of people
    it knows is added. The number of statements does not depend on the number of people (up to 2 000).

    `record` takes the events; a caller with events of its own may gather them and write all in one statement.
    """
    told = [normal_form(person) for person in people]
    everybody: dict[RecordKey, Told] = {}
    for one in told:
        if one is not None:
            earlier = everybody.get(one.record_key)
            everybody[one.record_key] = earlier.overlaid_by(one) if earlier else one
    ids: dict[RecordKey, int] = {}
    gone = forgotten(everybody.values()) if origin == Origin.HISTORY else set()
    asked = [one for one in everybody.values() if one.record_key not in gone]
    for start in range(0, len(asked), _BATCH):
        ids |= _recognise_batch(asked[start : start + _BATCH], actor=actor, origin=origin, record=record)
    return [ids.get(one.record_key) if one is not None else None for one in told]


def _recognise_batch(
    people: Sequence[Told], *, actor: str, origin: str, record: Callable[[Iterable[Happened]], None]
) -> dict[RecordKey, int]:
    """As `recognise`, for people in normal form with different keys."""
    ids: dict[RecordKey, int] = {}
    waiting = list(people)
    met: set[int] = set()  # where we are the first, or have waited for whoever was
    for _round in range(_ROUNDS):
        known, holding = records.find(
            keys=(one.record_key for one in waiting),
            proofs=(proof for one in waiting for _kind, proof in proofs_of(one)),
            limits=barring.book().limits,
        )
        ids |= {key: found.id for key, found in known.items()}
        changes = Changes([(one, known[one.record_key]) for one in waiting if one.record_key in known])
        unknown = [one for one in waiting if one.record_key not in known]
        if not unknown and not changes:
            return ids
        holders = Holders(holding)
        if (places := changes.meetings(holders, met)) and records.meet(places):
            met.update(places)
            continue
        met.update(places)
        newcomers = [holders.take_in(one, met) for one in unknown]
        written = records.write_new(newcomers, rule_version=RULE_VERSION, actor=actor) if newcomers else {}
        met.update(place for newcomer in newcomers for place in newcomer.meetings)
        done = [(one.belonging, written[one.told.record_key]) for one in newcomers if one.told.record_key in written]
        refresh_customers(new.customer_id for _belonging, new in done if new.evidence)
        record(_recognised(belonging, new.record_id, new.evidence, origin) for belonging, new in done)
        changes.write(holders)
        met_others = [*holders.others_met_by(newcomers, written), *changes.others_met(holders)]
        for record_id, another_id, kind in met_others:
            join_or_ask(record_id, another_id, basis=Basis.RECOGNISED, evidence=kind, actor=actor, origin=origin)
        ids |= {key: new.record_id for key, new in written.items()}
        # Whoever is missing met somebody at the same moment; now that one can be seen.
        waiting = [one for one in unknown if one.record_key not in written]
        if not waiting:
            return ids
    raise Busy(_("Very busy right now. Try again in a moment."))


def _recognised(belonging: Belonging, record_id: int, evidence: str, origin: str) -> Happened:
    return Happened(
        topic="customer.recognised",
        object_type="customer",
        object_key=str(belonging.customer_key),
        occurred_at=timezone.now(),
        origin=origin,
        payload={
            "customer": str(belonging.customer_key),
            "source_record": record_id,
            "kind": "recognised" if evidence else "new",
            "evidence": evidence,
        },
    )


def proofs_of(one: Told) -> Iterator[tuple[str, Proof]]:
    """What proves who somebody is, strongest first: (kind, proof)."""
    rules = barring.book()
    verified = {sign.kind: sign.value for sign in reversed(one.signs) if sign.verified}
    for kind in EDGES:
        if kind in verified and not rules.bars(kind, verified[kind]):
            yield kind, (kind, verified[kind], one.source if kind == Kind.ACCOUNT else "")


class Holders:
    """Who is known by which proof: from the database, and from earlier people of the same batch."""

    def __init__(self, known: dict[Proof, Holder]) -> None:
        self._holders = {proof: Belonging(holder.customer_key, holder) for proof, holder in known.items()}
        self._read = frozenset(known)

    def take_in(self, one: Told, met: Collection[int]) -> Newcomer:
        """The customer a new record belongs to, who from now on is known by all its proofs; not met yet are those that nobody
        was known by."""
        belonging = Belonging(new_id())
        for kind, proof in proofs_of(one):
            if (held := self._holders.get(proof)) is not None and not self._is_over(one, held):
                belonging = replace(held, evidence=kind)
                break
        for _kind, proof in proofs_of(one):
            self._holders.setdefault(proof, replace(belonging, first=belonging.first or one.record_key, evidence=""))
        unknown = (meeting_id(*proof) for _kind, proof in proofs_of(one) if proof not in self._read)
        return Newcomer(one, belonging, tuple(place for place in unknown if place not in met))

    def were_read(self, proof: Proof) -> bool:
        """Whether somebody was known by a proof before this batch."""
        return proof in self._read

    @staticmethod
    def _is_over(one: Told, held: Belonging) -> bool:
        """Whether somebody would get more of a kind of identifier than one customer has."""
        full = held.holder.full if held.holder else {}
        return any(sign.verified and sign.value not in full.get(sign.kind, (sign.value,)) for sign in one.signs)

    def others_met_by(
        self, newcomers: Sequence[Newcomer], written: Mapping[RecordKey, Written]
    ) -> Iterator[tuple[int, int, str]]:
        """What new records have of other customers than the one they went to: (record, the other's record, kind of proof)."""
        for newcomer in newcomers:
            if (new := written.get(newcomer.told.record_key)) is not None:
                yield from self.others_met(newcomer.told, new.record_id, newcomer.belonging.customer_key)

    def others_met(self, one: Told, record_id: int, customer_key: uuid.UUID) -> Iterator[tuple[int, int, str]]:
        for kind, proof in proofs_of(one):
            held = self._holders.get(proof)
            if held is not None and held.holder is not None and held.customer_key != customer_key:
                yield record_id, held.holder.record_id, kind

    def is_anothers(self, sign: Sign, customer_key: uuid.UUID) -> bool:
        """Whether an identifier that everybody has alone, a card, is another customer's proof."""
        holder = self._holders.get((sign.kind, sign.value, ""))
        return sign.kind == Kind.CARD and holder is not None and holder.customer_key != customer_key


@dataclass
class Changes:
    """What is new of people whose records exist."""

    found: Sequence[tuple[Told, KnownRecord]]
    _changed: list[tuple[Told, KnownRecord]] = field(init=False)

    def __post_init__(self) -> None:
        self._changed = [
            (one, record)
            for one, record in self.found
            if record.details.overlaid_by(one.details) != record.details
            or self._new_signs(one, record)
            or (one.home_location_id and not record.home_location_id)
        ]

    def __bool__(self) -> bool:
        return bool(self._changed)

    @staticmethod
    def _new_signs(one: Told, record: KnownRecord) -> list[Sign]:
        """Identifiers not kept yet. One kept as evidence is new only when an address turns out to be verified."""
        kept = {(sign.kind, sign.value): False for sign in record.signs}
        kept |= {(sign.kind, sign.value): True for sign in record.signs if sign.verified}

        def is_new(sign: Sign) -> bool:
            as_proof = kept.get((sign.kind, sign.value))
            return as_proof is None or (sign.kind in _VERIFIABLE and sign.verified and not as_proof)

        return [sign for sign in one.signs if is_new(sign)]

    def meetings(self, holders: Holders, met: Collection[int]) -> list[int]:
        """Where others would be met who bring a proof now that known people newly have and nobody is known by."""
        places: set[int] = set()
        for one, record in self._changed:
            new = {(sign.kind, sign.value) for sign in self._new_signs(one, record)}
            brought = [proof for _kind, proof in proofs_of(one) if proof[:2] in new]
            places.update(meeting_id(*proof) for proof in brought if not holders.were_read(proof))
        return sorted(places.difference(met))

    def others_met(self, holders: Holders) -> Iterator[tuple[int, int, str]]:
        """What known people newly have of other customers."""
        for one, record in self._changed:
            new = {(sign.kind, sign.value) for sign in self._new_signs(one, record)}
            for met in holders.others_met(one, record.id, record.customer_key):
                if any(kind == met[2] for kind, _value in new):
                    yield met

    def _is_new_post(self, one: Told, record: KnownRecord) -> bool:
        return any(sign.kind in (Kind.KVK, Kind.VAT) for sign in self._new_signs(one, record))

    def write(self, holders: Holders) -> None:
        details, signs, homes, moves, posts = [], [], [], [], []
        for one, record in self._changed:
            merged = record.details.overlaid_by(one.details)
            if merged != record.details:
                details.append((record.id, merged))
            if merged.household != record.details.household:
                moves.append((record.id, merged.household))
            for sign in self._new_signs(one, record):
                # A card that belongs to somebody else is evidence that the two are one, not proof against its owner.
                another = holders.is_anothers(sign, record.customer_key)
                signs.append((record.id, sign._replace(verified=False) if another else sign))
            if one.home_location_id and not record.home_location_id:
                homes.append((record.id, one.home_location_id))
            if (key := one.organisation_key) is not None and self._is_new_post(one, record):
                posts.append((record.id, Post(key, merged.organisation, one.sign_of(Kind.KVK), one.sign_of(Kind.VAT))))
        if details:
            appending.append_details(details)
        if signs:
            appending.append_signs(signs)
        if homes:
            appending.settle_homes(homes)
        if moves:
            appending.move_house(moves)
        if posts:
            appending.speak_for(posts)
        if details or signs:
            refresh_customers(record.customer_id for _one, record in self._changed)
