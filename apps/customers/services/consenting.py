"""Consent: given and withdrawn as words that are never changed; what holds now is folded from them.

Of one source record the last word per purpose counts. Where records were joined, the joining counts too: what each side had
said until then becomes the most restrictive of the two, until the person says something again. A side that said nothing
restricts nothing; but a word allows mail only to the addresses of the record it was said by (`may_write_to`), so that a wrong
joining never lets us write to somebody who did not ask for it. Taken apart, each side has what it had said itself.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.core.acting import current_act
from apps.core.statements import Reading
from apps.customers.models import Consent, ConsentText, Identifier, MatchEvent, PersonDetails, SourceRecord
from apps.customers.services.restricting import is_restricted, restricted_among
from apps.customers.services.withdrawing import forget_payment_cards

Basis = Consent.Basis
SOFT_OPT_IN_HOLDS = dt.timedelta(days=2 * 365)


@dataclass(frozen=True)
class Standing:
    """What holds for a purpose: the word that counts, and who said what.

    `is_contested`: records that were joined had said different things, and the person has not said since which it is.
    `allowing` are the records whose own word allows it.
    """

    word: Consent
    is_contested: bool = False
    allowing: frozenset[int] = frozenset()

    @property
    def is_live(self) -> bool:
        return self.word.holds


@transaction.atomic
def record_consent(
    *,
    source_record_id: int,
    purpose: str,
    given: bool,
    text_version: str,
    proof: str,
    occurred_at: dt.datetime | None = None,
    said: str = Consent.Said.ONLINE,
    locale: str = "",
    expires_at: dt.datetime | None = None,
) -> Consent:
    """Write down that somebody agreed to a purpose, or no longer does.

    `text_version` names the text they saw, `locale` the language of it, `proof` where they said it ("webshop", "store S001").
    A moment in the future is taken for now. Without consent to be recognised by payment card, the cards known of them end here.
    """
    now = timezone.now()
    word = Consent.objects.create(
        source_record_id=source_record_id,
        purpose=purpose,
        given=given,
        text_version=text_version,
        text=ConsentText.objects.in_words_of(purpose=purpose, version=text_version, locale=locale),
        said=said,
        proof=proof,
        occurred_at=min(occurred_at or now, now),
        expires_at=expires_at if given else None,
    )
    if purpose == Consent.Purpose.PAYMENT_RECOGNITION and not may_use(records_with(source_record_id), purpose):
        forget_payment_cards(source_record_id=source_record_id, actor=current_act().actor)
    return word


@transaction.atomic
def record_soft_opt_in(
    *,
    source_record_id: int,
    purpose: str,
    order_number: str,
    text_version: str,
    proof: str,
    at: dt.datetime,
    locale: str = "",
) -> Consent | None:
    """Write down that somebody bought from us, was told that we write about similar goods, and did not object.

    It holds for two years from the purchase. Whoever ever said a word of their own is not overruled by a purchase: None.
    """
    record = SourceRecord.objects.get(pk=source_record_id)
    at = min(at, timezone.now())  # a shop's clock may run ahead
    records = list(SourceRecord.objects.filter(customer=record.customer_id).values_list("pk", flat=True))
    spoken = Consent.objects.filter(source_record__in=records, purpose=purpose, basis=Basis.CONSENT)
    if spoken.exists():
        return None
    return Consent.objects.create(
        source_record_id=source_record_id,
        purpose=purpose,
        given=True,
        basis=Basis.SOFT_OPT_IN,
        order_number=order_number,
        text_version=text_version,
        text=ConsentText.objects.in_words_of(purpose=purpose, version=text_version, locale=locale),
        proof=proof,
        occurred_at=at,
        expires_at=at + SOFT_OPT_IN_HOLDS,
    )


@transaction.atomic
def take_back_soft_opt_in(*, source_record_id: int, order_number: str, proof: str) -> None:
    """End what an order allowed that came to nothing. Where an earlier purchase still allows it, that is said again.

    What the customer said themself since, or bought since, is left as it is.
    """
    words: dict[str, list[Consent]] = defaultdict(list)
    for word in Consent.objects.filter(source_record=source_record_id).order_by("occurred_at", "pk"):
        words[word.purpose].append(word)
    for said in words.values():
        last = said[-1]
        if last.given and last.basis == Basis.SOFT_OPT_IN and last.order_number == order_number:
            undone = {order_number} | {word.order_number for word in said if not word.given}
            _say_again(last, given=False, proof=proof)
            if stands := [word for word in said if word.holds and word.order_number not in undone]:
                _say_again(stands[-1], given=True, proof=proof)


def _say_again(word: Consent, *, given: bool, proof: str) -> None:
    Consent.objects.create(
        source_record_id=word.source_record_id,
        purpose=word.purpose,
        given=given,
        basis=word.basis,
        order_number=word.order_number,
        text_version=word.text_version,
        text_id=word.text_id,
        proof=proof,
        occurred_at=max(timezone.now(), word.occurred_at),
        expires_at=word.expires_at if given else None,
    )


@transaction.atomic
def withdraw(
    *, source_record_id: int, purposes: Iterable[str], said: str, proof: str, locale: str = ""
) -> list[Consent]:
    """Somebody no longer wants these purposes. What did not hold anyway is left as it is."""
    records = records_with(source_record_id)
    now = standings(records)
    return [
        record_consent(
            source_record_id=source_record_id,
            purpose=purpose,
            given=False,
            text_version="",
            said=said,
            proof=proof,
            locale=locale,
        )
        for purpose in purposes
        if purpose in now and now[purpose].is_live
    ]


def records_with(source_record_id: int) -> list[int]:
    """The records of whoever this record is of."""
    same = SourceRecord.objects.filter(customer__source_records=source_record_id)
    return list(same.order_by("pk").values_list("pk", flat=True))


def current_consents(source_record_ids: Iterable[int]) -> dict[str, Consent]:
    """The word that counts for each purpose, over all records of somebody; unasked purposes are left out."""
    return {purpose: standing.word for purpose, standing in standings(source_record_ids).items()}


def may_use(source_record_ids: Iterable[int], purpose: str) -> bool:
    """Whether somebody's data may be used for a purpose: they allow it, and did not restrict all use."""
    records = list(source_record_ids)
    standing = standings(records).get(purpose)
    return standing is not None and standing.is_live and not is_restricted(records)


def may_write_to(source_record_id: int, *, purpose: str, address: str) -> bool:
    """Whether a mail for this purpose may go to this address: they allow it, and it was said with this address in hand."""
    records = records_with(source_record_id)
    standing = standings(records).get(purpose)
    if standing is None or not standing.is_live or is_restricted(records):
        return False
    wanted = address.strip().lower()
    told = PersonDetails.objects.filter(source_record__in=standing.allowing, email__iexact=wanted)
    known = Identifier.objects.filter(
        source_record__in=standing.allowing, kind=Identifier.Kind.EMAIL, value__iexact=wanted
    )
    return told.exists() or known.exists()


def customers_allowing(customer_ids: Collection[int], purpose: str) -> set[int]:
    """Those of many customers whose data may be used for a purpose, in three statements."""
    words: dict[int, list[Consent]] = defaultdict(list)
    rows = Consent.objects.filter(purpose=purpose, source_record__customer__in=customer_ids)
    for word, customer_id in ((w, w.source_record.customer_id) for w in rows.select_related("source_record")):
        words[customer_id].append(word)
    asked = {customer: said for customer, said in words.items() if any(word.holds for word in said)}
    joined = _timelines({word.source_record_id for said in asked.values() for word in said})
    allowed = {customer for customer, said in asked.items() if _folded(said, joined)[purpose].is_live}
    return allowed - restricted_among(allowed) if allowed else allowed


def standings(source_record_ids: Iterable[int]) -> dict[str, Standing]:
    """What holds now for somebody, over all their records, by purpose; unasked purposes are left out."""
    words = _words.objects(records=list(source_record_ids))
    return _folded(words, _timelines({word.source_record_id for word in words})) if words else {}


_words = Reading(Consent, lambda asked: Consent.objects.filter(source_record__in=asked["records"]))

# --- the fold ---------------------------------------------------------------------------------------------------------

Timeline = list[tuple[dt.datetime, UUID]]  # since when a record belonged to which customer, oldest first
_EVER = dt.datetime.min.replace(tzinfo=dt.UTC)


def _timelines(record_ids: Collection[int]) -> dict[int, Timeline]:
    """Only where more than one record spoke is there anything to ask."""
    timelines: dict[int, Timeline] = defaultdict(list)
    if len(record_ids) > 1:
        rows = MatchEvent.objects.filter(source_record__in=record_ids).order_by("pk")
        for record_id, at, key in rows.values_list("source_record", "recorded_at", "customer_key"):
            # Whoever was recognised when their record was written said everything as the person they are.
            timelines[record_id].append((at if timelines[record_id] else _EVER, key))
    return timelines


def _together_since(one: Timeline, other: Timeline) -> dt.datetime:
    """Since when two records, which are one customer's now, have been so without a break."""
    changes = sorted({at for at, _key in (*one, *other)}, reverse=True)
    since = changes[0] if changes else _EVER
    for at in changes:
        if _at(one, at) != _at(other, at):
            return since
        since = at
    return since


def _at(timeline: Timeline, at: dt.datetime) -> UUID | None:
    return next((key for since, key in reversed(timeline) if since <= at), None)


def _folded(words: Iterable[Consent], timelines: Mapping[int, Timeline]) -> dict[str, Standing]:
    by_purpose: dict[str, list[Consent]] = defaultdict(list)
    for word in words:
        by_purpose[word.purpose].append(word)
    return {purpose: _fold(said, timelines) for purpose, said in by_purpose.items()}


def _fold(words: list[Consent], timelines: Mapping[int, Timeline]) -> Standing:
    """Words and joinings in the order of time: a word replaces what its side had said, a joining takes the most restrictive."""
    speakers = sorted({word.source_record_id for word in words})
    side = {record_id: record_id for record_id in speakers}  # which side each record is on, by one record of it
    held: dict[int, Standing] = {}
    joins = [
        (_together_since(timelines.get(one, []), timelines.get(other, [])), one, other)
        for index, one in enumerate(speakers)
        for other in speakers[index + 1 :]
    ]
    said = sorted(words, key=lambda word: (word.occurred_at, word.pk))
    for at, one, other in sorted(joins):
        while said and said[0].occurred_at < at:
            _hear(said.pop(0), side, held)
        _join(side[one], side[other], side, held)
    for word in said:
        _hear(word, side, held)
    [standing] = held.values()
    return standing


def _hear(word: Consent, side: dict[int, int], held: dict[int, Standing]) -> None:
    earlier = held.get(side[word.source_record_id])
    allowing = frozenset({word.source_record_id}) if word.given else frozenset()
    if earlier is not None and word.given and earlier.word.given:
        allowing |= earlier.allowing
    held[side[word.source_record_id]] = Standing(word, allowing=allowing)


def _join(one: int, other: int, side: dict[int, int], held: dict[int, Standing]) -> None:
    if one == other:
        return
    for record_id, of in side.items():
        if of == other:
            side[record_id] = one
    said = [held.pop(of) for of in (one, other) if of in held]
    if said:
        strictest = min(said, key=_freedom)
        contested = len({standing.word.given for standing in said}) > 1 or any(s.is_contested for s in said)
        allowing = (
            frozenset[int]().union(*(standing.allowing for standing in said)) if strictest.word.given else frozenset()
        )
        held[one] = replace(strictest, is_contested=contested, allowing=allowing)


def _freedom(standing: Standing) -> tuple[bool, bool, dt.datetime]:
    """How much a standing allows: nothing, what a purchase allows, what was asked for; and for how long."""
    word = standing.word
    for_ever = dt.datetime.max.replace(tzinfo=dt.UTC)
    return word.holds, word.basis == Basis.CONSENT, word.expires_at or for_ever
