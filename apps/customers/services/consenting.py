"""Consent: given and withdrawn as words that are never changed; what holds now is folded from them (`folding`).

A word allows mail only to the addresses of the record it was said by (`may_write_to`), so that a wrong joining never lets us
write to somebody who did not ask for it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db import transaction
from django.utils import timezone

from apps.core.acting import current_act
from apps.core.statements import KeptQuery
from apps.customers.models import Consent, ConsentText, Identifier, PersonDetails, SourceRecord
from apps.customers.services.folding import Standing, folded, timelines_of
from apps.customers.services.restricting import is_restricted, restricted_among
from apps.customers.services.withdrawing import forget_payment_cards

Basis = Consent.Basis
SOFT_OPT_IN_HOLDS = dt.timedelta(days=2 * 365)


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
    at = min(at, timezone.now())  # a shop's clock may run ahead
    spoken = Consent.objects.filter(
        source_record__in=records_with(source_record_id), purpose=purpose, basis=Basis.CONSENT
    )
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
    """An order came to nothing: what it allowed counts as never said, whatever was said before or since."""
    said = Consent.objects.filter(
        source_record__in=records_with(source_record_id), basis=Basis.SOFT_OPT_IN, order_number=order_number, given=True
    )
    Consent.objects.bulk_create(
        Consent(
            source_record_id=word.source_record_id,
            purpose=word.purpose,
            given=False,
            basis=word.basis,
            order_number=word.order_number,
            text_version=word.text_version,
            text_id=word.text_id,
            proof=proof,
        )
        for word in said
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
    joined = timelines_of({word.source_record_id for said in asked.values() for word in said})
    standing = ((customer, folded(said, joined).get(purpose)) for customer, said in asked.items())
    allowed = {customer for customer, word in standing if word is not None and word.is_live}
    return allowed - restricted_among(allowed) if allowed else allowed


def standings(source_record_ids: Iterable[int]) -> dict[str, Standing]:
    """What holds now for somebody, over all their records, by purpose; unasked purposes are left out."""
    words = _words.read(records=list(source_record_ids))
    return folded(words, timelines_of({word.source_record_id for word in words})) if words else {}


_words = KeptQuery(lambda asked: Consent.objects.filter(source_record__in=asked["records"]))
