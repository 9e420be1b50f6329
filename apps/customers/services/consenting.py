"""Consent: given and withdrawn as events; the last one per purpose counts."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from apps.customers.models import Consent


@transaction.atomic
def record_consent(
    *,
    source_record_id: int,
    purpose: str,
    given: bool,
    text_version: str,
    proof: str,
    occurred_at: dt.datetime | None = None,
) -> Consent:
    """Write down that somebody agreed to a purpose, or no longer does.

    `text_version` names the text they saw, `proof` where they said it ("webshop", "store S001").
    """
    return Consent.objects.create(
        source_record_id=source_record_id,
        purpose=purpose,
        given=given,
        text_version=text_version,
        proof=proof,
        occurred_at=occurred_at or timezone.now(),
    )


def current_consents(source_record_ids: Iterable[int]) -> dict[str, Consent]:
    """What holds now for somebody, over all their records: purpose to the last word on it; unasked purposes are left out."""
    last = (
        Consent.objects.filter(source_record__in=list(source_record_ids))
        .order_by("purpose", "-occurred_at", "-pk")
        .distinct("purpose")
    )
    return {consent.purpose: consent for consent in last}


def may_use(source_record_ids: Iterable[int], purpose: str) -> bool:
    """Whether somebody's data may be used for a purpose."""
    consent = current_consents(source_record_ids).get(purpose)
    return consent is not None and consent.given
