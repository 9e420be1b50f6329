"""Carrying out an objection (article 21): what we do only with somebody's leave ends, and no purchase brings it back."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from apps.customers.models import Consent, PrivacyRequest, PrivacyStep
from apps.customers.rights.handling import check_identified, note_step
from apps.customers.services.consenting import record_consent


@transaction.atomic
def stop(*, request: PrivacyRequest, purposes: Collection[str], principal: Any) -> PrivacyRequest:
    """Write down that somebody no longer wants these purposes, asked or not.

    Raises Conflict before it is known that it is them.
    """
    check_identified(request)
    for purpose in purposes:
        record_consent(
            source_record_id=request.source_record_id,
            purpose=purpose,
            given=False,
            text_version="",
            said=Consent.Said.REQUEST,
            proof=request.number,
        )
    words = ", ".join(str(Consent.Purpose(purpose).label) for purpose in purposes)
    note_step(request, PrivacyStep.Kind.STOPPED, words=words, principal=principal)
    return request
